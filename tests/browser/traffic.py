"""A believable shop for pictures: web requests through six services with SQL, cache and HTTP calls, errors with stacks, log lines
with their trace, and a release half way. Sent as tracers and loggers send it."""

import random
import threading
import time

import requests
from conftest import API_KEY

PATHS = [("GET /", 5), ("GET /products/{id}", 9), ("GET /search", 6), ("POST /cart", 4), ("POST /checkout", 2)]
CALLS = {
    "GET /": [("catalog", "GET /featured"), ("auth", "GET /session")],
    "GET /products/{id}": [("catalog", "GET /items/{id}"), ("recommend", "GET /similar")],
    "GET /search": [("search", "GET /query")],
    "POST /cart": [("cart", "PUT /cart/{id}"), ("auth", "GET /session")],
    "POST /checkout": [("cart", "GET /cart/{id}"), ("payments", "POST /charge"), ("auth", "GET /session")],
}
SQL = {
    "catalog": "SELECT id, name, price FROM items WHERE id = $1",
    "cart": "SELECT * FROM cart_lines WHERE cart_id = $1 ORDER BY added_at",
    "payments": "INSERT INTO charges (order_id, amount, currency) VALUES ($1, $2, $3)",
    "auth": "SELECT user_id, expires_at FROM sessions WHERE token_hash = $1",
    "recommend": "SELECT other_id, score FROM similar_items WHERE item_id = $1 ORDER BY score DESC LIMIT 12",
}
STACK = 'Traceback (most recent call last):\n  File "payments/charge.py", line 88, in charge\n    raise GatewayTimeout(after_ms)\nGatewayTimeout: the bank did not answer'


class Traffic(threading.Thread):
    """Sends until `stop()`: a few traces a second with their lines."""

    def __init__(self, server, release_s: float):
        super().__init__(daemon=True)
        self.server, self.release_at = server, time.time() + release_s
        self.rng, self.stopping = random.Random(7), threading.Event()

    def stop(self) -> None:
        self.stopping.set()
        self.join()

    def run(self) -> None:
        while not self.stopping.wait(1.0):
            chunks, lines = [], []
            for _ in range(self.rng.randint(4, 9)):
                spans = self.trace(lines)
                chunks.append(spans)
            requests.put(f"http://127.0.0.1:{self.server.apm}/v0.3/traces", json=chunks, timeout=30).raise_for_status()
            requests.post(f"{self.server.url}/api/v2/logs", json=lines, headers={"DD-API-KEY": API_KEY}, timeout=30).raise_for_status()

    def span(self, trace: int, parent: int, service: str, name: str, resource: str, kind: str, start: int, length: int, **meta) -> dict:
        base = {"env": "prod", "version": "2.8.0" if time.time() < self.release_at else "2.8.1", "_dd.hostname": f"shop-{1 + trace % 3}", "language": "python"}
        return {"trace_id": trace, "span_id": self.rng.getrandbits(62) | 1, "parent_id": parent, "service": service, "name": name, "resource": resource,
                "type": kind, "start": start, "duration": length, "error": 0, "meta": {**base, **meta}, "metrics": {"_sampling_priority_v1": 1, "_dd.top_level": 1}}

    def trace(self, lines: list) -> list:
        rng, trace = self.rng, self.rng.getrandbits(62) | 1
        path = rng.choices([p for p, _ in PATHS], [w for _, w in PATHS])[0]
        slow = 3.0 if time.time() > self.release_at and "checkout" in path else 1.0
        total = int(rng.lognormvariate(17.6, 0.5) * slow)
        start = time.time_ns() - total - rng.randint(0, 900_000_000)
        user = f"u-{rng.randint(1000, 1400)}"
        root = self.span(trace, 0, "web", "flask.request", path, "web", start, total, **{"span.kind": "server", "http.method": path.split()[0], "http.status_code": "200", "usr.id": user})
        spans, at = [root], start + total // 20
        for service, resource in CALLS[path]:
            length = int(total * rng.uniform(0.15, 0.4))
            call = self.span(trace, root["span_id"], service, "http.request", resource, "http", at, length, **{"span.kind": "server", "http.status_code": "200"})
            spans.append(call)
            if service in SQL:
                spans.append(self.span(trace, call["span_id"], f"{service}-db", "postgres.query", SQL[service], "sql", at + length // 10, int(length * 0.6),
                                       **{"db.system": "postgresql", "db.name": service, "span.kind": "client"}))
            if rng.random() < 0.5:
                spans.append(self.span(trace, call["span_id"], "redis", "redis.command", rng.choice(["GET", "MGET", "SET"]), "cache", at + length * 7 // 10, length // 12, **{"span.kind": "client"}))
            if service == "payments" and rng.random() < (0.25 if slow > 1 else 0.06):
                for failed in (call, root):
                    failed.update(error=1)
                    failed["meta"]["http.status_code"] = "502"
                call["meta"].update({"error.type": "GatewayTimeout", "error.message": "the bank did not answer", "error.stack": STACK})
            at += length + total // 30
            lines.append(self.line(call, "error" if call["error"] else rng.choices(["info", "debug", "warn"], [8, 2, 1])[0], user))
        lines.append(self.line(root, "error" if root["error"] else "info", user))
        return spans

    def line(self, span: dict, status: str, user: str) -> dict:
        ms = span["duration"] // 1_000_000
        text = {
            "error": f"{span['resource']} failed for {user} after {ms} ms: the bank did not answer",
            "warn": f"slow answer of {span['service']}: {ms} ms, budget {max(20, ms // 2)} ms",
        }.get(status, f"{span['resource']} for {user} took {ms} ms, {self.rng.randint(1, 40)} rows")
        return {"timestamp": (span["start"] + span["duration"]) // 1_000_000, "service": span["service"], "hostname": span["meta"]["_dd.hostname"], "status": status, "message": text,
                "ddsource": "python", "ddtags": f"env:prod,version:{span['meta']['version']}", "usr": {"id": user}, "duration_ms": ms,
                "dd": {"trace_id": f"{span['trace_id']:032x}", "span_id": str(span["span_id"])}}
