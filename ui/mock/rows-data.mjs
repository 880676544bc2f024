/** Rows that are functions of time: the same instant always gives the same log, span or event. */
import { hash as plain } from "./metrics.mjs";

/** Neighbours must differ: one more mixing than the metrics need. */
function hash(text) {
  let value = Math.floor(plain(text) * 4294967296);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return ((value ^ (value >>> 16)) >>> 0) / 4294967296;
}

const SLOT_MS = { logs: 400, spans: 250, events: 97_000 };

/** More rows than this in one answer would stall the mock; longer ranges are thinned. */
const ROWS_MAX = 24_000;

const pick = (list, seed) => list[Math.floor(hash(seed) * list.length) % list.length];
const hex = (seed, length) =>
  Array.from({ length }, (_, n) => "0123456789abcdef"[Math.floor(hash(`${seed}/${n}`) * 16)]).join("");

const SERVICES = ["web", "web", "web", "checkout", "checkout", "payments", "search", "auth", "mailer"];
const HOST_OF = { web: ["web-1", "web-2"], checkout: ["app-1", "app-2"], payments: ["app-2"], search: ["db-1"] };
const PATHS = ["/", "/cart", "/cart/items", "/checkout", "/products/{n}", "/api/v2/search", "/login", "/healthz"];
const SQL = [
  "SELECT id, total FROM orders WHERE user_id = $1 ORDER BY created_at DESC LIMIT 20",
  "UPDATE stock SET held = held + 1 WHERE sku = $1",
  "INSERT INTO payments (order_id, amount, state) VALUES ($1, $2, 'pending')",
];

function core(seed, slot) {
  const service = pick(SERVICES, `${seed}s`);
  const burst = slot % 2400 > 2140 && service === "payments";
  const luck = hash(`${seed}l`);
  const status =
    burst && luck < 0.5 ? "error" : luck < 0.02 ? "error" : luck < 0.06 ? "warn" : luck < 0.2 ? "debug" : "info";
  return {
    service,
    status,
    host: pick(HOST_OF[service] ?? ["app-1", "app-3"], `${seed}h`),
    user: `user-${Math.floor(hash(`${seed}u`) ** 2 * 400)}`,
  };
}

function logAt(slot, time) {
  const seed = `log${slot}`;
  const { service, status, host, user } = core(seed, slot);
  const path = pick(PATHS, `${seed}p`).replace("{n}", String(Math.floor(hash(`${seed}n`) * 9000)));
  const took = Math.round(4 + hash(`${seed}d`) ** 4 * 1800);
  const code = status === "error" ? pick([500, 502, 503], seed) : status === "warn" ? pick([404, 429], seed) : 200;
  const method = pick(["GET", "GET", "GET", "POST", "PUT"], `${seed}m`);
  const ip = `10.0.${Math.floor(hash(`${seed}i`) * 4)}.${Math.floor(hash(`${seed}j`) * 250)}`;
  const sql = pick(SQL, `${seed}q`);
  const kinds = {
    error: [
      `payment declined for order ${hex(seed, 8)}: upstream answered ${code} after ${took} ms`,
      `unhandled exception while serving ${method} ${path}\nTraceback (most recent call last):\n  File "/srv/${service}/app.py", line 214, in dispatch\n    response = self.handle(request)\n  File "/srv/${service}/pay.py", line 88, in charge\n    raise GatewayTimeout(order_id)\npay.GatewayTimeout: ${hex(seed, 8)}`,
    ],
    warn: [`slow query took ${took + 900} ms: ${sql}`, `retry 2 of 5 for ${ip} after timeout`],
    debug: [
      `cache miss for key product:${Math.floor(hash(`${seed}k`) * 9000)}`,
      `pool has ${Math.floor(hash(`${seed}z`) * 20)} idle connections`,
    ],
    info: [
      `${method} ${path} ${code} in ${took} ms`,
      `${method} ${path} ${code} in ${took} ms`,
      `${ip} - ${user} logged in`,
      `order ${hex(seed, 8)} placed by ${user}`,
    ],
  };
  const message = pick(kinds[status], `${seed}t`);
  const traced = hash(`${seed}tr`) < 0.6;
  return {
    id: `l${slot}`,
    service,
    host,
    env: "prod",
    status,
    source: pick(["python", "nginx", "nodejs"], service),
    version: service === "checkout" ? pick(["2.14.0", "2.13.4"], `${seed}v`) : "1.8.2",
    message,
    ...(traced ? { trace_id: hex(`${seed}T`, 32), span_id: hex(`${seed}S`, 16) } : {}),
    tags: {
      team: service === "payments" ? "money" : "shop",
      region: pick(["eu-1", "us-2"], host),
      container: [`${service}-${hex(host, 5)}`, "sidecar"],
    },
    attributes: {
      http: {
        method,
        url_details: { path },
        status_code: code,
        useragent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0",
      },
      network: { client: { ip }, bytes_written: Math.round(hash(`${seed}b`) * 90_000) },
      usr: { id: user, plan: pick(["free", "pro", "team"], user) },
      duration_ms: took,
      cached: hash(`${seed}c`) < 0.3,
      ...(message.includes("query") ? { db: { statement: sql, rows: Math.floor(hash(seed) * 80) } } : {}),
      ...(status === "error" ? { error: { kind: "GatewayTimeout", retryable: true } } : {}),
    },
    time_ms: time,
  };
}

