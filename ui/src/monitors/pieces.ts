/** Where the coloured pieces of a group's history lie on a line of a given width, and what they add up to. */
import type { Outage, Segment, Status } from "../api/monitorModel";
import { rangeText } from "../format/clock";
import type { Span } from "../time/range";

export interface Piece {
  status: Status;
  /** Shares of the width, 0 to 1. */
  left: number;
  width: number;
  fromMs: number;
  toMs: number;
}

/** A piece that would be thinner than this share is drawn this wide: one bad minute in a month is seen. */
const THINNEST = 0.002;

/**
 * Pieces inside of the span, cut at its ends, neighbours of one status joined. A trouble is never hidden: it is widened
 * at the cost of the OK beside it.
 */
export function piecesOf(segments: Segment[], { fromMs, toMs }: Span): Piece[] {
  const length = toMs - fromMs;
  if (length <= 0) return [];
  const pieces: Piece[] = [];
  for (const segment of [...segments].sort((a, b) => a.from_ms - b.from_ms)) {
    const start = Math.max(segment.from_ms, fromMs);
    const end = Math.min(segment.to_ms, toMs);
    if (end <= start) continue;
    const last = pieces[pieces.length - 1];
    if (last && last.status === segment.status && last.toMs >= start) {
      last.toMs = Math.max(last.toMs, end);
      continue;
    }
    pieces.push({ status: segment.status, left: 0, width: 0, fromMs: start, toMs: end });
  }
  for (const piece of pieces) {
    piece.left = (piece.fromMs - fromMs) / length;
    piece.width = (piece.toMs - piece.fromMs) / length;
    if (piece.status !== "OK" && piece.width < THINNEST) {
      piece.width = THINNEST;
      piece.left = Math.min(piece.left, 1 - THINNEST);
    }
  }
  return pieces;
}

export interface Band {
  left: number;
  width: number;
  text: string;
}

/** Where outages of Oriel itself lie within the span; a short one is widened to be seen. */
export function bandsOf(outages: Outage[], { fromMs, toMs }: Span): Band[] {
  const length = toMs - fromMs;
  return outages
    .filter(({ from_ms, to_ms }) => length > 0 && from_ms < toMs && to_ms > fromMs)
    .map(({ from_ms, to_ms, reason }) => {
      const left = Math.min((Math.max(from_ms, fromMs) - fromMs) / length, 1 - THINNEST);
      const width = Math.max((Math.min(to_ms, toMs) - fromMs) / length - left, THINNEST);
      const what = reason === "down" ? "Oriel was down" : "Oriel could take nothing in";
      return { left, width, text: `${what}, ${rangeText(from_ms, to_ms)}, ${spentText(to_ms - from_ms)}` };
    });
}

/** How long a group was in a status within the span. */
export function spentMs(segments: Segment[], status: Status, { fromMs, toMs }: Span): number {
  return segments
    .filter((segment) => segment.status === status)
    .reduce((sum, { from_ms, to_ms }) => sum + Math.max(0, Math.min(to_ms, toMs) - Math.max(from_ms, fromMs)), 0);
}

/** The status at a moment: what a pointer on the line reads out. */
export function statusAt(segments: Segment[], ms: number): Status | null {
  return segments.find(({ from_ms, to_ms }) => from_ms <= ms && ms < to_ms)?.status ?? null;
}

/** `2 d 4 h`, `3 h 12 min`, `45 s`: two figures at most. */
export function spentText(ms: number): string {
  const steps: [number, string][] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ];
  let rest = ms;
  const parts: string[] = [];
  for (const [size, unit] of steps) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(" ") || "0 s";
}
