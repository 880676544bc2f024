"""Deterministic span workload as v0.5 trace payloads (msgpack). Usage: genspans.py TRACES OUTDIR [SEED] [TRACES_PER_PAYLOAD] [START_NS]
A trace has 4 to 24 spans over six services: web request, handlers, SQL, cache, HTTP calls, queue. Needs PyPI msgpack."""
import os, random, sys, msgpack

traces, out = int(sys.argv[1]), sys.argv[2]
rnd = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 7)
per = int(sys.argv[4]) if len(sys.argv) > 4 else 200
os.makedirs(out, exist_ok=True)
SERVICES = ["web", "checkout", "catalog", "auth", "payments", "search"]
PATHS = ["/", "/login", "/cart", "/checkout", "/api/items/{}", "/api/users/{}/orders", "/search"]
SQL = ["SELECT id, name, price FROM items WHERE id = ?", "SELECT * FROM orders WHERE user_id = ? ORDER BY created_at DESC LIMIT 20", "INSERT INTO orders (user_id, total) VALUES (?, ?)", "UPDATE carts SET updated_at = now() WHERE id = ?"]
now = int(sys.argv[5]) if len(sys.argv) > 5 else 1_763_600_000_000_000_000


class Strings:
    def __init__(self): self.index, self.all = {"": 0}, [""]
    def __call__(self, s):
        if s not in self.index: self.index[s] = len(self.all); self.all.append(s)
        return self.index[s]


def span(s, service, name, resource, kind, trace, parent, start, duration, error=0, meta=(), metrics=()):
    ident = rnd.getrandbits(63) or 1
    return ident, [s(service), s(name), s(resource), trace, ident, parent, start, duration, error, {s(k): s(v) for k, v in meta}, {s(k): float(v) for k, v in metrics}, s(kind)]


def trace(s):
    global now
    now += rnd.randint(100_000, 9_000_000)
    tid, path = rnd.getrandbits(63) or 1, rnd.choice(PATHS)
    status = rnd.choices([200, 302, 404, 500], [92, 3, 3, 2])[0]
    total = int(rnd.lognormvariate(17.2, 0.9))
    env, version, host = rnd.choice(["prod", "prod", "prod", "staging"]), rnd.choice(["1.4.2", "1.4.3"]), f"ip-10-0-{rnd.randint(0, 3)}-{rnd.randint(10, 19)}"
    base = [("env", env), ("version", version), ("_dd.hostname", host), ("language", "python")]
    root, row = span(s, "web", "flask.request", f"GET {path}", "web", tid, 0, now, total, int(status >= 500), base + [("http.method", "GET"), ("http.status_code", str(status)), ("http.url", path.format(rnd.randint(1, 50000))), ("usr.id", str(rnd.randint(1, 200000)))], [("_sampling_priority_v1", 1), ("_top_level", 1)])
    rows, parents, at = [row], [(root, now, total)], now
    for _ in range(rnd.randint(3, 23)):
        parent, start, room = rnd.choice(parents)
        length = max(20_000, int(room * rnd.uniform(0.02, 0.5)))
        begin = start + int(rnd.uniform(0, max(1, room - length)))
        kind = rnd.choices(["sql", "cache", "http", "worker"], [40, 25, 25, 10])[0]
        service = rnd.choice(SERVICES[1:])
        if kind == "sql":
            q = rnd.choice(SQL); ident, row = span(s, service + "-db", "postgres.query", q, "sql", tid, parent, begin, length, 0, base + [("db.system", "postgresql"), ("db.name", service)], [("db.row_count", rnd.randint(0, 500))])
        elif kind == "cache":
            ident, row = span(s, "redis", "redis.command", rnd.choice(["GET", "SET", "MGET"]), "cache", tid, parent, begin, length, 0, base + [("out.host", "cache-1")])
        elif kind == "http":
            bad = rnd.random() < 0.03
            ident, row = span(s, service, "http.request", f"POST /internal/{service}", "http", tid, parent, begin, length, int(bad), base + [("http.status_code", "502" if bad else "200")] + ([("error.type", "ConnectionError"), ("error.message", f"upstream {service} reset after {rnd.randint(1, 900)} ms"), ("error.stack", "Traceback (most recent call last):\n  File \"app.py\", line 42, in call\nConnectionError")] if bad else []))
            parents.append((ident, begin, length))
        else:
            ident, row = span(s, service, "worker.job", f"{service}.reindex", "worker", tid, parent, begin, length, 0, base + [("queue", "default")])
            parents.append((ident, begin, length))
        rows.append(row)
    return rows


count = 0
for part in range(0, traces, per):
    s = Strings()
    chunk = [trace(s) for _ in range(min(per, traces - part))]
    count += sum(map(len, chunk))
    with open(os.path.join(out, f"{part // per:06d}.msgpack"), "wb") as f:
        f.write(msgpack.packb([s.all, chunk]))
print(count, "spans")
