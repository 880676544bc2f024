/** Buckets wider than what is left of them in view: drawn where they are seen, not beyond the chart's edge. */
import type { Span } from "../time/range";

/** A chart that holds a forecast goes on to its end. */
export function withFuture(span: Span, times: number[], stepMs: number): Span {
  const last = times[times.length - 1];
  return last !== undefined && last >= span.toMs ? { ...span, toMs: last + stepMs } : span;
}

/**
 * A bucket that began before the view is drawn in the middle of its visible part, so that an hour's sum shows in a chart of
 * fifteen minutes. All other buckets stand at their start.
 */
export function visibleTimes(times: number[], span: Span, stepMs: number): number[] {
  const hidden = times.findLastIndex((time) => time < span.fromMs);
  if (hidden < 0 || times[hidden] + stepMs <= span.fromMs) return times;
  const end = Math.min(times[hidden] + stepMs, span.toMs);
  return times.with(hidden, Math.floor((span.fromMs + end) / 2));
}
