/** Completion, and the list of metrics and tags of the mock. */
import { METRICS, TAGS } from "./catalog.mjs";
import { hash } from "./metrics.mjs";

const FUNCTIONS = [
  "abs",
  "anomalies",
  "cumsum",
  "derivative",
  "ewma_5",
  "median_3",
  "per_second",
  "rollup",
  "timeshift",
  "top",
  "week_before",
];

export function complete(text, cursor) {
  const before = text.slice(0, cursor);
  const word = /[\w.:/-]*$/.exec(before)[0];
  const inside = before.lastIndexOf("{") > before.lastIndexOf("}");
  const option = (label, kind, detail = "", insert = label) => ({ label, insert, kind, detail });
  const from = cursor - word.length;
  if (inside) {
    const [key, part] = word.split(":");
    if (part === undefined)
      return {
        from,
        to: cursor,
        options: Object.keys(TAGS)
          .filter((each) => each.startsWith(key))
          .map((each) =>
            option(each, "tag_key", `${TAGS[each].length} values`, /by\s*\{[^}]*$/.test(before) ? each : `${each}:`),
          ),
      };
    return {
      from: from + key.length + 1,
      to: cursor,
      options: (TAGS[key] ?? []).filter((each) => each.includes(part)).map((each) => option(each, "tag_value", key)),
    };
  }
  if (/\}\s*\.\w*$/.test(before))
    return {
      from: cursor - /\w*$/.exec(before)[0].length,
      to: cursor,
      options: ["as_count()", "as_rate()", "rollup(avg, 60)", "fill(zero)"].map((each) => option(each, "modifier")),
    };
  const part = word.includes(":") ? word.split(":")[1] : word;
  const names = METRICS.filter(({ name }) => name.includes(part))
    .slice(0, 40)
    .map(({ name, kind }) => option(name, "metric", kind));
  const start = cursor - part.length;
  const more = word.includes(":")
    ? []
    : [
        ...["avg", "sum", "min", "max", "count", "p95"]
          .filter((each) => each.startsWith(part))
          .map((each) => option(each, "aggregator", "space aggregation", `${each}:`)),
        ...FUNCTIONS.filter((each) => each.startsWith(part)).map((each) => option(each, "function", "", `${each}(`)),
      ];
  return { from: start, to: cursor, options: [...more, ...names] };
}

const entry = (metric) => ({
  name: metric.name,
  kind: metric.kind,
  unit: metric.unit?.name ?? null,
  description: metric.name.startsWith("system.") ? "Measured by the agent on each host." : null,
  series: metric.tags.reduce((total, key) => total * (TAGS[key]?.length ?? 1), 1),
  hosts: 8,
  tag_keys: metric.tags,
  bytes: Math.round(hash(metric.name) * 4e6),
  samples: Math.round(hash(metric.name) * 9e6),
  last_ms: Date.now() - Math.round(hash(metric.name) * 20000),
});

export function metrics(params) {
  const search = (params.get("search") ?? "").toLowerCase();
  const found = METRICS.filter(({ name }) => name.includes(search)).map(entry);
  return { total: found.length, metrics: found.slice(0, Number(params.get("limit") ?? 1000)) };
}

export function metric(name) {
  const found = METRICS.find((each) => each.name === name);
  if (!found) return { status: 404, body: { errors: [`no metric ${name}`] } };
  return {
    ...entry(found),
    tags: found.tags.map((key) => ({ key, cardinality: TAGS[key].length, values: TAGS[key] })),
  };
}

export function tagValues(key, search) {
  return { values: (TAGS[key] ?? []).filter((value) => value.includes(search)) };
}
