import type { Transition } from "../api/monitorModel";
import type { Unit } from "../api/query";
import { stamp } from "../format/clock";
import { formatValue } from "../format/units";
import { groupText, kindText } from "./status";
import { StatusMark } from "./StatusMark";

const SHOWN = 60;

interface Props {
  transitions: Transition[];
  unit: Unit | null;
  onWhy: (transition: Transition) => void;
}

/** Every change of state in the range, the newest first; each leads to why it came. */
export function TransitionsCard({ transitions, unit, onWhy }: Props) {
  return (
    <section className="card transitions" aria-label="Changes of state">
      <h2>
        Changes of state <span className="dim">{transitions.length}</span>
      </h2>
      {transitions.length === 0 && <p className="dim">No group changed its state in this range.</p>}
      <ol>
        {transitions.slice(0, SHOWN).map((transition) => {
          const { at_ms, group, to, kind, value, muted, notice_key } = transition;
          return (
            <li key={`${at_ms}${group}${kind}`}>
              <button type="button" onClick={() => onWhy(transition)} title="Why?">
                <span className="dim transition-time">{stamp(at_ms)}</span>
                <StatusMark status={to} />
                <span className="mono cut grow">{groupText(group)}</span>
                <span className="dim">{kindText(kind)}</span>
                <span className="num transition-value">{formatValue(value, unit)}</span>
                <span className="dim transition-told">{muted ? "muted" : notice_key ? "told" : "not told"}</span>
              </button>
            </li>
          );
        })}
      </ol>
      {transitions.length > SHOWN && <p className="dim hint">{`the newest ${SHOWN} of ${transitions.length}`}</p>}
    </section>
  );
}
