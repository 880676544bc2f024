/**
 * Lanes of the flame graph: a span lies under its parent, in the first lane that is free at its start, so that spans that
 * run at the same time lie under each other. One sweep in order of start; lanes are looked through up to a bound.
 */
import type { Trace } from "./model";

export interface Flame {
  lanes: number;
  lane: Int32Array;
  /** Spans lane by lane, each lane in order of start. */
  from: Int32Array;
  spans: Int32Array;
}

/** How many lanes are tried before a span is put over others: 50,000 spans at once would else take a minute. */
const TRIES_MAX = 256;

export function flameOf(trace: Trace): Flame {
  const { count, start, duration, parent, depth } = trace;
  const lane = new Int32Array(count);
  const busyUntil: number[] = [];
  const swept = sweep(trace);
  for (const span of swept) {
    const lowest = depth[span] > 0 ? lane[parent[span]] + 1 : 0;
    let at = lowest;
    while (at < lowest + TRIES_MAX && (busyUntil[at] ?? -1) > start[span]) at++;
    lane[span] = at;
    while (busyUntil.length <= at) busyUntil.push(-1);
    busyUntil[at] = Math.max(busyUntil[at], start[span] + duration[span]);
  }
  const lanes = busyUntil.length;
  const from = new Int32Array(lanes + 1);
  for (let span = 0; span < count; span++) from[lane[span] + 1]++;
  for (let at = 0; at < lanes; at++) from[at + 1] += from[at];
  const next = from.slice();
  const spans = new Int32Array(count);
  for (const span of swept) spans[next[lane[span]]++] = span;
  return { lanes, lane, from, spans };
}

/** By start, but parents before children that a skewed clock lets begin earlier: each span is put once, no sorting. */
function sweep(trace: Trace): Int32Array {
  const { count, parent, byStart } = trace;
  const swept = new Int32Array(count);
  const done = new Uint8Array(count);
  const chain: number[] = [];
  let filled = 0;
  for (const first of byStart) {
    for (let span = first; span >= 0 && done[span] === 0; span = parent[span]) {
      done[span] = 1;
      chain.push(span);
    }
    while (chain.length > 0) swept[filled++] = chain.pop()!;
  }
  return swept;
}

/** The span of a lane at a time, with some slack for those thinner than a pixel; -1 for none. */
export function spanAt(trace: Trace, flame: Flame, lane: number, at: number, slack: number): number {
  if (lane < 0 || lane >= flame.lanes) return -1;
  let low = flame.from[lane];
  let high = flame.from[lane + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (trace.start[flame.spans[middle]] <= at + slack) low = middle + 1;
    else high = middle;
  }
  const span = low > flame.from[lane] ? flame.spans[low - 1] : -1;
  return span >= 0 && at <= trace.start[span] + trace.duration[span] + slack ? span : -1;
}
