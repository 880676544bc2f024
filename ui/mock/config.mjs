/** Pipelines, scrub rules, metrics from rows, saved views, retention and deletions of the mock. */
import { PIPELINES } from "./config-data.mjs";
import { found } from "./rows-groups.mjs";

const ago = (seconds) => Date.now() - seconds * 1000;

const shelf = (list, make = (body) => body) => ({
  list,
  add(body) {
    const made = make({ ...body, id: body.id ?? `n${list.length + 1}${Date.now() % 1000}` });
    list.push(made);
    return made;
  },
  put(id, body) {
    const at = list.findIndex((each) => each.id === id);
    list[at] = make({ ...list[at], ...body, id });
    return list[at];
  },
  drop(id) {
    const at = list.findIndex((each) => each.id === id);
    if (at >= 0) list.splice(at, 1);
    return {};
  },
});

export const pipelines = shelf(PIPELINES);

export function order({ pipeline_ids }) {
  pipelines.list.sort((a, b) => pipeline_ids.indexOf(a.id) - pipeline_ids.indexOf(b.id));
  return { pipeline_ids };
}

export function bench({ pipeline, sample }) {
  const text = typeof sample === "string" ? sample : String(sample.message ?? "");
  const match = /^(\S+) - (\S+) \[[^\]]+\] "(\w+) (\S+) HTTP\/[\d.]+" (\d+) (\d+)/.exec(text);
  const attributes = typeof sample === "string" ? {} : structuredClone(sample);
  delete attributes.message;
  const all = pipeline ? [pipeline] : pipelines.list.filter((each) => each.is_enabled);
  const steps = all.flatMap(({ name, processors }) => [
    { processor: "filter", name, applied: true, changed: [], error: null },
    ...processors.filter((each) => each.is_enabled).map((each) => step(each, match, attributes)),
  ]);
  const row = {
    id: "x",
    time_ms: Date.now(),
    time_ns: `${Date.now()}000000`,
    status: "info",
    service: "nginx",
    message: text,
    attributes,
  };
  return { steps, row, scrubbed: false };
}

function step({ type, name, target }, match, attributes) {
  const base = { processor: type, name, applied: true, changed: [], error: null };
  if (type === "grok-parser" && match) {
    const [, ip, user, method, url, code, bytes] = match;
    Object.assign(attributes, {
      network: { client: { ip }, bytes_written: Number(bytes) },
      usr: { id: user },
      http: { method, url, status_code: Number(code) },
    });
    const fields = {
      "@network.client.ip": ip,
      "@usr.id": user,
      "@http.method": method,
      "@http.url": url,
      "@http.status_code": Number(code),
    };
    return { ...base, changed: Object.entries(fields).map(([field, after]) => ({ field, before: null, after })) };
  }
  if (type === "url-parser" && attributes.http?.url) {
    const path = attributes.http.url.split("?")[0];
    attributes.http.url_details = { path };
    return { ...base, changed: [{ field: `@${target}.path`, before: null, after: path }] };
  }
  if (type === "category-processor" && attributes.http?.status_code === 200) {
    return { ...base, changed: [{ field: `@${target}`, before: null, after: "ok" }] };
  }
  if (type === "date-remapper" && match)
    return { ...base, changed: [{ field: "timestamp", before: "now", after: "2026-11-21T00:03:31Z" }] };
  return { ...base, applied: false, error: type === "grok-parser" ? "no rule matches" : "no source was found" };
}

const scrub = shelf([
  {
    id: "s1",
    name: "Card numbers",
    pattern: "",
    preset: "credit_card",
    signal: null,
    query: "",
    action: "redact",
    replacement: "[card]",
    enabled: true,
    matches: 1204,
  },
  {
    id: "s2",
    name: "Session tokens",
    pattern: "session=(?P<secret>\\w+)",
    preset: null,
    signal: "logs",
    query: "service:web",
    action: "hash",
    replacement: "",
    enabled: true,
    matches: 88121,
  },
]);

const PRESETS = [
  { name: "credit_card", title: "Credit card numbers", pattern: "\\b[0-9](?:[ -]?[0-9]){12,18}\\b" },
  { name: "email", title: "E-mail addresses", pattern: "[\\w.+-]+@[\\w-]+\\.\\w+" },
  { name: "jwt", title: "JSON web tokens", pattern: "eyJ[\\w-]+\\.[\\w-]+" },
];

const metrics = {
  logs: shelf([
    {
      id: "shop.payments.declined",
      attributes: {
        compute: { aggregation_type: "count" },
        filter: { query: "service:payments status:error" },
        group_by: [{ path: "@error.kind", tag_name: "kind" }],
      },
    },
    {
      id: "shop.request.duration",
      attributes: {
        compute: { aggregation_type: "distribution", path: "@duration_ms", include_percentiles: true },
        filter: { query: "service:web" },
        group_by: [],
      },
    },
  ]),
  spans: shelf([]),
};

