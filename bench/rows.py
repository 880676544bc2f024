"""The benchmarks of logs and spans: a million log lines against ClickHouse (`chdb`) in the same run, spans by the tracer's own payloads.
bench/README.md says how to read it. Usage: rows.py [--only logs|spans|page] [--rows N] [--large] [--json FILE]"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from bench import Table, median_ms
from servers import Oriel, free_port

HERE = pathlib.Path(__file__).resolve().parent
# A row of the workload is 17/7 ms after the last one, on average.
ROW_MS = 17 / 7
# A trace begins 4.55 ms after the last one, on average, and has about 14 spans.
TRACE_NS = 4_550_000
POST_BYTES = 4 << 20


def make_logs(folder: pathlib.Path, rows: int) -> pathlib.Path:
    """The workload with its stamps shifted so that the last one is about now."""
    out = folder / "logs.ndjson"
    start = int(time.time() * 1000 - rows * ROW_MS) - 120_000
    subprocess.run([sys.executable, str(HERE / "genlogs.py"), str(rows), str(out), "7", str(start)], check=True)
    return out


def bodies(path: pathlib.Path):
    """The file in pieces of whole lines."""
    with open(path, "rb") as file:
        while piece := file.read(POST_BYTES):
            yield piece + file.readline()


def many_logs(path: pathlib.Path, times: int, rows: int):
    """The workload several times over, each time earlier and with trace ids of its own: bodies of whole lines."""
    lines = path.read_bytes().splitlines()
    span_ms = int(rows * ROW_MS)
    for n in range(times):
        mark, shift, out, size = b'"trace_id":"%02x' % n, (times - 1 - n) * span_ms, [], 0
        for line in lines:
            comma = line.index(b",")
            line = b'{"timestamp":%d' % (int(line[13:comma]) - shift) + line[comma:]
            at = line.find(b'"trace_id":"')
            if at > 0:
                line = line[:at] + mark + line[at + 14:]
            out.append(line)
            size += len(line)
            if size > POST_BYTES:
                yield b"\n".join(out)
                out, size = [], 0
        yield b"\n".join(out)


def many_spans(folder: pathlib.Path, times: int, traces: int):
    """The payloads several times over, each time earlier and with ids of their own."""
    import msgpack

    payloads = [msgpack.unpackb(file.read_bytes(), strict_map_key=False) for file in sorted(folder.iterdir())]
    for n in range(times):
        for _, chunks in payloads:
            for chunk in chunks:
                for span in chunk:
                    # The last repetition's mark is taken out again by the next one.
                    flip = (n ^ (n - 1) if n else 0) << 48
                    span[3] ^= flip
                    span[4] ^= flip
                    span[5] = span[5] ^ flip if span[5] else 0
                    span[6] -= traces * TRACE_NS if n else 0
        for payload in payloads:
            yield msgpack.packb(payload)


class Rows(Oriel):
    """Oriel with its trace listener."""

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        self.apm = free_port()
        self.flags = ["--apm", f"127.0.0.1:{self.apm}", "--otlp-grpc", "off", "--otlp-http", "off", "--syslog", "off"]

    def send(self, path: str, body: bytes, content_type: str) -> None:
        for _ in range(600):
            status, text = self.request("POST", path, body, {"Content-Type": content_type})
            if status != 429:
                break
            time.sleep(0.05)
        if status >= 300:
            raise RuntimeError(f"{path} answered {status}: {text[:500]!r}")

    def ask_rows(self, question: str, **body) -> dict:
        status, text = self.request("POST", f"/api/ui/rows/{question}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        answer = json.loads(text)
        if status != 200 or answer.get("error"):
            raise RuntimeError(f"{question} {body}: {status} {text[:500]!r}")
        return answer

    def sql(self, text: str) -> dict:
        status, answer = self.request("POST", "/api/v1/sql", json.dumps({"query": text}).encode(), {"Content-Type": "application/json"})
        if status != 200:
            raise RuntimeError(f"{text}: {status} {answer[:500]!r}")
        return json.loads(answer)


def peer(logs: pathlib.Path, folder: pathlib.Path) -> dict:
    """ClickHouse's figures, by name."""
    done = subprocess.run([sys.executable, str(HERE / "peer_clickhouse_logs.py"), str(logs), str(folder)], check=True, capture_output=True, text=True)
    figures = dict(line.split("\t") for line in done.stdout.splitlines())
    return {name: float(text.split()[0]) for name, text in figures.items()}


