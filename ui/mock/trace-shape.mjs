/** How the mock's traces are made: a shop's checkout of some thirty spans, and one of 50,000. */
import { hash } from "./metrics.mjs";

export const LARGE = "f".repeat(32);
const LARGE_SPANS = 50_000;
export const MS = 1e6;

export const hex = (seed, length) =>
  Array.from({ length }, (_, n) => "0123456789abcdef"[Math.floor(hash(`${seed}/${n}`) * 16)]).join("");

const SQL = [
  "SELECT o.id, o.total, o.state FROM orders o LEFT JOIN customers c ON c.id = o.customer_id WHERE o.customer_id = $1 AND o.state IN ('open', 'held') ORDER BY o.created_at DESC LIMIT 20",
  "UPDATE stock SET held = held + $2 WHERE sku = $1 AND free >= $2 RETURNING free",
  "INSERT INTO payments (order_id, amount, state, created_at) VALUES ($1, $2, 'pending', now())",
  "SELECT price, currency FROM prices WHERE sku = ANY($1)",
];

/** service, operation, resource, type, host, own ms, children */
export const CHECKOUT = [
  "web",
  "flask.request",
  "POST /checkout",
  "web",
  "web-1",
  4,
  [
    [
      "auth",
      "http.request",
      "GET /session/:id",
      "web",
      "app-1",
      3,
      [["redis", "redis.command", "GET session", "redis", "cache-1", 1.2, []]],
    ],
    [
      "checkout",
      "fastapi.request",
      "POST /orders",
      "web",
      "app-2",
      9,
      [
        ["postgres", "postgres.query", SQL[0], "sql", "db-1", 46, []],
        [
          "search",
          "grpc.request",
          "/catalog.Catalog/Lookup",
          "rpc",
          "db-1",
          5,
          [
            ...Array.from({ length: 14 }, (_, n) => [
              "elasticsearch",
              "elasticsearch.query",
              `GET /products/_search #${n}`,
              "elasticsearch",
              "db-2",
              3 + (n % 5),
              [],
            ]),
          ],
        ],
        ["postgres", "postgres.query", SQL[3], "sql", "db-1", 12, []],
        ["postgres", "postgres.query", SQL[1], "sql", "db-1", 212, []],
        [
          "payments",
          "express.request",
          "POST /charges",
          "web",
          "app-2",
          7,
          [
            ["postgres", "pg.query", SQL[2], "sql", "db-2", 6, []],
            ["payments", "http.request", "POST https://api.gateway.example/v1/charges", "http", "app-2", 141, []],
            [
              "payments",
              "http.request",
              "POST https://api.gateway.example/v1/charges",
              "http",
              "app-2",
              88,
              [],
              "GatewayTimeout",
            ],
            ["redis", "redis.command", "SET idempotency", "redis", "cache-1", 0.8, []],
          ],
        ],
        [
          "kafka",
          "kafka.produce",
          "orders.placed",
          "queue",
          "app-2",
          2.5,
          [
            [
              "mailer",
              "kafka.consume",
              "orders.placed",
              "queue",
              "app-3",
              31,
              [["mailer", "smtp.send", "order-confirmation", "custom", "app-3", 24, []]],
            ],
          ],
        ],
      ],
    ],
    ["web", "flask.render_template", "checkout/done.html", "template", "web-1", 11, []],
  ],
];

export function builder(id) {
  const words = { service: [], name: [], resource: [], type: [], host: [] };
  const known = { service: new Map(), name: new Map(), resource: new Map(), type: new Map(), host: new Map() };
  const spans = {
    id: [],
    parent: [],
    start_ns: [],
    duration_ns: [],
    service: [],
    name: [],
    resource: [],
    type: [],
    error: [],
    host: [],
  };
  const faults = [];
  const put = (kind, word) => {
    if (!known[kind].has(word)) known[kind].set(word, words[kind].push(word) - 1);
    spans[kind].push(known[kind].get(word));
  };
  const add = (parent, [service, name, resource, type, host], start, duration, fault) => {
    const at = spans.id.push(hex(`${id}${spans.id.length}`, 16)) - 1;
    spans.parent.push(parent);
    spans.start_ns.push(Math.round(start));
    spans.duration_ns.push(Math.round(duration));
    spans.error.push(fault ? 1 : 0);
    faults.push(fault ?? null);
    for (const [kind, word] of Object.entries({ service, name, resource, type, host })) put(kind, word);
    return at;
  };
  return { words, spans, faults, add };
}

/** Children one after the other, but searches side by side and messages after their sender has gone on. */
export function walk(made, parent, node, start, seed) {
  const [service, , , , , own, children, fault] = node;
  const shake = 0.7 + hash(`${seed}${made.spans.id.length}`) * 0.6;
  const at = made.add(parent, node, start, own * shake * MS, fault);
  let end = start + own * 0.4 * shake * MS;
  let last = start + own * shake * MS;
  for (const child of children) {
    const beside = service === "search";
    const late = child[0] === "mailer";
    const done = walk(
      made,
      at,
      child,
      beside ? start + 0.6 * MS + hash(`${seed}${end}${made.spans.id.length}`) * 3 * MS : late ? last + 4 * MS : end,
      seed,
    );
    if (!late) {
      end = beside ? Math.max(end, done) : done + 0.3 * MS;
      last = Math.max(last, end + own * 0.2 * MS);
    }
  }
  made.spans.duration_ns[at] = Math.round(last - start);
  if (children.some((child) => child[7]) || fault) {
    made.spans.error[at] = 1;
    made.faults[at] ??= "CheckoutError";
  }
  return last;
}

const SERVICES = ["web", "checkout", "payments", "search", "auth", "mailer", "postgres", "redis", "kafka"];

export function large() {
  const made = builder(LARGE);
  made.add(-1, ["web", "batch.run", "nightly reconciliation", "custom", "web-1"], 0, 42_000 * MS);
  const open = [0];
  for (let at = 1; at < LARGE_SPANS; at++) {
    const luck = hash(`p${at}`);
    const parent = at < 60 ? 0 : open[Math.floor(luck ** 0.6 * open.length)];
    const { start_ns, duration_ns } = made.spans;
    const start = start_ns[parent] + duration_ns[parent] * hash(`s${at}`) * 0.9;
    const duration = Math.max(
      20_000,
      (start_ns[parent] + duration_ns[parent] - start) * hash(`d${at}`) * (at < 60 ? 1 : 0.5),
    );
    const service = SERVICES[Math.floor(hash(`v${at}`) * SERVICES.length)];
    const sql = service === "postgres";
    const node = [
      service,
      sql ? "postgres.query" : `${service}.step`,
      sql ? SQL[at % 4] : `item ${at % 700}`,
      sql ? "sql" : "custom",
      `app-${1 + (at % 3)}`,
    ];
    const span = made.add(parent, node, start, duration, hash(`e${at}`) < 0.004 ? "StepFailed" : undefined);
    if (duration > 50_000) open.push(span);
    if (open.length > 3_000) open.splice(1, 500);
  }
  return sorted(made);
}

/** By start, as the server sends them. */
function sorted({ spans, words, faults }) {
  const order = spans.id.map((_, at) => at).sort((a, b) => spans.start_ns[a] - spans.start_ns[b] || a - b);
  const place = [];
  for (const [to, from] of order.entries()) place[from] = to;
  const columns = Object.entries(spans).map(([name, column]) => [name, order.map((at) => column[at])]);
  const moved = Object.fromEntries(columns);
  moved.parent = moved.parent.map((parent) => (parent < 0 ? -1 : place[parent]));
  return { spans: moved, words, faults: order.map((at) => faults[at]) };
}
