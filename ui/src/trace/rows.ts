/** The rows of the waterfall: preorder without what is collapsed, or only what a search keeps. */
import type { Trace } from "./model";

export interface Rows {
  count: number;
  /** The span of each row. */
  span: Int32Array;
  /** The row of each span, -1 when it has none. */
  row: Int32Array;
}

export function rowsOf(trace: Trace, collapsed: ReadonlySet<number>, kept: Uint8Array | null = null): Rows {
  const span = new Int32Array(trace.count);
  const row = new Int32Array(trace.count).fill(-1);
  let count = 0;
  let at = 0;
  while (at < trace.count) {
    const current = trace.order[at];
    if (kept === null || kept[current] === 1) {
      row[current] = count;
      span[count++] = current;
    }
    at += collapsed.has(current) ? trace.size[current] : 1;
  }
  return { count, span: span.subarray(0, count), row };
}

/** Matches with all above them, so that each is seen in its place. */
export function withAncestors(trace: Trace, matches: Uint8Array): Uint8Array {
  const kept = matches.slice();
  for (let at = trace.count - 1; at >= 0; at--) {
    const span = trace.order[at];
    if (kept[span] === 1 && trace.depth[span] > 0) kept[trace.parent[span]] = 1;
  }
  return kept;
}

/** Everything at this depth and below closed; nothing open is left under it. */
export function collapsedFrom(trace: Trace, depth: number): Set<number> {
  const closed = new Set<number>();
  for (let span = 0; span < trace.count; span++) {
    if (trace.size[span] > 1 && trace.depth[span] >= depth) closed.add(span);
  }
  return closed;
}

/** The nearest ancestor that has a row: where a hidden span would be. */
export function rowNear(trace: Trace, rows: Rows, span: number): number {
  let at = span;
  for (let steps = 0; at >= 0 && steps <= trace.count; steps++) {
    if (rows.row[at] >= 0) return rows.row[at];
    at = trace.parent[at];
  }
  return 0;
}
