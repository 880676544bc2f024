"""kill -9 at random points of an alert storm: states are right after each start, every notice is delivered, and what comes twice is
the same notice. The seed is printed; ORIEL_SEED repeats a run. The clock runs at 20 ×, from one origin over all starts."""

import collections
import json
import os
import random
import threading
import time

import pytest
import requests
from conftest import API_KEY
from mailbox import Receiver

RATE = 20
KILLS = 5
MONITORS = 4
HOSTS = [f"h{n}" for n in range(5)]
# Deliveries that may be under way at a kill: one a channel and group at most, and there is one channel.
IN_FLIGHT_MAX = 20


class Clock:
    """The server's clock: both count from one origin."""

    def __init__(self):
        self.origin_s = int(time.time())

    def now_s(self) -> float:
        return self.origin_s + (time.time() - self.origin_s) * RATE

    @property
    def env(self) -> dict:
        return {"ORIEL_TEST_CLOCK_RATE": str(RATE), "ORIEL_TEST_CLOCK_ORIGIN_MS": str(self.origin_s * 1000)}


class Storm(threading.Thread):
    """A gauge of every host each ten seconds; each flips between calm and bad after two to four minutes. What was not acknowledged
    is sent again."""

    def __init__(self, server, clock: Clock, rng: random.Random):
        super().__init__(daemon=True)
        self.server, self.clock, self.rng = server, clock, rng
        self.calm, self.stopping = threading.Event(), threading.Event()
        self.value = {host: 10.0 for host in HOSTS}
        self.flip_s = {host: 0.0 for host in HOSTS}

    def run(self) -> None:
        waiting, last = [], 0
        while not self.stopping.is_set():
            now = int(self.clock.now_s()) // 10 * 10
            if now > last:
                last = now
                waiting += [{"metric": "storm", "type": "gauge", "host": h, "points": [[now, self.at(h, now)]]} for h in HOSTS]
            try:
                body = json.dumps({"series": waiting})
                answer = requests.post(f"{self.server.url}/api/v1/series", data=body, headers={"DD-API-KEY": API_KEY}, timeout=5)
                if answer.status_code == 202:
                    waiting = []
            except requests.RequestException:
                pass
            time.sleep(0.1)

    def at(self, host: str, now: float) -> float:
        if self.calm.is_set():
            self.value[host] = 10.0
        elif now >= self.flip_s[host]:
            self.value[host] = 100.0 - self.value[host]
            self.flip_s[host] = now + self.rng.uniform(120, 240)
        return self.value[host]


