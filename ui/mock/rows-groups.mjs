/** Groups and computes of the mock, and the grids that they share with histograms. */
import { rowsBetween } from "./rows-data.mjs";
import { readQuery, valuesOf } from "./rows-query.mjs";

const NICE = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].map((s) => s * 1000);

export function found({ signal, query, from_ms, to_ms }) {
  const { error, test } = readQuery(query ?? "");
  return error ? { error, rows: [] } : { rows: rowsBetween(signal, from_ms, to_ms).filter(test) };
}

export function grid({ from_ms, to_ms }, buckets) {
  const step = NICE.find((ms) => (to_ms - from_ms) / ms <= buckets) ?? NICE.at(-1);
  const first = Math.floor(from_ms / step) * step;
  return { step, times: Array.from({ length: Math.ceil((to_ms - first) / step) }, (_, n) => first + n * step) };
}

const RANKS = { median: 0.5, pc75: 0.75, pc90: 0.9, pc95: 0.95, pc98: 0.98, pc99: 0.99 };

function computed(rows, { aggregation, field }) {
  if (aggregation === "count") return rows.length;
  const values = rows.flatMap((row) => valuesOf(row, field));
  if (aggregation === "cardinality") return new Set(values).size;
  const numbers = values
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (numbers.length === 0) return null;
  const sum = numbers.reduce((a, b) => a + b, 0);
  const plain = { sum, avg: sum / numbers.length, min: numbers[0], max: numbers.at(-1) };
  return plain[aggregation] ?? numbers[Math.min(numbers.length - 1, Math.floor(RANKS[aggregation] * numbers.length))];
}

export function grouped(rows, groupBy) {
  const groups = new Map();
  for (const row of rows) {
    const by = groupBy.map(({ field }) => [field, String(valuesOf(row, field)[0] ?? "")]);
    const id = JSON.stringify(by);
    (groups.get(id) ?? groups.set(id, { by, rows: [] }).get(id)).rows.push(row);
  }
  return [...groups.values()];
}

export function aggregate(body) {
  const { error, rows } = found(body);
  if (error) return { error, groups: [], total_groups: 0, times: [], series: [], step_ms: 0 };
  const { compute, order } = body.sort ?? { compute: 0, order: "desc" };
  const groups = grouped(rows, body.group_by).map(({ by, rows: own }) => ({
    by,
    rows: own,
    values: body.computes.map((each) => computed(own, each)),
  }));
  groups.sort((a, b) => ((b.values[compute] ?? 0) - (a.values[compute] ?? 0)) * (order === "asc" ? -1 : 1));
  const shown = groups.slice(0, body.group_by[0]?.limit ?? 100);
  if (body.display !== "timeseries")
    return { groups: shown.map(({ by, values }) => ({ by, values })), total_groups: groups.length };
  const { step, times } = grid(body, 120);
  const series = shown.slice(0, 20).flatMap(({ by, rows: own }) => {
    const buckets = times.map(() => []);
    for (const row of own) buckets[Math.floor((row.time_ms - times[0]) / step)]?.push(row);
    return body.computes.map((each, index) => ({
      by,
      compute: index,
      values: buckets.map((some) => (some.length || each.aggregation === "count" ? computed(some, each) : null)),
    }));
  });
  return { step_ms: step, times, series };
}

const WORDS = { logs: "logs", spans: "spans", events: "events" };

/** A widget's queries about rows, as frames of the page API; formulas are plain names here. */
export function rowFrames(query, { from_ms, to_ms }, formula) {
  const { aggregation, metric } = query.compute;
  const group_by = query.group_by.map(({ facet, limit }) => ({ field: facet, limit }));
  const body = { signal: WORDS[query.data_source], query: query.search.query, from_ms, to_ms, group_by };
  const { times, series, step_ms } = aggregate({
    ...body,
    computes: [{ aggregation, field: metric }],
    display: "timeseries",
  });
  const stats = (values) => {
    const known = values.filter((value) => value !== null);
    const sum = known.reduce((a, b) => a + b, 0);
    return {
      avg: known.length ? sum / known.length : null,
      min: Math.min(...known),
      max: Math.max(...known),
      sum,
      last: known.at(-1) ?? null,
    };
  };
  return {
    name: formula ?? query.name,
    query: query.name,
    error: null,
    step_ms,
    incomplete_from_ms: null,
    times,
    series: series.map(({ by, values }) => ({
      name: query.name,
      scope: by.map((pair) => pair.join(":")).join(","),
      expression: query.name,
      group: by,
      kind: "count",
      unit: null,
      values,
      band: null,
      stats: stats(values),
    })),
    notes: [],
  };
}