const views = shelf([
  { id: "v1", name: "Payment errors", signal: "logs", url: "/logs?query=service%3Apayments+status%3Aerror" },
]);

let retention = {
  rules: [
    { name: "Debug lines", signal: "logs", query: "status:debug", keep_ms: 3 * 86_400_000 },
    { name: "Payments, for the auditors", signal: "logs", query: "service:payments", keep_ms: 390 * 86_400_000 },
  ],
  tail_sampling: null,
};
const defaults = {
  metrics_ms: 450 * 86_400_000,
  logs_ms: 30 * 86_400_000,
  spans_ms: 15 * 86_400_000,
  events_ms: 450 * 86_400_000,
};

const receipt = (id, signal, query, from, to, rows, created_ms, files_left, wal_bytes) => ({
  id,
  signal,
  query,
  created_ms,
  start_ns: from * 1e6,
  end_ns: to * 1e6,
  rows,
  files_left,
  wal_bytes,
  derived_metrics_remain: id === 2,
});

const deletions = [
  receipt(2, "logs", "@usr.id:user-104", ago(86_400 * 20), ago(3600), 18_211, ago(3000), 4, 8_388_608),
  receipt(1, "spans", "service:old", ago(86_400 * 90), ago(86_400 * 60), 2_104_122, ago(86_400 * 2), 0, 0),
];

function remove(body) {
  const { rows } = found(body);
  if (body.dry_run) return { dry_run: true, rows: rows.length };
  deletions.unshift(
    receipt(deletions.length + 1, body.signal, body.query, body.from_ms, body.to_ms, rows.length, Date.now(), 9, 1e6),
  );
  return deletions[0];
}

const metricRoutes = (path, of) => [
  ["GET", new RegExp(`^${path}$`), () => ({ data: of.list })],
  ["POST", new RegExp(`^${path}$`), (_m, _p, body) => ({ data: of.add(body.data) })],
  [
    "PATCH",
    new RegExp(`^${path}/(.+)$`),
    (m, _p, body) => ({
      data: of.put(m[1], {
        attributes: { ...of.list.find(({ id }) => id === m[1]).attributes, ...body.data.attributes },
      }),
    }),
  ],
  ["DELETE", new RegExp(`^${path}/(.+)$`), (m) => of.drop(m[1])],
];

export const CONFIG_ROUTES = [
  ["GET", /^\/api\/v1\/logs\/config\/pipelines$/, () => pipelines.list],
  ["POST", /^\/api\/v1\/logs\/config\/pipelines$/, (_m, _p, body) => pipelines.add(body)],
  ["PUT", /^\/api\/v1\/logs\/config\/pipelines\/(.+)$/, (m, _p, body) => pipelines.put(m[1], body)],
  ["DELETE", /^\/api\/v1\/logs\/config\/pipelines\/(.+)$/, (m) => pipelines.drop(m[1])],
  ["PUT", /^\/api\/v1\/logs\/config\/pipeline-order$/, (_m, _p, body) => order(body)],
  ["POST", /^\/api\/ui\/pipelines\/test$/, (_m, _p, body) => bench(body)],
  ["GET", /^\/api\/ui\/scrub$/, () => ({ rules: scrub.list, presets: PRESETS })],
  ["POST", /^\/api\/ui\/scrub$/, (_m, _p, body) => scrub.add(body)],
  ["PUT", /^\/api\/ui\/scrub\/(.+)$/, (m, _p, body) => scrub.put(m[1], body)],
  ["DELETE", /^\/api\/ui\/scrub\/(.+)$/, (m) => scrub.drop(m[1])],
  ...metricRoutes("/api/v2/logs/config/metrics", metrics.logs),
  ...metricRoutes("/api/v2/apm/config/metrics", metrics.spans),
  ["GET", /^\/api\/ui\/views$/, () => ({ views: views.list })],
  ["POST", /^\/api\/ui\/views$/, (_m, _p, body) => views.add(body)],
  ["DELETE", /^\/api\/ui\/views\/(.+)$/, (m) => views.drop(m[1])],
  ["GET", /^\/api\/ui\/retention$/, () => ({ ...retention, defaults })],
  ["PUT", /^\/api\/ui\/retention$/, (_m, _p, body) => (retention = body)],
  ["GET", /^\/api\/ui\/deletions$/, () => ({ deletions })],
  ["POST", /^\/api\/ui\/delete$/, (_m, _p, body) => remove(body)],
];
