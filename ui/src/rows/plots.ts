/** From answers about rows to what charts draw: the same columns, under the names that charts use. */
import type { QueryResult, QuerySeries, Stats, Values } from "../api/query";
import type { Compute, HistogramAnswer, SeriesAnswer } from "../api/rows";
import { colours, type ThemeName } from "../chart/palette";
import { plotOf, PLAIN_LOOK, type DrawStyle, type Plot, type RowsOrigin } from "../chart/plot";
import { severity, statusColour } from "./status";
import { unitOfField } from "./value";
import { computeLabel } from "./view";

function statsOf(values: Values): Stats {
  const known = values.filter((value): value is number => value !== null && value !== undefined);
  if (known.length === 0) return { avg: null, min: null, max: null, sum: null, last: null };
  const sum = known.reduce((total, value) => total + value, 0);
  return {
    avg: sum / known.length,
    min: Math.min(...known),
    max: Math.max(...known),
    sum,
    last: known[known.length - 1],
  };
}

function series(name: string, values: Values, group: [string, string][]): QuerySeries {
  const scope = group.map(([field, value]) => `${field}:${value}`).join(", ");
  return {
    name,
    scope,
    expression: name,
    group,
    kind: "count",
    unit: null,
    values,
    band: null,
    stats: statsOf(values),
  };
}

interface Grid {
  step_ms: number;
  times: number[];
}

function resultOf({ step_ms, times }: Grid, query: string, all: QuerySeries[]): QueryResult {
  return { name: "rows", query, error: null, step_ms, incomplete_from_ms: null, times, series: all, notes: [] };
}

/** Bars by status, the worst at the foot, each in its status's colour; other splits in the order of their size. */
export function histogramPlot(answer: HistogramAnswer, split: string, theme: ThemeName, rows: RowsOrigin): Plot {
  const isStatus = split === "status";
  const size = (values: Values) => statsOf(values).sum ?? 0;
  const sorted = [...answer.series].sort((a, b) =>
    isStatus ? severity(a.name) - severity(b.name) : size(b.values) - size(a.values),
  );
  const all = sorted.map(({ name, values }) => series(name || "none", values, split ? [[split, name]] : []));
  const look = { ...PLAIN_LOOK, style: "bars" as const, stacked: true };
  const plot = plotOf([{ result: resultOf(answer, "", all), look, rows }], theme);
  if (!isStatus && plot.lines.length === 1) plot.lines[0].colour = colours("blue", theme, 2)[0];
  return withStatusColours(plot, theme);
}

/** Rows that are apart by status alone look as their status does everywhere. */
export function withStatusColours(plot: Plot, theme: ThemeName): Plot {
  for (const line of plot.lines) {
    const [[field, value] = ["", ""], ...more] = line.group;
    if (line.rows && field === "status" && more.length === 0) line.colour = statusColour(value, theme) ?? line.colour;
  }
  return plot;
}

export const groupText = (by: [string, string][]) => by.map(([, value]) => value || "none").join(", ");

/** The lines of one compute; counts stand as bars, figures as lines. */
export function groupPlot(
  answer: SeriesAnswer,
  compute: Compute,
  index: number,
  theme: ThemeName,
  rows: RowsOrigin,
): Plot {
  const unit = unitOfField(rows.signal, compute.field);
  const all = answer.series
    .filter((each) => each.compute === index)
    .map(({ by, values }) => ({ ...series(computeLabel(compute), values, by), unit }));
  const additive = compute.aggregation === "count" || compute.aggregation === "sum";
  const style: DrawStyle = additive ? "bars" : "line";
  const plot = plotOf(
    [{ result: resultOf(answer, "", all), look: { ...PLAIN_LOOK, style, stacked: additive }, rows }],
    theme,
  );
  return withStatusColours(plot, theme);
}
