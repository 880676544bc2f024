"""tests/acceptance/monitor.json, unchanged: exactly the mails that docs/semantics.md says arrive, with the chart, at a real SMTP server."""

import json
import pathlib
import re
import struct
import sys
import threading
import time

import pytest
from conftest import Oriel
from mailbox import FastTime, Mailbox

pytestmark = pytest.mark.waits
ACCEPTANCE = pathlib.Path(__file__).resolve().parent.parent / "acceptance"
RATE = 20


class Gauge:
    """Sends my_metric of web-1 every ten seconds of the server's clock; no value is silence."""

    def __init__(self, server: Oriel, clock: FastTime, metric: str = "my_metric"):
        self.server, self.clock, self.metric = server, clock, metric
        self.value: float | None = None
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        last = 0
        while not self.stopped.is_set():
            now = int(self.clock.now_s()) // 10 * 10
            if self.value is not None and now > last:
                point = {"metric": self.metric, "type": "gauge", "host": "web-1", "points": [[now, self.value]]}
                assert self.server.post("/api/v1/series", json={"series": [point]}).status_code == 202
                last = now
            time.sleep(0.1)

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join()


@pytest.fixture
def mailbox():
    box = Mailbox().start()
    yield box
    box.stop()


def set_up(make, mailbox: Mailbox, rate: int) -> tuple[Oriel, FastTime]:
    server = make("--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(rate)})
    mail = {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "from": "oriel@example.com"}
    answer = server.put("/api/ui/mail", json=mail)
    assert answer.status_code == 200, answer.text
    return server, FastTime(server, rate)


def create(server: Oriel, monitor: dict) -> dict:
    answer = server.post("/api/v1/monitor", json=monitor)
    assert answer.status_code == 200, answer.text
    return answer.json()


def status(server: Oriel, monitor: dict) -> str:
    return server.get(f"/api/v1/monitor/{monitor['id']}").json()["overall_state"]


def wait_status(server: Oriel, monitor: dict, wanted: str, clock: FastTime, minutes: float) -> None:
    until = clock.now_s() + minutes * 60
    while status(server, monitor) != wanted:
        assert clock.now_s() < until, f"the monitor is {status(server, monitor)}, not {wanted}, after {minutes} minutes"
        time.sleep(0.2)


def parts(message) -> tuple[str, str, bytes]:
    """Plain text, HTML, and the image that the HTML shows."""
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    cid = re.search(r'src="cid:([^"]+)"', html)
    assert cid, html
    images = [p for p in message.walk() if p.get("Content-ID", "").strip("<>") == cid.group(1)]
    assert len(images) == 1 and images[0].get_content_type() == "image/png"
    return text, html, images[0].get_content()


def png_size(image: bytes) -> tuple[int, int]:
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", image[16:24])


@pytest.mark.timeout(300)
def test_the_exported_monitor_owes_one_mail_on_alert_and_one_on_no_data(make_oriel, mailbox):
    server, clock = set_up(make_oriel, mailbox, RATE)
    exported = json.loads((ACCEPTANCE / "monitor.json").read_text())
    monitor = create(server, exported)
    assert monitor["id"] != exported["id"] and monitor["options"]["renotify_interval"] == 0
    gauge = Gauge(server, clock)
    try:
        # Past `new_host_delay`, which holds a new host's alerts back for 300 s.
        gauge.value = 100
        clock.sleep(420)
        assert status(server, monitor) == "OK"
        # Over the warning threshold: that block names nobody.
        gauge.value = 600
        wait_status(server, monitor, "Warn", clock, 8)
        clock.sleep(60)
        assert mailbox.messages == []
        gauge.value = 900
        wait_status(server, monitor, "Alert", clock, 8)
        assert len(mailbox.wait(1, 20)) == 1
        gauge.value = None
        wait_status(server, monitor, "No Data", clock, 14)
        assert len(mailbox.wait(2, 20)) == 2
        # Back, and under every threshold: a recovery, of which nobody is told.
        gauge.value = 100
        wait_status(server, monitor, "OK", clock, 8)
        clock.sleep(180)
    finally:
        gauge.stop()
    assert len(mailbox.messages) == 2, [m["Subject"] for m in mailbox.messages]
    alert, no_data = mailbox.messages
    assert mailbox.recipients == [["oncall@example.com"], ["oncall@example.com"]]
    assert "Triggered" in alert["Subject"] and "my_metric is busy" in alert["Subject"] and "web-1" in alert["Subject"]
    text, html, chart = parts(alert)
    assert "my_metric has been unusually high" in text and "on web-1 for 5 minutes" in text
    value = float(re.search(r"unusually high \( ([\d.]+) \)", text).group(1))
    assert 800 < value <= 900
    assert "above its average" not in text and "sent nothing" not in text and "{{" not in text
    assert f"{server.url}/monitors/{monitor['id']}?" in text.replace("&amp;", "&")
    width, height = png_size(chart)
    assert width >= 600 and height >= 240
    assert "No Data" in no_data["Subject"]
    assert "my_metric sent nothing for 10 minutes" in parts(no_data)[0]
    assert alert["Message-ID"] != no_data["Message-ID"]
    log = server.get(f"/api/ui/monitors/{monitor['id']}/deliveries").json()["deliveries"]
    assert sorted((d["kind"], d["state"], d["attempts"]) for d in log) == [("no_data", "sent", 1), ("warning_to_alert", "sent", 1)]


@pytest.mark.timeout(300)
def test_a_handle_outside_the_blocks_is_told_of_everything_but_in_a_downtime(make_oriel, mailbox):
    server, clock = set_up(make_oriel, mailbox, RATE)
    monitor = create(server, {
        "name": "queue is long", "type": "metric alert", "query": "avg(last_1m):avg:queue.length{host:web-1} > 800",
        "message": "{{#is_alert}}call somebody{{/is_alert}} length {{value}} @oncall@example.com", "tags": ["team:shop"],
        "options": {"thresholds": {"critical": 800, "warning": 500}, "renotify_interval": 3, "escalation_message": "still long",
                    "require_full_window": False, "notify_no_data": False},
    })
    gauge = Gauge(server, clock, "queue.length")
    try:
        gauge.value = 100
        clock.sleep(120)
        gauge.value = 600
        wait_status(server, monitor, "Warn", clock, 4)
        gauge.value = 900
        wait_status(server, monitor, "Alert", clock, 4)
        # Alert, then a renotice after three minutes and after six.
        clock.sleep(7 * 60)
        gauge.value = 100
        wait_status(server, monitor, "OK", clock, 4)
        clock.sleep(60)
        told = [m["Subject"] for m in mailbox.messages]
        kinds = [re.match(r"\[([^\]]+)\]", s).group(1) for s in told]
        assert kinds[0] == "Warn" and kinds[1] == "Triggered" and kinds[-1] == "Recovered", told
        assert kinds[2:-1] and set(kinds[2:-1]) == {"Re-Triggered"} and len(kinds) == 5, told
        bodies = [parts(m)[0] for m in mailbox.messages]
        assert "call somebody" in bodies[1] and "call somebody" not in bodies[0] and "still long" in bodies[2]
        # A downtime on the monitor's tag: it alerts and recovers in silence.
        downtime = {"data": {"type": "downtime", "attributes": {
            "scope": "*", "monitor_identifier": {"monitor_tags": ["team:shop"]}, "message": "moving the queue",
            "schedule": {"start": None, "end": None}}}}
        answer = server.post("/api/v2/downtime", json=downtime)
        assert answer.status_code == 200, answer.text
        gauge.value = 900
        wait_status(server, monitor, "Alert", clock, 4)
        clock.sleep(60)
        gauge.value = 100
        wait_status(server, monitor, "OK", clock, 4)
        clock.sleep(120)
    finally:
        gauge.stop()
    assert len(mailbox.messages) == 5, [m["Subject"] for m in mailbox.messages]


@pytest.mark.timeout(400)
def test_at_the_pace_of_the_world_an_alert_is_told_within_its_window(make_oriel, mailbox):
    server, clock = set_up(make_oriel, mailbox, 1)
    monitor = create(server, {
        "name": "queue is long", "type": "query alert", "query": "max(last_1m):max:queue.length{host:web-1} >= 10",
        "message": "{{#is_alert}}length {{value}} @oncall@example.com{{/is_alert}}", "tags": [],
        "options": {"thresholds": {"critical": 10}, "require_full_window": False},
    })
    gauge = Gauge(server, clock, "queue.length")
    try:
        gauge.value = 12
        begin = time.monotonic()
        (mail,) = mailbox.wait(1, 100)
        # A point every ten seconds and an evaluation at each whole minute, which takes under five seconds.
        assert time.monotonic() - begin < 80
        assert "length 12" in parts(mail)[0]
        assert status(server, monitor) == "Alert"
    finally:
        gauge.stop()
