import type { Line } from "./plot";
import { isShown, type Shown } from "./Legend";

const NAMES_MAX = 24;

/** A line of names, for charts whose dashboard asks for no table. */
export function NameLegend({ lines, shown, onShow }: { lines: Line[]; shown: Shown; onShow: (shown: Shown) => void }) {
  return (
    <ul className="names" aria-label="Series">
      {lines.slice(0, NAMES_MAX).map((line) => (
        <li key={line.key}>
          <button
            type="button"
            className={isShown(line, shown) ? "" : "off"}
            aria-pressed={shown.solo === line.key}
            title={line.label}
            onClick={(event) => {
              const hide = event.ctrlKey || event.metaKey || event.shiftKey;
              if (!hide) return onShow({ solo: shown.solo === line.key ? null : line.key, hidden: [] });
              const hidden = shown.hidden.includes(line.key)
                ? shown.hidden.filter((key) => key !== line.key)
                : [...shown.hidden, line.key];
              onShow({ solo: null, hidden });
            }}
          >
            <span className="dot" style={{ background: line.colour }} />
            <span className="cut">{line.label}</span>
          </button>
        </li>
      ))}
      {lines.length > NAMES_MAX && <li className="dim">and {lines.length - NAMES_MAX} more</li>}
    </ul>
  );
}
