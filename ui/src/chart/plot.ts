/** From the server's columns to what uPlot draws: one x column, one column a line, stacked where asked. */
import uPlot from "uplot";
import type { Band, QueryResult, QuerySeries, Stats, Unit, Values } from "../api/query";
import type { Signal } from "../api/rows";
import { colours, fade, type ThemeName } from "./palette";

export type DrawStyle = "line" | "area" | "bars";

/** How the lines of one request look. */
export interface Look {
  style: DrawStyle;
  stacked: boolean;
  palette?: string;
  width: number;
  dash: number[];
  /** For lines whose answer names none: arithmetic loses its unit on the way. */
  unit?: Unit;
  /** A line's own colour by its label, where its meaning has one. */
  paint?: (label: string, theme: ThemeName) => string | undefined;
  /** Names of ours for expressions of the server's, as a dashboard's `metadata` gives them. */
  aliases?: Record<string, string>;
}

export interface Part {
  result: QueryResult;
  look: Look;
  /** The name a formula was given. */
  alias?: string;
  rows?: RowsOrigin;
}

export interface Line {
  key: string;
  label: string;
  colour: string;
  unit: Unit | null;
  kind: string;
  look: Look;
  stats: Stats;
  group: [string, string][];
  query: string;
  /** Set when the line counts rows: the search that it stands for. */
  rows?: RowsOrigin;
  values: Values;
  band: Band | null;
}

export interface RowsOrigin {
  signal: Signal;
  query: string;
}

export interface Plot {
  times: number[];
  stepMs: number;
  incompleteFromMs: number | null;
  lines: Line[];
}

export const PLAIN_LOOK: Look = { style: "line", stacked: false, width: 1.5, dash: [] };

export function plotOf(parts: Part[], theme: ThemeName): Plot {
  const drawn = parts.filter(({ result }) => result.series.length > 0);
  const lines: Line[] = [];
  const many = drawn.length > 1;
  const perPalette = new Map<string, { count: number; used: number }>();
  for (const { result, look } of drawn) {
    const entry = perPalette.get(look.palette ?? "") ?? { count: 0, used: 0 };
    entry.count += result.series.length;
    perPalette.set(look.palette ?? "", entry);
  }
  for (const { result, look, alias, rows } of drawn) {
    const entry = perPalette.get(look.palette ?? "") ?? { count: result.series.length, used: 0 };
    const set = colours(look.palette, theme, entry.count);
    for (const series of result.series) {
      const label = labelOf(result, series, alias ?? aliasOf(look, result, series), many);
      const own = set[entry.used++];
      // Beside an outlier the others step back.
      const colour = series.outlier === false ? fade(own, 0.3) : own;
      lines.push(lineOf(result, series, look, look.paint?.(label, theme) ?? colour, label, rows));
    }
  }
  const grid = align(drawn);
  let at = 0;
  for (const column of grid.columns) {
    const line = lines[at++];
    line.values = column.values;
    line.band = column.band;
  }
  const steps = drawn.map(({ result }) => result.step_ms).filter((step) => step > 0);
  const open = drawn.map(({ result }) => result.incomplete_from_ms).filter((ms): ms is number => ms !== null);
  return {
    times: grid.times,
    stepMs: steps.length ? Math.min(...steps) : 0,
    incompleteFromMs: open.length ? Math.min(...open) : null,
    lines: unique(lines),
  };
}

/** The unit of an axis: that of its lines when they agree, else plain numbers. */
export function axisUnit(lines: Line[]): Unit | null {
  const [first] = lines;
  const agree = lines.every(
    ({ unit }) => unit?.name === first.unit?.name && unit?.short_name === first.unit?.short_name,
  );
  return agree ? (first?.unit ?? null) : null;
}

function lineOf(
  result: QueryResult,
  series: QuerySeries,
  look: Look,
  colour: string,
  label: string,
  rows: RowsOrigin | undefined,
): Line {
  const { kind, stats, group, values, band } = series;
  return {
    key: label,
    label,
    colour,
    unit: series.unit ?? look.unit ?? null,
    kind,
    look,
    stats,
    group,
    query: result.query,
    rows,
    values,
    band,
  };
}

function aliasOf({ aliases }: Look, result: QueryResult, series: QuerySeries): string | undefined {
  return aliases?.[series.expression] ?? aliases?.[result.query];
}

/** The group alone says enough when all lines come from one query; else the name comes first. */
function labelOf(result: QueryResult, series: QuerySeries, alias: string | undefined, many: boolean): string {
  const group = series.group.map(([, value]) => value || "none").join(", ");
  const name = alias ?? (series.name || series.expression || result.query);
  if (group === "") return name;
  return many || alias !== undefined ? `${alias ?? series.name} · ${group}` : group;
}

/** Keys tell lines apart in the URL: equal labels get a number. */
function unique(lines: Line[]): Line[] {
  const seen = new Map<string, number>();
  for (const line of lines) {
    const count = (seen.get(line.label) ?? 0) + 1;
    seen.set(line.label, count);
    if (count > 1) line.key = `${line.label} #${count}`;
  }
  return lines;
}

interface Column {
  values: Values;
  band: Band | null;
}

/** Requests of one widget mostly share a grid; where they don't, uPlot joins the tables. */
function align(parts: Part[]): { times: number[]; columns: Column[] } {
  if (parts.length === 0) return { times: [], columns: [] };
  const first = parts[0].result.times;
  if (parts.every(({ result }) => sameGrid(first, result.times))) {
    return {
      times: first,
      columns: parts.flatMap(({ result }) => result.series.map(({ values, band }) => ({ values, band }))),
    };
  }
  const tables = parts.map(({ result }) => {
    const bands = result.series.flatMap(({ band }) => (band ? [band.lower, band.upper] : []));
    return [result.times, ...result.series.map(({ values }) => values), ...bands] as uPlot.AlignedData;
  });
  const joined = uPlot.join(tables) as unknown as [number[], ...Values[]];
  let at = 1;
  const columns = parts.flatMap(({ result }) => {
    const values = result.series.map(() => joined[at++]);
    const bands = result.series.map(({ band }) =>
      band ? { ...band, lower: joined[at++], upper: joined[at++] } : null,
    );
    return values.map((column, index) => ({ values: column, band: bands[index] }));
  });
  return { times: joined[0], columns };
}

function sameGrid(a: number[], b: number[]): boolean {
  return a.length === b.length && a[0] === b[0] && a[a.length - 1] === b[b.length - 1];
}

/** A line with its column as drawn: on top of the lines under it when stacked, `base` being where it starts. */
export interface Layer {
  line: Line;
  top: Values;
  base: Values | null;
  below: Layer | null;
}

/** Layers in drawing order: bars, then areas, then lines; a stack's top first, so that nothing is hidden. */
export function layersOf(lines: Line[]): Layer[] {
  const layers: Layer[] = [];
  for (const style of ["bars", "area", "line"] as const) {
    const stack: Layer[] = [];
    for (const line of lines.filter(({ look }) => look.style === style)) {
      const below = line.look.stacked ? (stack[stack.length - 1] ?? null) : null;
      stack.push(below ? onTop(line, below) : { line, top: line.values, base: null, below: null });
    }
    layers.push(...stack.reverse());
  }
  return layers;
}

function onTop(line: Line, below: Layer): Layer {
  const base = below.top;
  const top = line.values.map((value, index) => {
    const under = base[index];
    if (value === null || value === undefined) return under ?? null;
    return (under ?? 0) + value;
  });
  return { line, top, base, below };
}