def questions(server: Rows, begin: int, end: int) -> dict:
    """The seven queries: name to (what a client asks, what it must find, or None)."""
    scope = {"signal": "logs", "from_ms": begin, "to_ms": end}
    # A third of the way in, so that it lies neither in the newest nor in the oldest block.
    third = begin + (end - begin) // 3
    some = server.ask_rows("search", **{**scope, "from_ms": third}, query="trace_id:*", limit=1, sort="timestamp")
    trace = some["rows"][0]["trace_id"]
    count = [{"aggregation": "count"}]
    by = lambda *fields: [{"field": field, "limit": 100} for field in fields]  # noqa: E731
    table = lambda query, computes, group_by: lambda: server.ask_rows(  # noqa: E731
        "aggregate", **scope, query=query, computes=computes, group_by=group_by, display="table")
    return {
        "phrase": table('"gateway timeout"', count, []),
        "newest_100_errors": lambda: server.ask_rows("search", **scope, query="status:error", limit=100),
        "by_service_status": table("*", count, by("service", "status")),
        "trace_id": lambda: server.ask_rows("search", **scope, query=f"trace_id:{trace}", limit=100),
        "p95_by_code": table("service:nginx", [{"aggregation": "pc95", "field": "@duration"}, *count], by("@http.status_code")),
        "histogram": lambda: server.ask_rows("aggregate", **scope, query="*", computes=count, group_by=[], display="timeseries", step_ms=60_000),
        "regex": lambda: server.sql("SELECT count(*) AS n FROM logs WHERE message ~ 'length 4[0-9]$'"),
    }


def check(logs: pathlib.Path, server: Rows, asks: dict) -> list[str]:
    """Answers that are wrong, by reading the input itself."""
    import re

    lines = phrase = regex = minutes = 0
    groups: dict = {}
    for line in open(logs):
        row = json.loads(line)
        lines += 1
        phrase += "gateway timeout" in row["message"]
        regex += bool(re.search("length 4[0-9]$", row["message"]))
        key = (row["service"], row["status"])
        groups[key] = groups.get(key, 0) + 1
    wrong = []
    if (n := asks["phrase"]()["groups"][0]["values"][0]) != phrase:
        wrong.append(f"phrase {n}, not {phrase}")
    if (n := asks["regex"]()["rows"][0]["n"]) != regex:
        wrong.append(f"regex {n}, not {regex}")
    found = {tuple(v for _, v in g["by"]): g["values"][0] for g in asks["by_service_status"]()["groups"]}
    if found != groups:
        wrong.append(f"by service and status: {found}, not {groups}")
    minutes = sum(v or 0 for s in asks["histogram"]()["series"] for v in s["values"])
    if minutes != lines:
        wrong.append(f"histogram {minutes}, not {lines}")
    errors = asks["newest_100_errors"]()["rows"]
    if len(errors) != 100 or any(r["status"] != "error" for r in errors):
        wrong.append("newest 100 errors")
    return wrong


def logs_bench(table: Table, folder: pathlib.Path, rows: int, times: int = 1) -> None:
    print(f"     making {rows} log lines …", flush=True)
    logs = make_logs(folder, rows)
    with_peer, size = times == 1, logs.stat().st_size * times
    theirs = peer(logs, folder / "clickhouse") if with_peer else {}
    posts, rows = bodies(logs) if with_peer else many_logs(logs, times, rows), rows * times
    with Rows(folder / "logs-oriel") as server:
        empty, cpu, begin = server.disk_bytes(), server.cpu_s(), time.perf_counter()
        for body in posts:
            server.send("/api/v2/logs", body, "application/x-ndjson")
        wall, intake = time.perf_counter() - begin, server.cpu_s() - cpu
        server.settle()
        total, disk = server.cpu_s() - cpu, server.disk_bytes() - empty
        speed = size / 1e6 / total
        table.add("logs in, MB of JSON a CPU second", round(speed, 1), theirs.get("in", ""), ">= 45", speed >= 45)
        table.add("  of it until the last answer, CPU s / wall s", f"{intake:.2f} / {wall:.2f}", "", f"all: {total:.2f} CPU s", True)
        per_million = disk / 1e6 * 1e6 / rows
        table.add("disk after compaction, MB a million rows", round(per_million, 1), round(theirs.get("disk", 0) / 1e6, 1) or "", "<= 45", per_million <= 45)
        table.add("memory after it, MB", round(server.rss_bytes() / 1e6), "", "", True)
        now = int(time.time() * 1000)
        asks = questions(server, now - int(rows * ROW_MS) - 600_000, now + 60_000)
        wrong = check(logs, server, asks) if with_peer else []
        for name, ask in asks.items():
            mine = median_ms(ask)
            bar = max(5.0, theirs.get(name, 0))
            table.add(f"query {name}, ms", round(mine, 1), theirs.get(name, ""), f"<= {bar:.1f}" if with_peer else "", mine <= bar or not with_peer)
        for line in wrong:
            table.add(f"answer: {line}", "", "", "right", False)
        if not with_peer:
            needle = median_ms(asks["trace_id"])
            table.add(f"needle in {rows} rows, ms", round(needle, 1), "", "< 50", needle < 50)
            for query in ("gateway timeout", '"panic recovered" 42', "status:error @usr.id:777", "-service:nginx @thread:worker-7"):
                first = median_ms(lambda q=query: server.ask_rows("search", signal="logs", query=q, from_ms=now - int(rows * ROW_MS) - 600_000, to_ms=now, limit=100))
                table.add(f"first results of {query}, ms", round(first, 1), "", "< 1000", first < 1000)
    shutil.rmtree(folder / "logs-oriel", ignore_errors=True)


