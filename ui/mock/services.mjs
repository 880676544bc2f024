/** Services of the mock, their pages and the map. */
import { hash } from "./metrics.mjs";

/** name, operation, type, requests a second, share of errors, p50 in ms */
const ALL = [
  ["web", "flask.request", "web", 84.2, 0.004, 41],
  ["checkout", "fastapi.request", "web", 12.6, 0.018, 96],
  ["payments", "express.request", "web", 4.1, 0.071, 182],
  ["search", "grpc.request", "rpc", 31.9, 0.0006, 12],
  ["auth", "http.request", "web", 77.5, 0.0002, 3.1],
  ["mailer", "kafka.consume", "queue", 1.9, 0.002, 31],
  ["postgres", "postgres.query", "sql", 402, 0.0001, 1.9],
  ["redis", "redis.command", "redis", 611, 0, 0.4],
  ["elasticsearch", "elasticsearch.query", "elasticsearch", 58, 0.0012, 7.7],
  ["kafka", "kafka.produce", "queue", 6.2, 0, 2.1],
  ["reports", "celery.run", "worker", 0.03, 0.33, 8_400],
];
const EDGES = [
  ["web", "auth"],
  ["web", "checkout"],
  ["web", "search"],
  ["checkout", "postgres"],
  ["checkout", "search"],
  ["checkout", "payments"],
  ["checkout", "kafka"],
  ["payments", "postgres"],
  ["payments", "redis"],
  ["search", "elasticsearch"],
  ["auth", "redis"],
  ["kafka", "mailer"],
  ["payments", "payments"],
];
const RESOURCES = [
  "GET /",
  "GET /cart",
  "POST /cart/items",
  "POST /checkout",
  "GET /products/:id",
  "GET /api/v2/search",
  "POST /login",
  "GET /healthz",
  "POST /orders",
  "POST /charges",
  "GET /session/:id",
];

const now = () => Date.now();

/** The release of twenty-two minutes ago made payments slower and more often wrong. */
const DEPLOYED = now() - 22 * 60_000;

function entry([name, operation, type, rate, errors, p50], params) {
  const from = Number(params.get("from_ms"));
  const to = Number(params.get("to_ms"));
  const bad = (name === "payments" || name === "checkout") && (from + to) / 2 > DEPLOYED ? 2.6 : 1;
  const hits = Math.round((rate * (to - from)) / 1000);
  const failing = Math.min(1, errors * bad);
  return {
    name,
    type,
    operation,
    envs: name === "reports" ? ["staging"] : ["prod", "staging"],
    versions: name === "payments" ? ["2.14.0", "2.13.4"] : ["1.8.2"],
    hits,
    hits_per_s: rate,
    errors: Math.round(hits * failing),
    error_rate: failing,
    p50_ms: p50 * bad ** 0.4,
    p75_ms: p50 * 1.6 * bad ** 0.6,
    p95_ms: p50 * 3.9 * bad,
    p99_ms: p50 * 8.1 * bad,
    apdex: Math.max(0.3, 0.99 - failing * 2 - p50 / 2000),
    last_seen_ms: now() - 4_000,
  };
}

export function services(params) {
  const env = params.get("env");
  const all = ALL.map((each) => entry(each, params)).filter(({ envs }) => !env || envs.includes(env));
  return { envs: ["prod", "staging"], services: all };
}

