/** The calls under /api/ui/rows/ on made-up rows. */
import { aggregate, found, grid } from "./rows-groups.mjs";
import { rowById, rowsBetween } from "./rows-data.mjs";
import { readQuery, valuesOf } from "./rows-query.mjs";

function search(body) {
  const started = performance.now();
  const { error, rows } = found(body);
  const sort = body.sort ?? "-timestamp";
  const by = sort.replace(/^-/, "");
  if (by !== "timestamp")
    rows.sort(
      (a, b) =>
        Number(valuesOf(b, by === "duration" ? "@duration" : by)[0]) -
        Number(valuesOf(a, by === "duration" ? "@duration" : by)[0]),
    );
  if (sort === "timestamp") rows.reverse();
  const at = Number(body.cursor ?? 0);
  const limit = body.limit ?? 100;
  return {
    ...(error ? { error } : {}),
    rows: rows.slice(at, at + limit),
    next: at + limit < rows.length ? String(at + limit) : null,
    elapsed_ms: performance.now() - started,
    stats: { rows_scanned: rows.length * 9, rows_matched: rows.length, blocks_read: 14, blocks_pruned: 102 },
  };
}

function histogram(body) {
  const { error, rows } = found(body);
  const { step, times } = grid(body, 90);
  const series = new Map();
  for (const row of rows) {
    const name = String(body.split ? (valuesOf(row, body.split)[0] ?? "") : "count");
    const values =
      series.get(name) ??
      series
        .set(
          name,
          times.map(() => 0),
        )
        .get(name);
    values[Math.floor((row.time_ms - times[0]) / step)] += 1;
  }
  return {
    ...(error ? { error } : {}),
    step_ms: step,
    times,
    series: [...series].map(([name, values]) => ({ name, values })),
    total: rows.length,
  };
}

const FACETS = {
  logs: [
    "status",
    "service",
    "host",
    "source",
    "env",
    "version",
    "@http.status_code",
    "@http.method",
    "@usr.id",
    "@usr.plan",
    "@duration_ms",
    "@network.client.ip",
    "@http.url_details.path",
    "@cached",
    "@error.kind",
    "team",
    "region",
    "container",
  ],
  spans: [
    "status",
    "service",
    "operation_name",
    "resource_name",
    "type",
    "env",
    "version",
    "host",
    "@duration",
    "@http.status_code",
    "@usr.id",
    "team",
  ],
  events: ["status", "source", "service", "host", "env", "@priority", "@aggregation_key", "team"],
};
const TITLES = { operation_name: "Operation", resource_name: "Resource", "@duration": "Duration" };
const CORE = new Set([
  "status",
  "service",
  "host",
  "source",
  "env",
  "version",
  "operation_name",
  "resource_name",
  "type",
  "@duration",
]);

function counts(rows, field) {
  const seen = new Map();
  for (const row of rows) for (const value of valuesOf(row, field)) seen.set(value, (seen.get(value) ?? 0) + 1);
  return [...seen].sort((a, b) => b[1] - a[1]);
}

function facets(body) {
  const { rows } = found(body);
  const make = (field) => {
    const full = CORE.has(field) || body.fields?.includes(field);
    const all = full ? counts(rows, field).filter(([value]) => String(value).includes(body.search ?? "")) : [];
    const first = valuesOf(rows[0] ?? {}, field)[0] ?? all[0]?.[0];
    const kind = typeof first === "number" ? "number" : typeof first === "boolean" ? "bool" : "text";
    const numbers = kind === "number" ? all.map(([value]) => value) : [];
    return {
      field,
      title: TITLES[field] ?? (field.startsWith("@") ? field.slice(1) : field[0].toUpperCase() + field.slice(1)),
      kind,
      core: CORE.has(field),
      values: all.slice(0, 10).map(([value, count]) => ({ value, count })),
      more: all.length > 10,
      ...(numbers.length ? { min: Math.min(...numbers), max: Math.max(...numbers) } : {}),
    };
  };
  return { facets: (body.fields ?? FACETS[body.signal]).map(make) };
}

const KINDS = [
  [/\b\d{1,3}(\.\d{1,3}){3}\b/, "ip"],
  [/\b[0-9a-f]{8}\b/, "hex"],
  [/\buser-\d+\b/, "word"],
  [/\b\d+\b/, "number"],
];