def spans_bench(table: Table, folder: pathlib.Path, traces: int, times: int = 1) -> None:
    print(f"     making {traces} traces …", flush=True)
    payloads = folder / "spans"
    start = int(time.time() * 1e9) - traces * TRACE_NS - 60_000_000_000
    made = subprocess.run([sys.executable, str(HERE / "genspans.py"), str(traces), str(payloads), "7", "200", str(start)], check=True, capture_output=True, text=True)
    spans = int(made.stdout.split()[0]) * times
    posts = (file.read_bytes() for file in sorted(payloads.iterdir())) if times == 1 else many_spans(payloads, times, traces)
    traces *= times
    with Rows(folder / "spans-oriel") as server:
        empty, cpu, begin = server.disk_bytes(), server.cpu_s(), time.perf_counter()
        http, server.port = server.port, server.apm
        server.connection.close()
        server.connection = __import__("http.client", fromlist=["x"]).HTTPConnection("127.0.0.1", server.port, timeout=120)
        for body in posts:
            server.send("/v0.5/traces", body, "application/msgpack")
        wall, intake = time.perf_counter() - begin, server.cpu_s() - cpu
        server.connection.close()
        server.port = http
        server.connection = __import__("http.client", fromlist=["x"]).HTTPConnection("127.0.0.1", server.port, timeout=120)
        server.settle()
        total, disk = server.cpu_s() - cpu, server.disk_bytes() - empty
        speed = spans / total
        table.add("spans in a CPU second, compaction included", round(speed), "", ">= 100000", speed >= 100_000)
        table.add("  until the last answer: spans a CPU second", round(spans / intake), "", f"wall {wall:.1f} s", True)
        table.add("  bytes a span", round(disk / spans, 1), "", "", True)
        now = int(time.time() * 1000)
        scope = {"signal": "spans", "from_ms": now - traces * TRACE_NS // 1_000_000 - 600_000, "to_ms": now + 60_000}
        some = server.ask_rows("search", **scope, query="service:web", limit=1, sort="timestamp")["rows"][0]["trace_id"]
        path = f"/api/ui/traces/{some}"
        by_id = median_ms(lambda: server.request("GET", path))
        table.add(f"trace by id of {spans} spans, ms", round(by_id, 1), "", "< 20", by_id < 20)
        day = f"?env=prod&from_ms={now - 86_400_000}&to_ms={now + 60_000}"
        for name, path in (("list of services", "/api/ui/services"), ("service", "/api/ui/services/web"), ("map", "/api/ui/service-map")):
            took = median_ms(lambda p=path: server.request("GET", p + day))
            table.add(f"{name} over a day, ms", round(took, 1), "", "< 300", took < 300)


def page_bench(table: Table, folder: pathlib.Path) -> None:
    """The trace page with 50,000 spans, in Chromium."""
    with Rows(folder / "page-oriel") as server:
        env = {**os.environ, "ORIEL_URL": f"http://127.0.0.1:{server.port}", "ORIEL_PASSWORD": "bench", "ORIEL_APM": f"http://127.0.0.1:{server.apm}"}
        done = subprocess.run(["node", str(HERE.parent / "tests/browser/large-trace.mjs")], env=env, capture_output=True, text=True, timeout=300)
        said = done.stdout.strip() or done.stderr.strip()
        table.add("trace page of 50,000 spans", said.removeprefix("large trace: "), "", "open < 1.5 s, p95 frame < 16 ms", done.returncode == 0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--traces", type=int, default=50_000)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--json")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-bench-", dir=os.environ.get("ORIEL_BENCH_DIR")))
    table = Table()
    print(f"     {'':<44} {'Oriel':>14} {'ClickHouse':>14}   bar")
    try:
        if args.only in ("", "logs"):
            logs_bench(table, folder, args.rows)
        if args.only in ("", "spans"):
            spans_bench(table, folder, args.traces)
        if args.only in ("", "page"):
            page_bench(table, folder)
        if args.large:
            logs_bench(table, folder, 1_000_000, 30)
            spans_bench(table, folder, 50_000, 73)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(table.rows, indent=1))
    return 0 if all(row["ok"] for row in table.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
