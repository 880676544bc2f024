"""kill -9 at any moment: what was acknowledged is there, once. The seed is printed; ORIEL_SEED repeats a run."""

import os
import random
import threading
import time

import requests
from conftest import API_KEY


def seed() -> int:
    value = int(os.environ.get("ORIEL_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {value}; repeat with ORIEL_SEED={value}")
    return value


class Writer(threading.Thread):
    """Sends counts of 1, a second apart in time for each writer, and remembers which were acknowledged."""

    def __init__(self, server, name: str, base: int):
        super().__init__(daemon=True)
        self.server, self.name_tag, self.base = server, name, base
        self.sent = self.acknowledged = 0
        self.unknown = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        session = requests.Session()
        while not self.stopping.is_set():
            n = 20
            points = [{"timestamp": self.base + self.sent + i, "value": 1.0} for i in range(n)]
            body = {"series": [{"metric": "crash.count", "type": 1, "interval": 1, "points": points, "tags": [f"w:{self.name_tag}"]}]}
            try:
                answer = session.post(self.server.url + "/api/v2/series", json=body, headers={"DD-API-KEY": API_KEY}, timeout=10)
            except requests.RequestException:
                self.unknown += n
                self.sent += n
                return
            self.sent += n
            if answer.status_code == 202:
                self.acknowledged += n
            else:
                self.unknown += n


def counted(server, name: str, base: int, sent: int) -> float:
    series = server.query(f"sum:crash.count{{w:{name}}}.as_count().rollup(sum, 3600)", start=base - 3600, end=base + sent + 3600)
    return sum(v for s in series for _, v in s["pointlist"] if v is not None)


def test_acknowledged_is_queryable_after_kill(make_oriel):
    """Several rounds of load, each ended by kill -9 at a random moment, with seals and compactions in between."""
    rng = random.Random(seed())
    server = make_oriel("--no-agent")
    base = int(time.time()) - 6 * 3600
    writers = []
    for round_number in range(5):
        fresh = [Writer(server, f"{round_number}-{i}", base) for i in range(3)]
        for w in fresh:
            w.start()
        time.sleep(rng.uniform(0.1, 1.5))
        if rng.random() < 0.5:
            compacting = threading.Thread(target=lambda: server_compact(server), daemon=True)
            compacting.start()
            time.sleep(rng.uniform(0.0, 0.3))
        server.stop(kill=True)
        for w in fresh:
            w.stopping.set()
            w.join(timeout=20)
        writers += fresh
        server.start()
        for w in writers:
            got = counted(server, w.name_tag, base, w.sent)
            assert w.acknowledged <= got <= w.acknowledged + w.unknown, (w.name_tag, got, w.acknowledged, w.unknown)
    assert sum(w.acknowledged for w in writers) > 0
    server_compact(server)
    for w in writers:
        got = counted(server, w.name_tag, base, w.sent)
        assert w.acknowledged <= got <= w.acknowledged + w.unknown, ("compacted", w.name_tag, got)


def server_compact(server) -> None:
    try:
        server.post("/api/v1/oriel/compact")
    except requests.RequestException:
        pass
