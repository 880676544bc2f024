/** Traces of the mock: a shop's checkout under any id, and one of 50,000 spans under the id ffff…f. */
import { rowsBetween } from "./rows-data.mjs";
import { builder, CHECKOUT, hex, LARGE, large, MS, walk } from "./trace-shape.mjs";

const began = Date.now() - 95_000;

/** Backwards from the end: whoever ran last is waited for; before it began, whoever ran last then. */
function criticalPath({ spans }) {
  const children = spans.id.map(() => []);
  for (const [at, parent] of spans.parent.entries()) if (parent >= 0) children[parent].push(at);
  const path = [];
  const end = (at) => spans.start_ns[at] + spans.duration_ns[at];
  const follow = (at, until) => {
    let now = Math.min(until, end(at));
    for (const child of children[at].sort((a, b) => end(b) - end(a))) {
      if (end(child) > now || spans.start_ns[child] < spans.start_ns[at] || end(child) > end(at)) continue;
      if (now > end(child)) path.push([at, end(child), now]);
      follow(child, end(child));
      now = spans.start_ns[child];
    }
    if (now > spans.start_ns[at]) path.push([at, spans.start_ns[at], now]);
  };
  follow(0, end(0));
  return path;
}

const kept = new Map();

function traceFor(id) {
  if (!kept.has(id)) {
    const made = id === LARGE ? large() : builder(id);
    if (id !== LARGE) walk(made, -1, CHECKOUT, 0, id);
    kept.set(id, made);
  }
  return kept.get(id);
}

export function trace(id) {
  if (/^0+$/.test(id)) return { status: 404, body: { errors: [`no trace ${id}`] } };
  const made = traceFor(id);
  const { spans, words } = made;
  const end = Math.max(...spans.start_ns.slice(0, 2000).map((start, at) => start + spans.duration_ns[at]));
  return {
    trace_id: id,
    start_ns: `${began}000000`,
    end_ns: String(BigInt(began) * 1000000n + BigInt(Math.round(end))),
    truncated: false,
    spans,
    words,
    logs_count: 6,
    critical_path: criticalPath(made),
  };
}

const STACK = `Traceback (most recent call last):
  File "/srv/payments/charges.py", line 88, in charge
    answer = gateway.post("/v1/charges", json=body, timeout=0.08)
  File "/srv/payments/gateway.py", line 31, in post
    raise GatewayTimeout(f"no answer from {self.host} within {timeout} s")
payments.gateway.GatewayTimeout: no answer from api.gateway.example within 0.08 s`;

export function span(id, spanId) {
  const { spans, words, faults } = traceFor(id);
  const at = spans.id.indexOf(spanId);
  if (at < 0) return { status: 404, body: { errors: [`no span ${spanId} in trace ${id}`] } };
  const word = (kind) => words[kind][spans[kind][at]];
  const sql = word("type") === "sql";
  const atMs = began + spans.start_ns[at] / MS;
  const fault = faults[at];
  const row = {
    id: `x${at}`,
    time_ns: String(BigInt(began) * 1000000n + BigInt(spans.start_ns[at])),
    time_ms: atMs,
    ...{
      service: word("service"),
      host: word("host"),
      env: "prod",
      version: "2.14.0",
      name: word("name"),
      type: word("type"),
    },
    resource: word("resource"),
    status: spans.error[at] ? "error" : "ok",
    trace_id: id,
    span_id: spanId,
    parent_id: spans.parent[at] >= 0 ? spans.id[spans.parent[at]] : "0000000000000000",
    duration_ns: spans.duration_ns[at],
    tags: { team: "shop", region: "eu-1" },
    attributes: {
      ...(sql
        ? { db: { system: "postgresql", name: "shop", statement: word("resource"), rows_affected: 3 } }
        : {
            http: {
              method: "POST",
              url: `http://shop.example${word("resource").split(" ")[1] ?? "/"}`,
              status_code: spans.error[at] ? 502 : 200,
              useragent: "Mozilla/5.0",
            },
          }),
      ...(fault
        ? { error: { type: fault, message: "no answer from api.gateway.example within 0.08 s", stack: STACK } }
        : {}),
      usr: { id: "user-42", plan: "pro" },
      component: "flask",
      language: "python",
      span: { kind: sql ? "client" : "server" },
      thread: { id: 140112, name: "worker-3" },
      _dd: { p: { dm: "-1" } },
    },
  };
  const logs =
    at % 3 === 0
      ? rowsBetween("logs", atMs - 4_000, atMs)
          .slice(0, 3)
          .map((log) => ({ ...log, trace_id: id, span_id: spanId }))
      : [];
  return {
    span: row,
    logs,
    links:
      at === 0
        ? [{ trace_id: hex("linked", 32), span_id: hex("linkedspan", 16), attributes: { reason: "retry" } }]
        : [],
    events: fault
      ? [{ time_ns: String(BigInt(row.time_ns) + 79000000n), name: "retry", attributes: { attempt: 2 } }]
      : [],
  };
}
