"""A night on call for the journeys: a gauge and log lines of an hour in which all is well, a monitor, a mailbox, and then trouble on
one host. The server's clock runs 20 times as fast, so that the mail is there within seconds."""

import json
import time

from conftest import Oriel
from mailbox import FastTime, Mailbox

RATE = 20
HOSTS = ("web-1", "web-2")
MONITOR = {
    "name": "checkout is slow",
    "type": "query alert",
    "query": "avg(last_5m):avg:checkout.latency{env:prod} by {host} > 800",
    "message": "{{#is_alert}}\nCheckout takes {{value}} ms on {{host.name}}. **Runbook**: restart the payment gateway.\n{{/is_alert}} "
    "{{#is_recovery}}Well again.{{/is_recovery}} @oncall@example.com",
    "tags": ["team:shop", "env:prod"],
    "priority": 2,
    "options": {
        "thresholds": {"critical": 800}, "evaluation_delay": 30, "include_tags": True, "new_group_delay": 0, "require_full_window": False,
        "notify_no_data": False,
    },
}


def points(host: str, start: float, end: float, value: float) -> dict:
    times = range(int(start) // 10 * 10, int(end), 10)
    wobble = 1 if host == "web-1" else 0.8
    return {"metric": "checkout.latency", "type": "gauge", "host": host, "tags": ["env:prod"], "points": [[t, value * wobble + t // 10 % 7 * 9] for t in times]}


def line(host: str, at_s: float, bad: bool, n: int) -> dict:
    attributes = {"http": {"status_code": 504 if bad else 200}, "version": "1.4.3" if bad else "1.4.2", "path": ("/pay", "/cart")[n % 2]}
    if bad:
        attributes["error"] = {"kind": "GatewayTimeout"}
    text = "the payment gateway did not answer within 30 s" if bad else "order taken"
    return {
        "message": text, "status": "error" if bad else "info", "service": "checkout", "hostname": host, "ddsource": "python",
        "ddtags": "env:prod", "timestamp": int(at_s * 1000), **attributes,
    }


class Night:
    """`start` is before the trouble; `trouble` brings the mail."""

    def __init__(self, server: Oriel):
        self.server, self.box = server, Mailbox().start()
        mail = {"host": "127.0.0.1", "port": self.box.port, "tls": "none", "from": "oriel@example.com"}
        answer = server.put("/api/ui/mail", json=mail)
        assert answer.status_code == 200, answer.text
        self.clock = FastTime(server, RATE)
        self.well_until_s = self.clock.now_s()

    def send(self, start: float, end: float, bad: bool) -> None:
        series = [points(host, start, end, 2600 if bad and host == "web-1" else 240) for host in HOSTS]
        answer = self.server.post("/api/v1/series", json={"series": series})
        assert answer.status_code == 202, answer.text
        step = max(1, int((end - start) / 180))
        rows = [line(host, t, bad and host == "web-1", n) for n, t in enumerate(range(int(start), int(end), step)) for host in HOSTS]
        answer = self.server.post("/api/v2/logs", data=json.dumps(rows), headers={"Content-Type": "application/json"})
        assert answer.status_code == 202, answer.text

    def quiet_hour(self) -> None:
        self.send(self.well_until_s - 3500, self.well_until_s, bad=False)

    def monitor(self, **changes) -> dict:
        answer = self.server.post("/api/v1/monitor", json={**MONITOR, **changes})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def trouble(self, mails: int = 1, seconds: float = 60):
        """Goes on until the mail is there; gives it."""
        until, sent_s = time.monotonic() + seconds, self.clock.now_s()
        self.send(self.well_until_s, sent_s, bad=False)
        while len(self.box.messages) < mails:
            assert time.monotonic() < until, f"no mail within {seconds} s:\n{self.server.read_log()[-3000:]}"
            now = self.clock.now_s()
            self.send(sent_s, now, bad=True)
            sent_s = now
            time.sleep(0.5)
        return self.box.messages[mails - 1]

    def stop(self) -> None:
        self.box.stop()