function parts(text) {
  for (const [pattern, kind] of KINDS) {
    const match = pattern.exec(text);
    if (!match) continue;
    return [
      ...parts(text.slice(0, match.index)),
      { kind, examples: [match[0]] },
      ...parts(text.slice(match.index + match[0].length)),
    ];
  }
  return text === "" ? [] : [{ text }];
}

function patterns(body) {
  const { rows } = found(body);
  const all = new Map();
  for (const row of rows.slice(0, 5000)) {
    const made = parts((row.message ?? "").split("\n")[0]);
    const pattern = made.map(({ text, kind }) => text ?? `<${kind}>`).join("");
    const one =
      all.get(pattern) ??
      all.set(pattern, { pattern, parts: made, count: 0, status: {}, services: [], example: row }).get(pattern);
    one.count += 1;
    one.status[row.status] = (one.status[row.status] ?? 0) + 1;
    if (!one.services.includes(row.service)) one.services.push(row.service);
    one.parts.forEach(
      (part, at) => part.kind && part.examples.length < 5 && made[at] && part.examples.push(made[at].examples[0]),
    );
  }
  return {
    sampled: Math.min(5000, rows.length),
    total: rows.length,
    patterns: [...all.values()].sort((a, b) => b.count - a.count),
  };
}

function around({ signal, id, limit }) {
  const row = rowById(signal, id);
  const near = rowsBetween(signal, row.time_ms - 120_000, row.time_ms + 120_000).filter(
    (each) => each.service === row.service && each.host === row.host,
  );
  const at = near.findIndex((each) => each.id === id);
  return { after: near.slice(Math.max(0, at - limit), at).reverse(), row, before: near.slice(at + 1, at + 1 + limit) };
}

function complete(p) {
  const signal = p.get("signal");
  const text = p.get("text") ?? "";
  const to = Number(p.get("cursor"));
  const word = /[^\s()]*$/.exec(text.slice(0, to))[0];
  const [field, value] = word.split(/:(.*)/s);
  if (value !== undefined) {
    const options = counts(rowsBetween(signal, Date.now() - 900_000, Date.now()), field.replace("-", ""))
      .filter(([each]) => String(each).startsWith(value.replace(/"/g, "")))
      .slice(0, 20)
      .map(([each, count]) => ({
        label: String(each),
        insert: /^[\w.-]+$/.test(each) ? `${each} ` : `"${each}" `,
        kind: "value",
        detail: String(count),
      }));
    return { from: to - value.length, to, options };
  }
  const bare = word.replace("-", "");
  const options = FACETS[signal]
    .filter((each) => each.includes(bare))
    .map((each) => ({
      label: each,
      insert: `${each}:`,
      kind: "field",
      detail: CORE.has(each) ? "core" : each.startsWith("@") ? "attribute" : "tag",
    }));
  return { from: to - bare.length, to, options };
}

export const ROW_ROUTES = [
  ["POST", /^\/api\/ui\/rows\/search$/, (_m, _p, body) => search(body)],
  ["POST", /^\/api\/ui\/rows\/histogram$/, (_m, _p, body) => histogram(body)],
  ["POST", /^\/api\/ui\/rows\/facets$/, (_m, _p, body) => facets(body)],
  ["POST", /^\/api\/ui\/rows\/aggregate$/, (_m, _p, body) => aggregate(body)],
  ["POST", /^\/api\/ui\/rows\/patterns$/, (_m, _p, body) => patterns(body)],
  ["POST", /^\/api\/ui\/rows\/around$/, (_m, _p, body) => around(body)],
  ["GET", /^\/api\/ui\/rows\/complete$/, (_m, p) => complete(p)],
];

/** Server-sent events: new rows once a second. */
export function tail(params, req, res) {
  const { test = () => true } = readQuery(params.get("query") ?? "");
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    const rows = rowsBetween(params.get("signal"), last, now).filter(test);
    last = now;
    if (rows.length > 0) res.write(`event: rows\ndata: ${JSON.stringify(rows)}\n\n`);
    if (now % 20 === 0) res.write(`event: dropped\ndata: 12\n\n`);
  }, 1000);
  req.on("close", () => clearInterval(timer));
}
