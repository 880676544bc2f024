import { expect, test } from "vitest";
import type { QueryResult, QuerySeries, Values } from "../api/query";
import { axisUnit, layersOf, PLAIN_LOOK, plotOf, type Line } from "./plot";

const stats = { avg: null, min: null, max: null, sum: null, last: null };

function series(host: string, values: Values): QuerySeries {
  return {
    name: "m",
    scope: `host:${host}`,
    expression: "avg:m{*}",
    group: [["host", host]],
    kind: "gauge",
    unit: null,
    values,
    band: null,
    stats,
  };
}

function result(times: number[], all: QuerySeries[]): QueryResult {
  return {
    name: "a",
    query: "avg:m{*} by {host}",
    error: null,
    step_ms: 10,
    incomplete_from_ms: null,
    times,
    series: all,
    notes: [],
  };
}

test("a single answer's columns are drawn as they came", () => {
  const values = [1, null, 3];
  const plot = plotOf([{ result: result([0, 10, 20], [series("a", values)]), look: PLAIN_LOOK }], "light");
  expect(plot.lines[0].values).toBe(values);
  expect(plot.lines[0].label).toBe("a");
});

test("answers on different grids are joined and keep their gaps", () => {
  const plot = plotOf(
    [
      { result: result([0, 10, 20], [series("a", [1, null, 3])]), look: PLAIN_LOOK },
      { result: result([0, 20], [series("b", [5, 6])]), look: PLAIN_LOOK },
    ],
    "dark",
  );
  expect(plot.times).toEqual([0, 10, 20]);
  expect(plot.lines.map(({ values }) => values)).toEqual([
    [1, null, 3],
    [5, undefined, 6],
  ]);
});

test("a stack adds up and is drawn from the top", () => {
  const look = { ...PLAIN_LOOK, style: "area" as const, stacked: true };
  const plot = plotOf([{ result: result([0, 10], [series("a", [1, null]), series("b", [2, 4])]), look }], "light");
  const layers = layersOf(plot.lines);
  expect(layers.map(({ line, top, base }) => [line.label, top, base])).toEqual([
    ["b", [3, 4], [1, null]],
    ["a", [1, null], null],
  ]);
});

test("equal labels get keys of their own", () => {
  const plot = plotOf([{ result: result([0], [series("a", [1]), series("a", [2])]), look: PLAIN_LOOK }], "light");
  expect(plot.lines.map(({ key }) => key)).toEqual(["a", "a #2"]);
});

test("an axis has a unit when its lines agree on one", () => {
  const percent = { family: "percentage", name: "percent", short_name: "%", scale_factor: 1 };
  const line = (unit: Line["unit"]) => ({ unit }) as Line;
  expect(axisUnit([line(percent), line(percent)])).toBe(percent);
  expect(axisUnit([line(percent), line(null)])).toBeNull();
  expect(axisUnit([])).toBeNull();
});
