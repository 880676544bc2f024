/** The critical path by span: the stretches in which the trace waits for it. */
import type { Trace } from "./model";

export interface Critical {
  /** Ends of each span's run in `stretch`, n + 1 of them. */
  from: Int32Array;
  /** Pairs of ns from the start of the trace. */
  stretch: Float64Array;
  /** Sum of a span's stretches, in ns. */
  waits: Float64Array;
}

export function criticalOf(trace: Trace, path: readonly (readonly [number, number, number])[]): Critical {
  const real = path.filter(([span, low, high]) => span >= 0 && span < trace.count && high > low);
  const from = new Int32Array(trace.count + 1);
  const waits = new Float64Array(trace.count);
  for (const [span] of real) from[span + 1]++;
  for (let span = 0; span < trace.count; span++) from[span + 1] += from[span];
  const next = from.slice();
  const stretch = new Float64Array(real.length * 2);
  for (const [span, low, high] of real) {
    const at = next[span]++ * 2;
    stretch[at] = low;
    stretch[at + 1] = high;
    waits[span] += high - low;
  }
  return { from, stretch, waits };
}

/** The longest waits, longest first: what would make the trace faster. */
export function longestWaits(critical: Critical, most: number): number[] {
  const spans: number[] = [];
  for (let span = 0; span < critical.waits.length; span++) if (critical.waits[span] > 0) spans.push(span);
  return spans.sort((a, b) => critical.waits[b] - critical.waits[a]).slice(0, most);
}
