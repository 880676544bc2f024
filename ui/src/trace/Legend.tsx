import type { ServiceShare, Trace } from "./model";
import { nsText } from "./scale";
import type { TraceInk } from "./scene";

interface Props {
  trace: Trace;
  shares: ServiceShare[];
  ink: TraceInk;
  focus: number | null;
  /** The service under the pointer or the one that is kept; null for none. */
  onFocus: (service: number | null, keep: boolean) => void;
}

const SHOWN_MAX = 14;

/** Services by the time that was spent in them; one that is pressed stands out in every view. */
export function ServiceLegend({ trace, shares, ink, focus, onFocus }: Props) {
  const total = shares.reduce((sum, { own }) => sum + own, 0) || 1;
  return (
    <ul className="trace-legend" aria-label="Services of the trace">
      {shares.slice(0, SHOWN_MAX).map(({ service, own, spans, errors }) => {
        const name = trace.words.service[service];
        const percent = Math.round((own / total) * 100);
        return (
          <li key={service}>
            <button
              type="button"
              aria-pressed={focus === service}
              title={`${name}: ${nsText(own)} of its own, ${spans} spans${errors > 0 ? `, ${errors} errors` : ""}`}
              onClick={() => onFocus(focus === service ? null : service, true)}
              onMouseEnter={() => onFocus(service, false)}
              onMouseLeave={() => onFocus(null, false)}
            >
              <span className="dot" style={{ background: ink.service[service] }} />
              <span className="cut">{name}</span>
              <span className="dim">{percent < 1 ? "<1" : percent} %</span>
              {errors > 0 && <span className="legend-errors">{errors}</span>}
            </button>
          </li>
        );
      })}
      {shares.length > SHOWN_MAX && <li className="dim">and {shares.length - SHOWN_MAX} more</li>}
    </ul>
  );
}