def seed() -> int:
    value = int(os.environ.get("ORIEL_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {value}; repeat with ORIEL_SEED={value}")
    return value


def create(server, receiver: Receiver) -> list[int]:
    payload = json.dumps({"key": "$ID", "scope": "$ALERT_SCOPE", "transition": "$ALERT_TRANSITION", "at": "$DATE"})
    hook = {"name": "storm", "url": f"{receiver.url}/storm", "payload": payload}
    answer = server.post("/api/v1/integration/webhooks/configuration/webhooks", json=hook)
    assert answer.status_code == 201, answer.text
    ids = []
    for n in range(MONITORS):
        query = f"avg(last_1m):avg:storm{{*}} by {{host}} > {50 + n}"
        monitor = {"name": f"storm {n}", "type": "metric alert", "query": query, "message": "{{value}} @webhook-storm",
                   "options": {"thresholds": {"critical": 50 + n}}}
        answer = server.post("/api/v1/monitor", json=monitor)
        assert answer.status_code == 200, answer.text
        ids.append(answer.json()["id"])
    return ids


def history(server, monitor: int, clock: Clock) -> list[dict]:
    """Every transition of a monitor, by time."""
    window = {"from_ms": clock.origin_s * 1000 - 60_000, "to_ms": int(clock.now_s() * 1000) + 60_000, "limit": 10_000}
    answer = server.get(f"/api/ui/monitors/{monitor}/history", **window)
    assert answer.status_code == 200, answer.text
    return answer.json()["transitions"][::-1]


def name(transition: dict) -> tuple:
    return transition["group"], transition["at_ms"], transition["kind"]


def check_states(server, ids: list[int], clock: Clock) -> None:
    """Each group is what its newest change made it: what is shown was loaded from what is recorded."""
    for monitor in ids:
        groups = server.get(f"/api/ui/monitors/{monitor}").json()["groups"]
        changes = {(t["group"], t["at_ms"]): t["to"] for t in history(server, monitor, clock) if t["from"] != t["to"]}
        for group in groups:
            of_group = [at for (key, at) in changes if key == group["group"]]
            if of_group and group["since_ms"] in of_group:
                assert changes[group["group"], group["since_ms"]] == group["status"], (monitor, group)
            else:
                assert group["status"] == "OK" and not of_group, (monitor, group, of_group)


def check_chain(transitions: list[dict]) -> None:
    """No change is missing: each begins where the one before it ended."""
    status = collections.defaultdict(lambda: "OK")
    for t in transitions:
        assert t["from"] == status[t["group"]], t
        status[t["group"]] = t["to"]


@pytest.mark.timeout(400)
def test_an_alert_storm_survives_kills(make_oriel):
    rng = random.Random(seed())
    clock, receiver = Clock(), Receiver().start()
    server = make_oriel("--no-agent", env={**clock.env, "ORIEL_WEBHOOK_ALLOW_PRIVATE": "true"})
    ids = create(server, receiver)
    storm = Storm(server, clock, rng)
    storm.start()
    known: dict[int, set] = {monitor: set() for monitor in ids}
    try:
        for _ in range(KILLS):
            time.sleep(rng.uniform(3, 9))
            for monitor in ids:
                known[monitor] |= {name(t) for t in history(server, monitor, clock)}
            if rng.random() < 0.5:
                # While notices of a round are on their way.
                receiver.wait(len(receiver.requests) + 1, 12)
                time.sleep(rng.uniform(0, 0.05))
            else:
                time.sleep(rng.uniform(0, 0.4))
            server.restart(kill=True)
            check_states(server, ids, clock)
            for monitor in ids:
                assert known[monitor] <= {name(t) for t in history(server, monitor, clock)}, "a recorded change is gone"
        storm.calm.set()
        owed = settled(server, ids, clock, receiver)
    finally:
        storm.stopping.set()
        storm.join(timeout=20)
        receiver.stop()
    received = [json.loads(r["body"]) for r in receiver.requests]
    bodies = collections.defaultdict(set)
    for request, body in zip(receiver.requests, received):
        bodies[body["key"]].add(request["body"])
    assert set(bodies) == owed, f"{len(owed - set(bodies))} notices are lost, {len(set(bodies) - owed)} were never owed"
    assert len(owed) >= MONITORS * 2, "there was a storm"
    assert all(len(same) == 1 for same in bodies.values()), "what comes twice is the same notice"
    assert len(received) - len(bodies) <= KILLS * IN_FLIGHT_MAX
    print(f"{len(owed)} notices, {len(received) - len(bodies)} of them twice, over {KILLS} kills")


def settled(server, ids: list[int], clock: Clock, receiver: Receiver) -> set[str]:
    """Keys of all notices, once every group is OK again and no delivery is under way."""
    until = time.monotonic() + 120
    while True:
        transitions = {monitor: history(server, monitor, clock) for monitor in ids}
        groups = [g for monitor in ids for g in server.get(f"/api/ui/monitors/{monitor}").json()["groups"]]
        owed = {t["notice_key"] for changes in transitions.values() for t in changes if t["notice_key"]}
        got = {json.loads(r["body"])["key"] for r in receiver.requests}
        quiet = len(groups) == MONITORS * len(HOSTS) and all(g["status"] == "OK" for g in groups)
        if quiet and owed == got or time.monotonic() > until:
            break
        time.sleep(1)
    assert quiet, [g for g in groups if g["status"] != "OK"]
    for changes in transitions.values():
        check_chain(changes)
    return owed
