/** The heat map of the mock, and what differs in a part of it. */
import { found, grid } from "./rows-groups.mjs";
import { valuesOf } from "./rows-query.mjs";

export function heatmap(body) {
  const { error, rows } = found(body);
  const { step, times } = grid(body, 100);
  const bounds = Array.from({ length: 25 }, (_, n) => 1e6 * 1.4 ** n);
  const empty = () => times.map(() => bounds.slice(1).map(() => 0));
  const counts = empty();
  const errors = empty();
  for (const row of rows) {
    const column = Math.floor((row.time_ms - times[0]) / step);
    const at = Math.max(0, Math.min(bounds.length - 2, Math.floor(Math.log(row.duration_ns / 1e6) / Math.log(1.4))));
    counts[column][at]++;
    if (row.status === "error") errors[column][at]++;
  }
  return {
    ...(error ? { error } : {}),
    times: rows.length ? times : [],
    step_ms: step,
    bounds_ns: bounds,
    counts,
    errors,
  };
}

const COMPARED = [
  "service",
  "status",
  "resource_name",
  "operation_name",
  "host",
  "env",
  "version",
  "@http.status_code",
  "@usr.id",
  "@span.kind",
  "team",
  "type",
];

export function compare(body) {
  const { rows } = found(body);
  const { from_ms, to_ms, duration_min_ns = 0, duration_max_ns = Infinity } = body.selection;
  const inside = (row) =>
    row.time_ms >= from_ms &&
    row.time_ms < to_ms &&
    row.duration_ns >= duration_min_ns &&
    row.duration_ns <= duration_max_ns;
  const [selected, rest] = [rows.filter(inside), rows.filter((row) => !inside(row))];
  const shares = (list, field) => {
    const seen = new Map();
    for (const row of list)
      for (const value of valuesOf(row, field))
        seen.set(String(value), (seen.get(String(value)) ?? 0) + 1 / list.length);
    return seen;
  };
  const attributes = COMPARED.map((field) => {
    const [a, b] = [shares(selected, field), shares(rest, field)];
    const values = [...new Set([...a.keys(), ...b.keys()])].map((value) => ({
      value,
      selected: a.get(value) ?? 0,
      rest: b.get(value) ?? 0,
    }));
    values.sort((x, y) => Math.abs(y.selected - y.rest) - Math.abs(x.selected - x.rest));
    return { field, score: values[0] ? Math.abs(values[0].selected - values[0].rest) : 0, values: values.slice(0, 8) };
  });
  return {
    selected: selected.length,
    rest: rest.length,
    attributes: attributes.filter(({ score }) => score > 0.02).sort((a, b) => b.score - a.score),
  };
}