function spanAt(slot, time) {
  const seed = `span${slot}`;
  const { service, status, host, user } = core(seed, slot);
  const path = pick(PATHS, `${seed}p`);
  const db = hash(`${seed}y`) < 0.3;
  return {
    id: `s${slot}`,
    service,
    host,
    env: "prod",
    version: "2.14.0",
    status: status === "error" ? "error" : "ok",
    name: db ? "postgres.query" : "http.request",
    resource: db ? pick(SQL, `${seed}q`) : `${pick(["GET", "POST"], seed)} ${path.replace("{n}", ":id")}`,
    type: db ? "db" : "web",
    trace_id: hex(`${seed}T`, 32),
    span_id: hex(`${seed}S`, 16),
    duration_ns: Math.round((2 + hash(`${seed}d`) ** 5 * 2400) * (status === "error" ? 3 : 1) * 1e6),
    tags: { team: service === "payments" ? "money" : "shop" },
    attributes: {
      http: { method: "GET", status_code: status === "error" ? 500 : 200 },
      usr: { id: user },
      span: { kind: db ? "client" : "server" },
    },
    time_ms: time,
  };
}

const EVENTS = [
  [
    "Deployed checkout 2.14.0",
    "info",
    "deploy",
    "service:checkout",
    "Commit `4fe2a91` by Ada.\n\nRolled out to 6 pods in 41 s.",
  ],
  ["Deployed web 1.8.2", "success", "deploy", "service:web", "Commit `91c02de` by Linus."],
  [
    "Postgres restarted on db-1",
    "error",
    "postgres",
    "service:search",
    "The server process was killed by signal 9; recovery took 8 s.",
  ],
  ["[Triggered] payments: error rate above 5 %", "error", "monitor", "service:payments", "avg over 5 min was 7.3 %"],
  ["[Recovered] payments: error rate above 5 %", "success", "monitor", "service:payments", "avg over 5 min was 0.4 %"],
  ["Disk /var is 91 % full on web-1", "warning", "disk", "service:web", "About 9 h are left at this rate."],
  ["Feature flag new-cart switched on", "info", "flags", "service:checkout", "50 % of users"],
];

function eventAt(slot, time) {
  const seed = `event${slot}`;
  const [name, status, source, tag, message] = pick(EVENTS, seed);
  return {
    id: `e${slot}`,
    name,
    message,
    status,
    source,
    service: tag.split(":")[1],
    host: pick(["web-1", "app-1", "db-1"], seed),
    env: "prod",
    tags: { service: tag.split(":")[1], team: "shop" },
    attributes: {
      evt: { id: slot },
      priority: hash(`${seed}p`) < 0.3 ? "low" : "normal",
      aggregation_key: `${source}-${tag.split(":")[1]}`,
    },
    time_ms: time,
  };
}

const MAKE = { logs: logAt, spans: spanAt, events: eventAt };

function made(signal, slot, time) {
  const row = MAKE[signal](slot, time);
  return {
    ...row,
    time_ns: `${Math.round(time)}000000`.replace(/0{6}$/, String(Math.floor(hash(row.id) * 999999)).padStart(6, "0")),
  };
}

/** Newest first. */
export function rowsBetween(signal, fromMs, toMs) {
  const every = SLOT_MS[signal];
  const to = Math.min(toMs, Date.now());
  const thin = Math.max(1, Math.ceil((to - fromMs) / every / ROWS_MAX));
  const rows = [];
  for (let slot = Math.floor(to / every); slot * every >= fromMs; slot -= 1) {
    if (slot % thin !== 0) continue;
    const day = 0.55 + 0.45 * Math.sin((slot * every) / 4_000_000);
    if (signal !== "events" && hash(`keep${slot}`) > day) continue;
    rows.push(made(signal, slot, slot * every + Math.floor(hash(`j${slot}`) * every)));
  }
  return rows.filter(({ time_ms }) => time_ms < to);
}

export function rowById(signal, id) {
  const slot = Number(id.slice(1));
  return made(signal, slot, slot * SLOT_MS[signal] + Math.floor(hash(`j${slot}`) * SLOT_MS[signal]));
}
