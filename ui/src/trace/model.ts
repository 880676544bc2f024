/**
 * A trace as the page works on it: typed arrays over spans, and the tree in preorder. A subtree is a run of preorder, so
 * collapsing skips `size` places, and everything here takes one pass over 50,000 spans.
 */
import type { TraceColumns } from "../api/traces";

export interface Trace {
  id: string;
  startMs: number;
  /** Length of the whole trace in ns. */
  length: number;
  count: number;
  truncated: boolean;
  logs: number;
  ids: string[];
  start: Float64Array;
  duration: Float64Array;
  parent: Int32Array;
  service: Int32Array;
  name: Int32Array;
  resource: Int32Array;
  type: Int32Array;
  host: Int32Array;
  error: Uint8Array;
  words: TraceColumns["words"];
  /** Spans by their start. */
  byStart: Int32Array;
  /** Spans in the order of the waterfall. */
  order: Int32Array;
  /** A span's place in `order`. */
  place: Int32Array;
  depth: Int32Array;
  /** Spans of the subtree, the span itself included. */
  size: Int32Array;
  /** Time in which no child of it ran, in ns. */
  own: Float64Array;
  errors: Int32Array;
  /** Spans whose parent is not in the trace, though they name one, are roots too. */
  roots: number;
}

export function traceOf(answer: TraceColumns): Trace {
  const { spans, words } = answer;
  const count = spans.id.length;
  const start = new Float64Array(spans.start_ns);
  const duration = new Float64Array(spans.duration_ns);
  const parent = new Int32Array(spans.parent);
  const tree = treeOf(parent, start);
  const error = new Uint8Array(spans.error);
  const errors: number[] = [];
  for (const span of tree.order) if (error[span] === 1) errors.push(span);
  let length = Number(BigInt(answer.end_ns) - BigInt(answer.start_ns));
  for (let span = 0; span < count; span++) length = Math.max(length, start[span] + duration[span]);
  return {
    id: answer.trace_id,
    startMs: Number(BigInt(answer.start_ns) / 1000n) / 1000,
    length: Math.max(1, length),
    count,
    truncated: answer.truncated,
    logs: answer.logs_count,
    ids: spans.id,
    start,
    duration,
    parent,
    service: new Int32Array(spans.service),
    name: new Int32Array(spans.name),
    resource: new Int32Array(spans.resource),
    type: new Int32Array(spans.type),
    host: new Int32Array(spans.host),
    error,
    words,
    ...tree,
    own: ownTimes(tree.order, parent, start, duration),
    errors: Int32Array.from(errors),
  };
}

interface Tree {
  byStart: Int32Array;
  order: Int32Array;
  place: Int32Array;
  depth: Int32Array;
  size: Int32Array;
  roots: number;
}

/** Places of the spans by start: as they came when they are sorted already, which the server does. */
function sortedByStart(start: Float64Array): Int32Array {
  const all = new Int32Array(start.length);
  let sorted = true;
  for (let at = 0; at < start.length; at++) {
    all[at] = at;
    if (at > 0 && start[at] < start[at - 1]) sorted = false;
  }
  return sorted ? all : all.sort((a, b) => start[a] - start[b] || a - b);
}

/** Children of each span in order of start, as runs of one array; the last run is that of the roots. */
function childrenOf(parent: Int32Array, byStart: Int32Array): { from: Int32Array; child: Int32Array } {
  const count = parent.length;
  const bucket = (span: number) => (parent[span] < 0 ? count : parent[span]);
  const from = new Int32Array(count + 2);
  for (let span = 0; span < count; span++) from[bucket(span) + 1]++;
  for (let at = 0; at <= count; at++) from[at + 1] += from[at];
  const next = from.slice();
  const child = new Int32Array(count);
  for (const span of byStart) child[next[bucket(span)]++] = span;
  return { from, child };
}

/** Parents that are not there, or the span itself, become -1 in the array that is given. */
export function treeOf(parent: Int32Array, start: Float64Array): Tree {
  const count = parent.length;
  for (let span = 0; span < count; span++) {
    if (parent[span] < 0 || parent[span] >= count || parent[span] === span) parent[span] = -1;
  }
  const byStart = sortedByStart(start);
  const { from, child } = childrenOf(parent, byStart);
  const order = new Int32Array(count);
  const place = new Int32Array(count).fill(-1);
  const depth = new Int32Array(count);
  const size = new Int32Array(count).fill(1);
  const stack = new Int32Array(count + 1);
  let filled = 0;
  const descend = (root: number) => {
    let height = 0;
    stack[height++] = root;
    while (height > 0) {
      const span = stack[--height];
      if (place[span] >= 0) continue;
      place[span] = filled;
      order[filled++] = span;
      for (let at = from[span + 1] - 1; at >= from[span]; at--) {
        const below = child[at];
        if (place[below] >= 0) continue;
        depth[below] = depth[span] + 1;
        stack[height++] = below;
      }
    }
  };
  for (let at = from[count]; at < from[count + 1]; at++) descend(child[at]);
  const rooted = from[count + 1] - from[count];
  // Spans that are each other's ancestors hang on no root: the first of them is taken as one.
  let loose = 0;
  for (let span = 0; span < count && filled < count; span++) {
    if (place[span] >= 0) continue;
    parent[span] = -1;
    loose++;
    descend(span);
  }
  for (let at = count - 1; at >= 0; at--) {
    const span = order[at];
    if (parent[span] >= 0) size[parent[span]] += size[span];
  }
  return { byStart, order, place, depth, size, roots: rooted + loose };
}

/** In order of start a child is covered up to where its earlier siblings ended: what they leave is the parent's own. */
function ownTimes(order: Int32Array, parent: Int32Array, start: Float64Array, duration: Float64Array): Float64Array {
  const own = duration.slice();
  const covered = start.slice();
  for (const span of order) {
    const above = parent[span];
    if (above < 0) continue;
    const end = Math.min(start[span] + duration[span], start[above] + duration[above]);
    const from = Math.max(start[span], covered[above]);
    if (end <= from) continue;
    own[above] -= end - from;
    covered[above] = end;
  }
  return own;
}

export const endOf = (trace: Trace, span: number) => trace.start[span] + trace.duration[span];

/** Time and spans by service, the busiest first: the legend, and the order of the colours. */
export interface ServiceShare {
  service: number;
  own: number;
  spans: number;
  errors: number;
}

export function servicesOf(trace: Trace): ServiceShare[] {
  const shares = trace.words.service.map((_, service): ServiceShare => ({ service, own: 0, spans: 0, errors: 0 }));
  for (let span = 0; span < trace.count; span++) {
    const share = shares[trace.service[span]];
    if (!share) continue;
    share.own += trace.own[span];
    share.spans++;
    share.errors += trace.error[span];
  }
  return shares.filter(({ spans }) => spans > 0).sort((a, b) => b.own - a.own || a.service - b.service);
}

/** Where a reader wants to look first: the deepest error, else the span that keeps the trace waiting longest. */
export function telling(trace: Trace, waits: Float64Array): number {
  let best = -1;
  for (const span of trace.errors) if (best < 0 || trace.depth[span] > trace.depth[best]) best = span;
  if (best >= 0) return best;
  for (let span = 0; span < trace.count; span++) {
    if (best < 0 || waits[span] > waits[best]) best = span;
  }
  return best;
}

/** Rows above a span that must be open for it to be seen. */
export function ancestors(trace: Trace, span: number): number[] {
  const found: number[] = [];
  for (let above = trace.parent[span]; above >= 0 && found.length <= trace.depth[span]; above = trace.parent[above])
    found.push(above);
  return found;
}
