import type { Transition } from "../api/monitorModel";
import type { Span } from "../time/range";
import type { PlotArea } from "./plotArea";
import { toneOfStatus } from "./status";

interface Props {
  area: PlotArea;
  span: Span;
  transitions?: Transition[];
  window?: Span;
}

/** Beyond this many, ticks would say only that there are many: alerts alone are drawn. */
const TICKS_MAX = 40;

/** What lies over a plot and lets the pointer through: the window that was measured, and when states changed. */
export function Overlay({ area, span, transitions = [], window: measured }: Props) {
  const { left, top, width, height } = area;
  const length = span.toMs - span.fromMs;
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - span.fromMs) / length));
  const all = transitions.filter(({ at_ms }) => at_ms >= span.fromMs && at_ms <= span.toMs);
  const inside = all.length > TICKS_MAX ? all.filter(({ to }) => to === "Alert") : all;
  return (
    <div className="plot-overlay" style={{ left, top, width, height }} aria-hidden="true">
      {measured && (
        <span
          className="measured-window"
          style={{
            left: `${share(measured.fromMs) * 100}%`,
            width: `${(share(measured.toMs) - share(measured.fromMs)) * 100}%`,
          }}
        />
      )}
      {inside.map(({ at_ms, group, to }) => (
        <span
          key={`${at_ms}${group}`}
          className={`state-tick ${toneOfStatus(to)}`}
          style={{ left: `${share(at_ms) * 100}%` }}
        />
      ))}
    </div>
  );
}
