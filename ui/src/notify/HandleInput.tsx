import { useQuery } from "@tanstack/react-query";
import { handles } from "../api/channels";
import { FieldInput } from "../rows/FieldInput";
import { Icon } from "../ui/Icon";

/** Handles, one after the other: `@slack-ops @ada@example.com`; what there is is offered, any address can be typed. */
export function HandleInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { data } = useQuery(handles(""));
  const chosen = value.split(/\s+/).filter(Boolean);
  const options = (data?.handles ?? []).filter(({ handle }) => !chosen.includes(handle));
  return (
    <span className="handles">
      {chosen.map((handle) => (
        <span key={handle} className="chip mono">
          {handle}
          <button
            type="button"
            aria-label={`Remove ${handle}`}
            onClick={() => onChange(chosen.filter((each) => each !== handle).join(" "))}
          >
            <Icon name="close" size={11} />
          </button>
        </span>
      ))}
      <FieldInput
        key={chosen.length}
        label="Add a handle"
        placeholder={chosen.length > 0 ? "and …" : "@somebody@example.com or a channel"}
        options={options.map(({ handle, channel }) => ({ value: handle, detail: channel ?? "" }))}
        free={(text) => (text ? (text.startsWith("@") ? text : `@${text}`) : null)}
        onPick={(handle) => onChange([...chosen, handle].join(" "))}
      />
    </span>
  );
}
