/** Buckets of a latency distribution as bars, their percentiles, and the buckets of a drag. */

export interface Distribution {
  bounds_ns: number[];
  counts: number[];
  errors: number[];
}

/** Buckets without anything at either end are left out. */
export function trimmed({ bounds_ns, counts, errors }: Distribution): Distribution {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return { bounds_ns: [], counts: [], errors: [] };
  let last = counts.length - 1;
  while (counts[last] === 0) last--;
  return {
    bounds_ns: bounds_ns.slice(first, last + 2),
    counts: counts.slice(first, last + 1),
    errors: errors.slice(first, last + 1),
  };
}

/** The bucket in which a share of all is reached, and how far into it, as a place on the axis of buckets. */
export function placeOf(counts: number[], share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let left = total * share;
  for (const [bucket, count] of counts.entries()) {
    if (left <= count && count > 0) return bucket + left / count;
    left -= count;
  }
  return counts.length;
}

/** The time at a place on the axis: buckets grow by a factor, so within one it is read by that factor too. */
export function timeAtPlace(bounds: number[], place: number): number {
  const bucket = Math.min(bounds.length - 2, Math.max(0, Math.floor(place)));
  const low = bounds[bucket];
  const high = bounds[bucket + 1];
  const within = place - bucket;
  if (low <= 0 || !Number.isFinite(high)) return low + (Number.isFinite(high) ? (high - low) * within : 0);
  return low * (high / low) ** within;
}

/** From the first bucket to the last, whichever end the drag began at. */
export function bucketsBetween(a: number, b: number, count: number): [number, number] {
  const clamp = (place: number) => Math.max(0, Math.min(count - 1, Math.floor(place)));
  return [clamp(Math.min(a, b)), clamp(Math.max(a, b))];
}

/** Ends of a selection as the search writes them; whole ns. */
export function durationTerm(minNs: number, maxNs: number): string {
  const high = Number.isFinite(maxNs) ? String(Math.ceil(maxNs)) : "*";
  return `@duration:[${Math.max(0, Math.floor(minNs))} TO ${high}]`;
}
