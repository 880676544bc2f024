"""Ten seconds of logs and spans at far more than the server can take: it pushes back, loses nothing it acknowledged, stays below
its memory, and answers all the while."""

import concurrent.futures
import json
import os
import pathlib
import threading
import time

import requests
from conftest import API_KEY

SECONDS = 10
# Two senders a core keep it busy; three more make a queue that has to be refused.
SENDERS = 10
LINES = 4_000


def rss_bytes(pid: int) -> int:
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def body(sender: int, n: int) -> bytes:
    lines = (
        {"message": f"burst {sender} {n} {i} took {i * 7} ms for user {i}", "service": f"burst-{i % 5}", "status": "info", "sender": sender, "n": n, "i": i,
         "http": {"status_code": 200 + i % 300, "url": f"/things/{i}/of/{n}"}}
        for i in range(LINES)
    )
    return b"\n".join(json.dumps(line).encode() for line in lines)


def send(server, sender: int, until: float) -> tuple[int, int]:
    """Lines that were acknowledged, and requests that were refused."""
    session, taken, refused, n = requests.Session(), 0, 0, 0
    while time.monotonic() < until:
        answer = session.post(f"{server.url}/api/v2/logs", data=body(sender, n), headers={"DD-API-KEY": API_KEY, "Content-Type": "application/x-ndjson"}, timeout=60)
        assert answer.status_code in (202, 429, 503), answer.text
        if answer.status_code == 202:
            taken += LINES
        else:
            refused += 1
            assert answer.headers.get("Retry-After"), "a refusal says when to come back"
        n += 1
    return taken, refused


def test_a_burst_ends_in_back_pressure(make_oriel):
    server = make_oriel("--no-agent", "--memory", "256MiB")
    highest, answered, done = 0, [], threading.Event()

    def watch():
        nonlocal highest
        while not done.wait(0.05):
            highest = max(highest, rss_bytes(server.process.pid))

    def ask():
        while not done.wait(0.5):
            begin = time.monotonic()
            assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
            answered.append(time.monotonic() - begin)

    watchers = [threading.Thread(target=watch), threading.Thread(target=ask)]
    [w.start() for w in watchers]
    until = time.monotonic() + SECONDS
    with concurrent.futures.ThreadPoolExecutor(SENDERS) as senders:
        sent = list(senders.map(lambda s: send(server, s, until), range(SENDERS)))
    done.set()
    [w.join() for w in watchers]
    taken = sum(t for t, _ in sent)
    assert taken > 0 and highest < 1 << 30, f"{taken} lines, {highest >> 20} MiB"
    assert answered and max(answered) < 20, "health answers throughout"
    assert count(server) == taken
    server.restart(kill=True)
    assert count(server) == taken, "and after a kill"


def count(server) -> float:
    now = int(time.time() * 1000)
    question = {"signal": "logs", "query": "@sender:*", "from_ms": now - 3_600_000, "to_ms": now + 60_000, "computes": [{"aggregation": "count"}], "group_by": [], "display": "table"}
    answer = server.post("/api/ui/rows/aggregate", json=question)
    assert answer.status_code == 200, answer.text
    groups = answer.json()["groups"]
    return groups[0]["values"][0] if groups else 0
