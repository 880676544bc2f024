"""The benchmark of monitors: 10,000 of them by the API, of 100 distinct queries, half by host, over 500 hosts that send every ten
seconds. bench/README.md says how to read it. Usage: monitors.py [--monitors N] [--minutes N] [--json FILE]"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import sys
import tempfile
import threading
import time
import urllib.request

from bench import Table
from servers import Oriel

HOSTS = 500
METRICS = 50
INTERVAL_S = 10
# One query in two is by host, the other one over all of them: 100 distinct ones of 50 metrics.
WINDOWS = ["last_5m", "last_5m", "last_10m", "last_1h", "last_4h"]


def query(n: int, threshold: int) -> str:
    metric, by = n // 2, " by {host}" if n % 2 else ""
    return f"avg({WINDOWS[metric % len(WINDOWS)]}):avg:bench.m{metric}{{env:bench}}{by} > {threshold}"


def monitor(n: int, monitors: int) -> dict:
    """A hundred monitors share a query; their thresholds differ. Some alert, as values go from 0 to 100."""
    share = monitors // 100
    threshold = 99 - n // 100 * 30 // max(share, 1)
    return {"name": f"bench {n}", "type": "query alert", "query": query(n % 100, threshold), "message": "too high",
            "tags": ["team:bench"], "options": {"thresholds": {"critical": threshold}, "require_full_window": False}}


def value(metric: int, host: int, now: int) -> float:
    """Calm, but for one group in 5,000, which is bad for ten minutes: about 500 alerts at a time over all monitors, and as many
    recoveries."""
    turn = (now // 600 + host * 7_919 + metric * 104_729) % 5_000
    return 100.0 if turn == 0 else 40.0 + turn % 100 / 10


class Sender(threading.Thread):
    """Every host's metrics each ten seconds, in requests of 50 hosts, as agents' forwarders send them."""

    def __init__(self, server: Oriel):
        super().__init__(daemon=True)
        self.server, self.stopping, self.sent, self.late_s = server, threading.Event(), 0, 0.0

    def post(self, body: bytes) -> None:
        headers = {**self.server.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}/api/v1/series", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def bodies(self, now: int):
        for first in range(0, HOSTS, 50):
            series = [
                {"metric": f"bench.m{m}", "type": "gauge", "interval": INTERVAL_S, "host": f"host-{h}", "tags": ["env:bench"],
                 "points": [[now, value(m, h, now)]]}
                for h in range(first, first + 50) for m in range(METRICS)
            ]
            yield json.dumps({"series": series}).encode()

    def run(self) -> None:
        now = int(time.time()) // INTERVAL_S * INTERVAL_S
        while not self.stopping.is_set():
            for body in self.bodies(now):
                self.post(body)
                self.sent += 50 * METRICS
            now += INTERVAL_S
            self.late_s = max(self.late_s, time.time() - now)
            self.stopping.wait(max(0.0, now - time.time()))


def create(server: Oriel, monitors: int) -> tuple[float, list[int]]:
    """Seconds that it took, and one monitor of each query."""
    begin = time.perf_counter()

    def one(n: int) -> int:
        body = json.dumps(monitor(n, monitors)).encode()
        headers = {**server.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/v1/monitor", body, headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["id"]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(one, range(monitors)))
    return time.perf_counter() - begin, ids[:100]


def evaluations(server: Oriel, ids: list[int]) -> tuple[list[dict], int]:
    """How they went, and how many groups they measured."""
    found, groups = [], 0
    for id in ids:
        status, body = server.request("GET", f"/api/ui/monitors/{id}")
        if status != 200:
            raise RuntimeError(f"monitor {id}: {status} {body[:300]!r}")
        page = json.loads(body)
        found.append(page["evaluation"])
        groups += page["groups_total"]
    return found, groups


def measure(server: Oriel, sender: Sender, ids: list[int], minutes: int) -> dict:
    lags, cpu, rss, errors = [], [], [], 0
    # From half past to half past: each span has one round in its middle.
    time.sleep((90 - time.time() % 60) % 60)
    for _ in range(minutes):
        before, begin, sent = server.cpu_s(), time.time(), sender.sent
        time.sleep(60 - (time.time() - 30) % 60)
        now = time.time()
        cpu.append((server.cpu_s() - before) * 60 / (now - begin))
        rss.append(server.rss_bytes())
        found, groups = evaluations(server, ids)
        lags += [e["lag_ms"] / 1000 for e in found]
        errors += sum(1 for e in found if e["error"] or now * 1000 - (e["last_ms"] or 0) > 120_000)
        print(f"  a minute: {cpu[-1]:.1f} CPU s, {rss[-1] / 2**20:.0f} MiB, lag up to {max(e['lag_ms'] for e in found) / 1000:.2f} s, "
              f"{sender.sent - sent:,} points", flush=True)
    return {"cpu_s": statistics.median(cpu), "cpu_s_max": max(cpu), "rss_mib": max(rss) / 2**20, "lag_s": statistics.median(lags),
            "lag_s_max": max(lags), "late_or_failed": errors, "groups": groups}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monitors", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path)
    # bench/run hands its arguments to each of its parts.
    asked, _ = parser.parse_known_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-bench-monitors-"))
    with Oriel(folder / "oriel") as server:
        sender = Sender(server)
        sender.start()
        time.sleep(INTERVAL_S)
        alone_cpu = server.cpu_s()
        time.sleep(60)
        alone, alone_rss = server.cpu_s() - alone_cpu, server.rss_bytes()
        created, ids = create(server, asked.monitors)
        # Two rounds to settle: the first one tells of everything that is high at the start.
        time.sleep(120)
        figures = measure(server, sender, ids, asked.minutes)
        sender.stopping.set()
        sender.join()
    table = Table()
    print(f"{asked.monitors:,} monitors of one minute, 100 distinct queries, half of them by host, {HOSTS} hosts that send every {INTERVAL_S} s")
    cpu, lag, rss = (figures[name] for name in ("cpu_s_max", "lag_s_max", "rss_mib"))
    table.add("CPU of the process a minute, s", f"{figures['cpu_s']:.1f}", "", f"at most 60; the most {cpu:.1f}", cpu <= 60)
    table.add("evaluation lag, s", f"{figures['lag_s']:.2f}", "", f"under 5; the most {lag:.2f}", lag < 5)
    table.add("late or failed evaluations", figures["late_or_failed"], "", "none", figures["late_or_failed"] == 0)
    groups = METRICS * (HOSTS + 1)
    table.add("groups measured a minute", figures["groups"], "", f"all {groups}", figures["groups"] == groups)
    table.add("memory with monitors, MiB", f"{rss:.0f}", "", f"{alone_rss / 2**20:.0f} without", True)
    table.add("intake without monitors, CPU s a minute", f"{alone:.1f}", "", "", True)
    table.add("monitors made by the API a second", f"{asked.monitors / created:.0f}", "", "", True)
    if asked.json:
        asked.json.write_text(json.dumps({**figures, "alone_cpu_s": alone, "created_per_s": asked.monitors / created}, indent=1))
    return 0 if all(row["ok"] for row in table.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
