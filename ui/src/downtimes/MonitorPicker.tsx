import { useDeferredValue, useState } from "react";
import { useMonitors } from "../api/monitors";
import { Icon } from "../ui/Icon";
import { StatusDot } from "../notify/StatusDot";

const SHOWN = 8;

/** One monitor by its name; what is chosen stands as a chip until it is taken away. */
export function MonitorPicker({ value, onPick }: { value: number | null; onPick: (id: number | null) => void }) {
  const [text, setText] = useState("");
  const query = useDeferredValue(text);
  const { data } = useMonitors({ query: value === null ? query : "", sort: "name" });
  const all = data?.monitors ?? [];
  if (value !== null) {
    const chosen = all.find(({ id }) => id === value);
    return (
      <span className="chip">
        {chosen && <StatusDot status={chosen.status} />}
        <span className="cut">{chosen?.name ?? `Monitor ${value}`}</span>
        <button type="button" aria-label="Another monitor" onClick={() => onPick(null)}>
          <Icon name="close" size={11} />
        </button>
      </span>
    );
  }
  return (
    <div className="picker">
      <input
        className="input"
        aria-label="Find a monitor"
        placeholder="Find a monitor by its name or tag:…"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul className="picker-list" aria-label="Monitors">
        {all.slice(0, SHOWN).map(({ id, name, status }) => (
          <li key={id}>
            <button type="button" className="menu-item" onClick={() => onPick(id)}>
              <StatusDot status={status} />
              <span className="grow cut">{name}</span>
              <span className="dim">{id}</span>
            </button>
          </li>
        ))}
        {data && all.length === 0 && <li className="dim">No monitor is found by this.</li>}
        {all.length > SHOWN && (
          <li className="dim">and {(data?.total ?? all.length) - SHOWN} more: type a part of the name</li>
        )}
      </ul>
    </div>
  );
}
