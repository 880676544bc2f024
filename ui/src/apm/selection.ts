/** A rectangle of the heat map: cells under a drag, the URL's writing of it, and the search that it stands for. */
import type { HeatmapAnswer, Selection } from "../api/rows";
import { durationTerm } from "./distribution";

/** Columns and rows of cells, both ends included; rows count from the shortest duration up. */
export interface Cells {
  fromColumn: number;
  toColumn: number;
  fromRow: number;
  toRow: number;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

/** The cells between two points of the drawing, whichever corner came first. */
export function cellsBetween(
  a: { x: number; y: number },
  b: { x: number; y: number },
  box: Box,
  columns: number,
  rows: number,
): Cells {
  const column = (x: number) => clamp(Math.floor(((x - box.left) / box.width) * columns), columns - 1);
  const row = (y: number) => clamp(rows - 1 - Math.floor(((y - box.top) / box.height) * rows), rows - 1);
  return {
    fromColumn: column(Math.min(a.x, b.x)),
    toColumn: column(Math.max(a.x, b.x)),
    fromRow: row(Math.max(a.y, b.y)),
    toRow: row(Math.min(a.y, b.y)),
  };
}

/** Rows at the very ends are open: what is shorter or longer than the drawing belongs to them. */
export function selectionOf({ times, step_ms, bounds_ns }: HeatmapAnswer, cells: Cells): Selection {
  const last = bounds_ns.length - 2;
  return {
    from_ms: times[cells.fromColumn],
    to_ms: times[cells.toColumn] + step_ms,
    ...(cells.fromRow > 0 ? { duration_min_ns: bounds_ns[cells.fromRow] } : {}),
    ...(cells.toRow < last ? { duration_max_ns: bounds_ns[cells.toRow + 1] } : {}),
  };
}

export function writeSelection({ from_ms, to_ms, duration_min_ns, duration_max_ns }: Selection): string {
  return [from_ms, to_ms, duration_min_ns ?? "", duration_max_ns ?? ""]
    .map((part) => (typeof part === "number" ? String(Math.round(part)) : part))
    .join("~");
}

export function readSelection(text: string): Selection | null {
  const [from, to, min, max] = text.split("~");
  const from_ms = Number(from);
  const to_ms = Number(to);
  if (!(from_ms > 0) || !(to_ms > from_ms)) return null;
  return {
    from_ms,
    to_ms,
    ...(min ? { duration_min_ns: Number(min) } : {}),
    ...(max ? { duration_max_ns: Number(max) } : {}),
  };
}

/** The selection's durations as a term; its times are the range of the search. */
export function selectionTerm({ duration_min_ns: min, duration_max_ns: max }: Selection): string {
  return min === undefined && max === undefined ? "" : durationTerm(min ?? 0, max ?? Infinity);
}

/** Where a selection lies on the drawing, in cells; ends may fall outside when the range has moved. */
export function cellsOf({ times, step_ms, bounds_ns }: HeatmapAnswer, selection: Selection): Cells | null {
  if (times.length === 0) return null;
  const column = (ms: number) => Math.round((ms - times[0]) / step_ms);
  const near = (ns: number) => bounds_ns.findIndex((bound) => bound >= ns * 0.999);
  const low = selection.duration_min_ns === undefined ? 0 : near(selection.duration_min_ns);
  const high = selection.duration_max_ns === undefined ? bounds_ns.length - 1 : near(selection.duration_max_ns);
  const cells = {
    fromColumn: Math.max(0, column(selection.from_ms)),
    toColumn: Math.min(times.length - 1, column(selection.to_ms) - 1),
    fromRow: Math.max(0, low),
    toRow: (high < 0 ? bounds_ns.length - 1 : high) - 1,
  };
  return cells.toColumn < cells.fromColumn || cells.toRow < cells.fromRow ? null : cells;
}

export function countIn({ counts, errors }: HeatmapAnswer, cells: Cells): { count: number; errors: number } {
  const total = { count: 0, errors: 0 };
  for (let column = cells.fromColumn; column <= cells.toColumn; column++) {
    for (let row = cells.fromRow; row <= cells.toRow; row++) {
      total.count += counts[column]?.[row] ?? 0;
      total.errors += errors[column]?.[row] ?? 0;
    }
  }
  return total;
}