export function service(name, params) {
  const own = ALL.find((each) => each[0] === name);
  const base = {
    name,
    operations: [],
    operation: "",
    resources: [],
    versions: [],
    upstream: [],
    downstream: [],
    error_issues: [],
  };
  if (!own) return base;
  const all = entry(own, params);
  const resources = RESOURCES.map((resource, index) => {
    const share = hash(`${name}${resource}`) ** 3 / 2.6 + 0.004;
    const hits = Math.round(all.hits * share);
    const slow = 0.3 + hash(`${resource}${name}`) * 2.4;
    const worse = index % 4 === 3 ? 1 : 0.7;
    return {
      resource:
        name === "postgres"
          ? `SELECT id, total FROM orders WHERE customer_id = $1 AND state = '${resource}'`
          : resource,
      hits,
      errors: Math.round(hits * all.error_rate * worse),
      error_rate: all.error_rate * worse,
      avg_ms: all.p50_ms * slow * 1.2,
      p50_ms: all.p50_ms * slow,
      p95_ms: all.p95_ms * slow * worse,
      p99_ms: all.p99_ms * slow,
      total_ms: hits * all.p50_ms * slow * 1.2,
    };
  });
  const neighbour = (other) => {
    const them = entry(
      ALL.find((each) => each[0] === other),
      params,
    );
    return {
      service: other,
      hits: Math.round(them.hits * 0.4),
      errors: Math.round(them.errors * 0.4),
      p95_ms: them.p95_ms,
    };
  };
  const version = (text, from, share, rate) => ({
    version: text,
    first_seen_ms: from,
    last_seen_ms: now(),
    hits: Math.round(all.hits * share),
    errors: Math.round(all.hits * share * rate),
    error_rate: rate,
    p50_ms: all.p50_ms * (0.8 + rate * 3),
    p95_ms: all.p95_ms * (0.6 + rate * 6),
  });
  return {
    ...base,
    operations: [
      { name: own[1], type: own[2], hits: all.hits },
      { name: `${own[1].split(".")[0]}.middleware`, type: "custom", hits: all.hits * 3 },
    ],
    operation: params.get("operation") || own[1],
    resources,
    versions: [
      version("2.14.0", DEPLOYED, 0.36, own[4] * 2.6),
      version("2.13.4", now() - 26 * 3_600_000, 0.64, own[4]),
    ],
    upstream: EDGES.filter(([from, to]) => to === name && from !== name).map(([from]) => neighbour(from)),
    downstream: EDGES.filter(([from, to]) => from === name && to !== name).map(([, to]) => neighbour(to)),
    error_issues:
      own[4] === 0
        ? []
        : [
            {
              type: "payments.gateway.GatewayTimeout",
              message: "no answer from api.gateway.example within 0.08 s",
              count: 412,
              first_ms: DEPLOYED,
              last_ms: now() - 9_000,
              trace_id: "c".repeat(32),
            },
            {
              type: "psycopg.errors.DeadlockDetected",
              message: "deadlock detected: Process 811 waits for ShareLock on transaction 90211",
              count: 17,
              first_ms: DEPLOYED - 4e6,
              last_ms: now() - 400_000,
              trace_id: "d".repeat(32),
            },
            {
              type: "KeyError",
              message: "'currency'",
              count: 3,
              first_ms: DEPLOYED - 9e6,
              last_ms: now() - 2_400_000,
              trace_id: "e".repeat(32),
            },
          ],
  };
}

export function resourceSummary(name, params) {
  const own = ALL.find((each) => each[0] === name) ?? ALL[0];
  const all = entry(own, params);
  const bounds = Array.from({ length: 46 }, (_, n) => 200_000 * 1.25 ** n);
  const counts = bounds.slice(1).map((bound) => {
    const from = Math.log(bound / (own[5] * 1e6));
    const bump = Math.log(bound / (own[5] * 9e6));
    return Math.round(all.hits * 0.12 * (Math.exp(-(from ** 2) * 2.2) + 0.09 * Math.exp(-(bump ** 2) * 6)));
  });
  return {
    hits: counts.reduce((sum, count) => sum + count, 0),
    errors: all.errors,
    avg_spans_per_trace: 24.6,
    distribution: {
      bounds_ns: bounds,
      counts,
      errors: counts.map((count, n) => (n > 28 ? Math.round(count * 0.4) : Math.round(count * 0.002))),
    },
  };
}

export function serviceMap(params) {
  const nodes = services(params).services;
  const rate = new Map(nodes.map((node) => [node.name, node]));
  return {
    nodes: nodes.map(({ name, type, hits_per_s, error_rate, p95_ms }) => ({
      service: name,
      type,
      hits_per_s,
      error_rate,
      p95_ms,
    })),
    edges: EDGES.filter(([from, to]) => rate.has(from) && rate.has(to)).map(([from, to]) => {
      const them = rate.get(to);
      return {
        from,
        to,
        hits_per_s: Math.min(them.hits_per_s, rate.get(from).hits_per_s * 1.4),
        error_rate: them.error_rate,
        p95_ms: them.p95_ms,
      };
    }),
  };
}
