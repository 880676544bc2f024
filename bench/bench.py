"""The metric benchmarks: Oriel and VictoriaMetrics on the same data in the same run. bench/README.md says how to read it."""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

from answers import compare
from data import host_blocks, one_host_posts
from servers import Oriel, Peer
from statsd import statsd_burst

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 9


class Table:
    """Rows as they come, printed at once and kept for the JSON."""

    def __init__(self):
        self.rows = []

    def add(self, what: str, oriel, peer, bar: str, ok: bool) -> None:
        self.rows.append({"what": what, "oriel": oriel, "peer": peer, "bar": bar, "ok": ok})
        print(f"{'ok  ' if ok else 'MISS'} {what:<44} {oriel:>14} {peer:>14}   {bar}", flush=True)


def median_ms(ask) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begin) * 1000)
    return sorted(times)[ROUNDS // 2]


def import_figures(server, posts) -> dict:
    """Imports and settles; CPU, wall time, bytes a sample."""
    empty, cpu, begin = server.disk_bytes(), server.cpu_s(), time.perf_counter()
    samples = 0
    for body, lines in posts:
        server.post_text(body)
        samples += lines
    intake_cpu, wall = server.cpu_s() - cpu, time.perf_counter() - begin
    server.settle()
    return {
        "samples": samples, "wall_s": wall, "intake_cpu_s": intake_cpu, "cpu_s": server.cpu_s() - cpu,
        "bytes": server.disk_bytes() - empty, "rss": server.rss_bytes(),
    }


def rate(f: dict) -> float:
    return f["samples"] / f["cpu_s"] / 1e6


def one_host(table: Table, folder: pathlib.Path, end_ms: int) -> None:
    posts = one_host_posts(end_ms, 40)
    figures = {}
    for kind in (Oriel, Peer):
        with kind(folder / f"one-{kind.__name__}") as server:
            if kind is Oriel:
                idle = server.rss_bytes()
                table.add("idle memory, MB", round(idle / 1e6, 1), "", "< 150", idle < 150e6)
            figures[kind] = import_figures(server, posts)
            if kind is Oriel:
                server.stop()
                ready = server.start()
                table.add("start to ready with 12 h of data, s", round(ready, 3), "", "< 1", ready < 1)
    o, p = figures[Oriel], figures[Peer]
    table.add("text import, 1 host, M samples a CPU second", round(rate(o), 2), round(rate(p), 2), ">= 1.0", rate(o) >= 1.0)
    table.add("  of it intake alone, CPU s", round(o["intake_cpu_s"], 2), round(p["intake_cpu_s"], 2), "", True)
    table.add("  wall, M samples a second", round(o["samples"] / o["wall_s"] / 1e6, 2), round(p["samples"] / p["wall_s"] / 1e6, 2), "", True)
    per = o["bytes"] / o["samples"], p["bytes"] / p["samples"]
    table.add("disk, 1 host, bytes a sample", round(per[0], 3), round(per[1], 3), "<= 0.45", per[0] <= 0.45)


def twenty_hosts(table: Table, folder: pathlib.Path, end_ms: int) -> None:
    blocks = folder / "blocks"
    print("     making the 20-host data (1.9 GB of text) …", flush=True)
    files = host_blocks(blocks, end_ms)
    with Oriel(folder / "twenty-Oriel") as oriel, Peer(folder / "twenty-Peer") as peer:
        figures = [import_figures(server, ((f.read_bytes(), n) for f, n in files)) for server in (oriel, peer)]
        o, p = figures
        table.add("text import, 20 hosts, M samples a CPU second", round(rate(o), 2), round(rate(p), 2), "", True)
        table.add("disk, 20 hosts, bytes a sample", round(o["bytes"] / o["samples"], 3), round(p["bytes"] / p["samples"], 3), "", True)
        table.add("memory after import, MB", round(o["rss"] / 1e6), round(p["rss"] / 1e6), "", True)
        queries(table, oriel, peer, end_ms // 1000)
    shutil.rmtree(blocks, ignore_errors=True)


def queries(table: Table, oriel: Oriel, peer: Peer, end_s: int) -> None:
    for line in (HERE / "queries.tsv").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, start, _, step, theirs, ours, tolerance = line.split("\t")
        step = int(step)
        end = end_s // step * step
        begin = end - int(start.strip("-h")) * 3600
        wrong = compare(name, oriel.ask(ours, begin, end), peer.ask(theirs, begin, end, step), tolerance, step)
        mine = median_ms(lambda q=ours: oriel.ask_raw(q, begin, end))
        their = median_ms(lambda q=theirs, s=step: peer.ask_raw(q, begin, end, s))
        bar = max(5.0, 1.5 * their)
        table.add(f"query {name}, ms", round(mine, 2), round(their, 2), f"<= {bar:.1f}; answers {tolerance}", mine <= bar and not wrong)
        if wrong:
            print(f"     the answers differ: {wrong}")


def million_series(table: Table, folder: pathlib.Path, end_ms: int) -> None:
    """STORE 16: bytes a series and one series' latency at a million active series."""
    with Oriel(folder / "million") as oriel:
        before = oriel.rss_bytes()
        for part in range(20):
            lines = [f'million{{n="{part * 50000 + i}",host="h-{i % 500}"}} {i} {end_ms - t * 15000}' for i in range(50000) for t in range(2)]
            oriel.post_text(("\n".join(lines) + "\n").encode())
        per = (oriel.rss_bytes() - before) / 1e6
        table.add("memory a series at 1 M series, bytes", round(per), "", "", True)
        end = end_ms // 1000
        ms = median_ms(lambda: oriel.ask_raw("avg:million{n:777777}", end - 3600, end))
        table.add("one series of 1 M, ms", round(ms, 2), "", "", True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", default="", help="one of one, twenty, statsd, million")
    parser.add_argument("--json", help="write the rows here too")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-bench-"))
    table, end_ms = Table(), int(time.time()) // 60 * 60000
    print(f"     {'':<44} {'Oriel':>14} {'VictoriaMetrics':>14}   bar")
    try:
        if args.only in ("", "one"):
            one_host(table, folder, end_ms)
        if args.only in ("", "statsd"):
            statsd_burst(table, folder)
        if args.only in ("", "twenty"):
            twenty_hosts(table, folder, end_ms)
        if args.large or args.only == "million":
            million_series(table, folder, end_ms)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(table.rows, indent=1))
    return 0 if all(row["ok"] for row in table.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
