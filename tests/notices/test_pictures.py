"""Every kind of monitor tells with a picture: of what is compared with its thresholds, or of the states that it judges. The page's chart
shows the same."""

import json
import struct
import time

import pytest
from conftest import Oriel
from mailbox import FastTime, Mailbox

pytestmark = pytest.mark.waits
RATE = 20
HOSTS = [f"web-{n}" for n in range(1, 7)]
TROUBLE_S = 480
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def mailbox():
    box = Mailbox().start()
    yield box
    box.stop()


def send(server: Oriel, now: int) -> None:
    """An hour of everything; the trouble is in its last eight minutes."""
    times = range(now // 10 * 10 - 3600, now, 10)
    bad = lambda t: t >= now - TROUBLE_S  # noqa: E731

    def series(metric: str, kind: str, value, host: str = "web-1", tags=()) -> dict:
        points = [[t, value(t)] for t in times]
        return {"metric": metric, "type": kind, "interval": 10, "host": host, "tags": list(tags), "points": points}

    wave = lambda t, n=0: (t // 10 * 7 + n * 3) % 11  # noqa: E731
    all_series = [
        series("queue.length", "gauge", lambda t: 100 + wave(t) + (90 if bad(t) else 0)),
        series("requests.all", "count", lambda t: 100),
        series("requests.good", "count", lambda t: 60 if bad(t) else 100),
        series("disk.used", "gauge", lambda t: 60 + (t - now + 3600) / 140 + wave(t) / 10),
        *(series("temperature", "gauge", lambda t, n=n: (75 if bad(t) and n == 4 else 40) + wave(t, n), host) for n, host in enumerate(HOSTS)),
    ]
    assert server.post("/api/v1/series", json={"series": all_series}).status_code == 202
    runs = [{"check": "shop.can_connect", "host_name": "web-1", "timestamp": t, "status": 2 if bad(t) else 0, "tags": [], "message": "refused"} for t in times[::6]]
    assert server.post("/api/v1/check_run", data=json.dumps(runs), headers=JSON).status_code == 202
    rows = [
        {"message": "payment declined", "service": "shop", "hostname": "web-1", "status": "error", "timestamp": t * 1000}
        for t in times
        for _ in range(4 if bad(t) else t // 10 % 7 == 0)
    ]
    assert server.post("/api/v2/logs", data=json.dumps(rows), headers=JSON).status_code == 202


def post(server: Oriel, path: str, body: dict) -> dict:
    answer = server.post(path, json=body)
    assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def monitor(server: Oriel, name: str, kind: str, query: str, thresholds: dict) -> int:
    options = {"thresholds": thresholds, "new_group_delay": 0}
    return post(server, "/api/v1/monitor", {"name": name, "type": kind, "query": query, "message": "@oncall@example.com", "options": options})["id"]


def objective(server: Oriel) -> str:
    ratio = {"numerator": "sum:requests.good{*}.as_count()", "denominator": "sum:requests.all{*}.as_count()"}
    body = {"name": "Requests go well", "type": "metric", "query": ratio, "thresholds": [{"timeframe": "7d", "target": 99}]}
    return post(server, "/api/v1/slo", body)["data"][0]["id"]


def watch(server: Oriel) -> dict[str, int]:
    """By name. The composite is of two that fire and one that does not."""
    slo = objective(server)
    ids = {
        name: monitor(server, name, kind, query, thresholds)
        for name, kind, query, thresholds in [
            ("queue grows", "query alert", "change(avg(last_5m),last_30m):avg:queue.length{*} > 30", {"critical": 30, "warning": 15}),
            ("queue doubles", "query alert", "pct_change(avg(last_5m),last_30m):avg:queue.length{*} by {host} > 50", {"critical": 50}),
            ("hot host", "query alert", "avg(last_10m):outliers(avg:temperature{*} by {host}, 'MAD', 3, 50) > 0", {"critical": 0}),
            ("odd queue", "query alert", "avg(last_30m):anomalies(avg:queue.length{*}, 'basic', 2) >= 0.1", {"critical": 0.1}),
            ("disk fills", "query alert", "max(next_1h):forecast(avg:disk.used{*}, 'linear', 1) >= 95", {"critical": 95}),
            ("errors", "log alert", 'logs("service:shop status:error").index("*").rollup("count").by("host").last("5m") > 60', {"critical": 60, "warning": 30}),
            ("lost", "query alert", "sum(last_5m):sum:requests.all{*}.as_count() - sum:requests.good{*}.as_count() > 400", {"critical": 400}),
            ("burns", "slo alert", f'burn_rate("{slo}").over("7d").long_window("1h").short_window("5m") > 4', {"critical": 4, "warning": 2}),
            ("spent", "slo alert", f'error_budget("{slo}").over("7d") > 75', {"critical": 75}),
            ("refused", "service check", '"shop.can_connect".over("*").by("host").last(4).count_by_status()', {"critical": 3}),
            ("calm", "query alert", "avg(last_5m):avg:queue.length{*} > 10000", {"critical": 10000}),
        ]
    }
    both = f"{ids['queue grows']} && {ids['refused']} && !{ids['calm']}"
    return {**ids, "all of it": monitor(server, "all of it", "composite", both, {})}


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def chart(message) -> bytes:
    """The image that the mail's HTML shows."""
    html = message.get_body(("html",)).get_content()
    for part in message.walk():
        cid = part.get("Content-ID", "").strip("<>")
        if cid and f"cid:{cid}" in html:
            return part.get_content()
    raise AssertionError(f"{message['Subject']} has no chart")


def alerts(box: Mailbox, names, seconds: float = 120) -> dict:
    """The first mail of each monitor."""
    until = time.monotonic() + seconds
    while True:
        found = {name: mail for mail in reversed(list(box.messages)) for name in names if f" {name}" in str(mail["Subject"])}
        missing = set(names) - set(found)
        if not missing:
            return found
        assert time.monotonic() < until, f"no mail of {sorted(missing)}"
        time.sleep(0.2)


def prepared(server: Oriel, box: Mailbox) -> tuple[dict[str, int], int]:
    mail = {"host": "127.0.0.1", "port": box.port, "tls": "none", "from": "oriel@example.com"}
    assert server.put("/api/ui/mail", json=mail).status_code == 200
    now = int(FastTime(server, RATE).now_s())
    send(server, now)
    return watch(server), now


def test_each_kind_tells_with_a_picture_of_what_it_judges(make_oriel, mailbox):
    server = make_oriel("--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(RATE)})
    ids, now = prepared(server, mailbox)
    told = alerts(mailbox, [name for name in ids if name != "calm"])
    for mail in told.values():
        assert size(chart(mail)) == (1200, 480)
    pictures = {
        name: server.get(f"/api/ui/monitors/{id}/graph?from_ms={(now - 3600) * 1000}&to_ms={(now + 60) * 1000}").json()
        for name, id in ids.items()
    }
    compared = {name for name, picture in pictures.items() if picture["compared"]}
    assert compared == set(ids) - {"hot host", "odd queue", "refused", "all of it"}
    # A change is drawn as the change, and its series is kept beside.
    grows = pictures["queue grows"]
    assert grows["caption"] == "Change of the average over 5 min, against 30 min before"
    values = [v for v in grows["results"][0]["series"][0]["values"] if v is not None]
    assert max(values) > 60 and min(values) < 10
    assert max(v for v in grows["raw"][0]["series"][0]["values"] if v is not None) > 150
    assert pictures["queue doubles"]["results"][0]["series"][0]["unit"]["short_name"] == "%"
    # Errors of each five minutes, not of each bucket.
    assert max(pictures["errors"]["results"][0]["series"][0]["values"]) > 60
    apart = {s["group"][0][1] for s in pictures["hot host"]["results"][0]["series"] if s["outlier"]}
    assert apart == {"web-5"}
    assert [s["name"] for s in pictures["burns"]["results"][0]["series"]] == ["1 h", "5 min"]
    assert pictures["spent"]["results"][0]["series"][0]["unit"]["short_name"] == "%"
    bands = pictures["all of it"]["states"]
    assert [row["name"] for row in bands] == ["a: queue grows", "b: refused", "c: calm", "This monitor"]
    assert [row["segments"][-1]["status"] for row in bands] == ["Alert", "Alert", "OK", "Alert"]
    runs = pictures["refused"]["states"][0]
    assert runs["name"] == "host:web-1" and {s["status"] for s in runs["segments"]} == {"OK", "Alert"}
    for picture in (pictures["all of it"], pictures["refused"]):
        assert picture["results"] == []
