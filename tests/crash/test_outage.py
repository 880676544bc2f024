"""An outage of Oriel itself is no news about the hosts: after kill -9 and twelve minutes nobody is told of what could not be sent, and
who stays silent past the grace is told of then. The clock runs at 20 ×, from one origin over both starts."""

import json
import threading
import time

import pytest
import requests
from conftest import API_KEY
from mailbox import Mailbox

RATE = 20
MINUTE_MS = 60_000
OUTAGE_MIN = 12
# The no-data window of the monitors, and so their grace.
GRACE_MIN = 10


class Clock:
    """The server's clock: both count from one origin."""

    def __init__(self):
        self.origin_s = int(time.time())

    def now_ms(self) -> int:
        return int((self.origin_s + (time.time() - self.origin_s) * RATE) * 1000)

    def sleep(self, minutes: float) -> None:
        time.sleep(minutes * 60 / RATE)

    @property
    def env(self) -> dict:
        return {"ORIEL_TEST_CLOCK_RATE": str(RATE), "ORIEL_TEST_CLOCK_ORIGIN_MS": str(self.origin_s * 1000)}


class Senders(threading.Thread):
    """A load of each host and a count of requests, every ten seconds. What was not acknowledged is sent again."""

    def __init__(self, server, clock: Clock):
        super().__init__(daemon=True)
        self.server, self.clock = server, clock
        self.hosts = ["calm", "gone"]
        self.stopping = threading.Event()

    def run(self) -> None:
        waiting, last = [], 0
        while not self.stopping.is_set():
            now = self.clock.now_ms() // 10_000 * 10
            if now > last:
                last = now
                waiting += [{"metric": "load", "type": "gauge", "host": h, "points": [[now, 1]]} for h in self.hosts]
                waiting.append({"metric": "requests", "type": "count", "interval": 10, "host": "calm", "points": [[now, 50]]})
            try:
                body = json.dumps({"series": waiting})
                answer = requests.post(f"{self.server.url}/api/v1/series", data=body, headers={"DD-API-KEY": API_KEY}, timeout=5)
                if answer.status_code == 202:
                    waiting = []
            except requests.RequestException:
                pass
            time.sleep(0.1)


def create(server, query: str, **options) -> int:
    monitor = {"name": query, "type": "query alert", "query": query, "message": "@oncall@example.com", "options": options}
    answer = server.post("/api/v1/monitor", json=monitor)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def history(server, monitor: int, clock: Clock) -> dict:
    window = {"from_ms": clock.origin_s * 1000 - MINUTE_MS, "to_ms": clock.now_ms() + MINUTE_MS}
    answer = server.get(f"/api/ui/monitors/{monitor}/history", **window)
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait_groups(server, monitor: int, count: int) -> None:
    """Until so many groups were measured."""
    until = time.monotonic() + 60
    while (groups := server.get(f"/api/ui/monitors/{monitor}").json()["groups_total"]) < count:
        assert time.monotonic() < until, f"{groups} groups of monitor {monitor}"
        time.sleep(0.2)


@pytest.mark.timeout(300)
def test_what_nobody_could_send_is_no_news_and_who_stays_silent_is(make_oriel):
    clock, mailbox = Clock(), Mailbox().start()
    server = make_oriel("--no-agent", env=clock.env)
    answer = server.put("/api/ui/mail", json={"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "from": "oriel@example.com"})
    assert answer.status_code == 200, answer.text
    silent = create(server, "avg(last_1m):avg:load{*} by {host} > 800", notify_no_data=True, no_data_timeframe=GRACE_MIN)
    few = create(server, "sum(last_5m):sum:requests{*}.as_count() < 1", thresholds={"critical": 1})
    senders = Senders(server, clock)
    senders.start()
    try:
        wait_groups(server, silent, 2)
        wait_groups(server, few, 1)
        before = [t for monitor in (silent, few) for t in history(server, monitor, clock)["transitions"]]
        server.stop(kill=True)
        senders.hosts = ["calm"]
        clock.sleep(OUTAGE_MIN)
        server.start()
        # The one who is silent is told of; by then the other one's ten minutes are over as well.
        mailbox.wait(len(before) + 1, 120)
        clock.sleep(3)
        shown = history(server, silent, clock)
        told = [t for t in shown["transitions"] if t not in before]
        assert [(t["group"], t["to"]) for t in told] == [("host:gone", "No Data")], told
        outage = max(shown["outages"], key=lambda o: o["to_ms"] - o["from_ms"])
        assert outage["reason"] == "down" and outage["to_ms"] - outage["from_ms"] >= (OUTAGE_MIN - 1) * MINUTE_MS, shown["outages"]
        assert told[0]["at_ms"] >= outage["to_ms"] + GRACE_MIN * MINUTE_MS
        assert [t for t in history(server, few, clock)["transitions"] if t not in before] == []
        why = server.get(f"/api/ui/monitors/{silent}/why", at_ms=outage["to_ms"] + 3 * MINUTE_MS, group="host:gone").json()
        step = next(step for step in why["steps"] if step["rule"] == "outage")
        assert "Oriel was down" in step["text"] and "nothing is concluded from missing data until" in step["text"], why["steps"]
        assert step["outcome"] == "held back" and why["status_after"] == "OK" and why["agrees"]
    finally:
        senders.stopping.set()
        senders.join(timeout=20)
        mailbox.stop()
    subjects = [m["Subject"] for m in mailbox.messages]
    assert len(subjects) == len(before) + 1 and "No Data" in subjects[-1] and "gone" in subjects[-1], subjects
