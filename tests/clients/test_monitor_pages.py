"""What the pages of one monitor ask for, on the real binary with its clock at 20 ×: groups, history, why, preview, trying on the
past, charts. They agree with each other: one evaluation is behind them all."""

import json
import threading
import time

import pytest
from conftest import Oriel
from mailbox import FastTime

pytestmark = pytest.mark.waits
RATE = 20
MONITOR = {
    "name": "busy hosts", "type": "query alert", "query": "avg(last_1m):avg:pages.load{env:prod} by {host} > 800",
    "message": "{{host.name}} is busy", "tags": ["team:pages"], "options": {"thresholds": {"critical": 800, "warning": 500}},
}


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """A server whose host a was bad for five minutes: (server, clock, the monitor, begin, end)."""
    server = Oriel(tmp_path_factory.mktemp("pages"), "--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(RATE)}).start()
    clock = FastTime(server, RATE)
    monitor = server.post("/api/v1/monitor", json=MONITOR).json()
    begin, last, stopped = clock.now_s(), 0, threading.Event()
    while clock.now_s() < begin + 780 and not stopped.is_set():
        now = int(clock.now_s()) // 10 * 10
        if now > last:
            bad = 180 < now - begin < 480
            series = [{"metric": "pages.load", "type": "gauge", "host": h, "tags": ["env:prod"], "points": [[now, 900 if bad and h == "a" else 50]]}
                      for h in "ab"]
            assert server.post("/api/v1/series", json={"series": series}).status_code == 202
            last = now
        time.sleep(0.1)
    yield server, clock, monitor, int(begin * 1000), int(clock.now_s() * 1000)
    server.stop()


def history(past) -> dict:
    server, _, monitor, begin, end = past
    answer = server.get(f"/api/ui/monitors/{monitor['id']}/history", from_ms=begin, to_ms=end)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.timeout(120)
def test_groups_and_their_history(past):
    server, _, monitor, begin, end = past
    page = server.get(f"/api/ui/monitors/{monitor['id']}").json()
    assert page["monitor"]["id"] == monitor["id"] and page["monitor"]["query"] == MONITOR["query"]
    assert {g["group"]: g["status"] for g in page["groups"]} == {"host:a": "OK", "host:b": "OK"}
    assert page["counts"]["ok"] == page["groups_total"] == 2
    evaluation = page["evaluation"]
    assert evaluation["error"] is None and evaluation["every_ms"] == 60_000 and evaluation["next_ms"] - evaluation["last_ms"] == 60_000
    assert page["parsed"]["queries"] == [{"name": "query", "data_source": "metrics", "query": "avg:pages.load{env:prod} by {host}"}]
    told = history(past)
    kinds = [t["kind"] for t in told["transitions"]][::-1]
    assert kinds in (["alert", "alert_recovery"], ["warning", "warning_to_alert", "alert_recovery"], ["alert", "alert_to_warning", "warning_recovery"],
                     ["warning", "warning_to_alert", "alert_to_warning", "warning_recovery"]), kinds
    assert told["groups"][0]["group"] == "host:a", "the worst first"
    for line in told["groups"]:
        segments = line["segments"]
        assert segments[0]["from_ms"] == begin and segments[-1]["to_ms"] == end
        assert all(a["to_ms"] == b["from_ms"] and a["status"] != b["status"] for a, b in zip(segments, segments[1:]))


@pytest.mark.timeout(60)
def test_why_agrees_with_what_was_recorded(past):
    server, _, monitor, begin, _ = past
    for transition in history(past)["transitions"]:
        asked = {"at_ms": transition["at_ms"] + 1_000, "group": transition["group"]}
        why = server.get(f"/api/ui/monitors/{monitor['id']}/why", **asked).json()
        assert why["agrees"] and why["at_ms"] == transition["at_ms"] and why["recorded"]["kind"] == transition["kind"]
        assert (why["status_before"], why["status_after"]) == (transition["from"], transition["to"])
        assert why["value"] == pytest.approx(transition["value"])
        assert why["results"][0]["series"][0]["group"] == [["host", "a"]]
        assert {s["rule"] for s in why["steps"]} >= {"value", "critical", "warning", "transition"}
    quiet = server.get(f"/api/ui/monitors/{monitor['id']}/why", at_ms=begin + 150_000, group="host:b").json()
    assert quiet["agrees"] and quiet["recorded"] is None and quiet["status_after"] == "OK"
    assert server.get(f"/api/ui/monitors/{monitor['id'] + 1}/why", at_ms=begin).status_code == 404


@pytest.mark.timeout(60)
def test_a_draft_is_previewed_with_its_errors_beside_their_fields(past):
    server, _, _, begin, end = past
    good = server.post("/api/ui/monitors/preview", json={"monitor": MONITOR, "from_ms": begin, "to_ms": end}).json()
    assert good["errors"] == [] and {g["group"]: g["status"] for g in good["groups"]} == {"host:a": "OK", "host:b": "OK"}
    assert len(good["results"][0]["series"]) == 2
    wrong = {**MONITOR, "options": {"thresholds": {"critical": 800, "warning": 900}}}
    bad = server.post("/api/ui/monitors/preview", json={"monitor": wrong, "from_ms": begin, "to_ms": end})
    assert bad.status_code == 200
    assert bad.json()["errors"][0]["field"] == "options.thresholds.warning", bad.json()


@pytest.mark.timeout(60)
def test_trying_on_the_past_gives_what_happened(past):
    server, _, _, begin, end = past
    answer = server.post("/api/ui/monitors/try", json={"monitor": MONITOR, "from_ms": begin, "to_ms": end})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
    events = dict(e.split("\ndata: ", 1) for e in answer.text.replace("\r", "").strip().split("\n\n") if e.startswith("event: "))
    tried = json.loads(events["event: result"])
    told = history(past)
    wanted = [(t["at_ms"], t["group"], t["kind"]) for t in told["transitions"] if t["tells"]][::-1]
    assert [(n["at_ms"], n["group"], n["kind"]) for n in tried["notices"]] == wanted, "the past is what was live"
    assert tried["totals"]["alerts"] == 1 and tried["groups_total"] == 2
    quiet = tried["suggestions"][0]
    assert quiet["critical"] > 900 and quiet["alerts"] == 0
    refused = server.post("/api/ui/monitors/try", json={"monitor": MONITOR, "from_ms": end - 400 * 86_400_000, "to_ms": end})
    assert refused.status_code == 400 and "evaluations" in refused.json()["errors"][0]


@pytest.mark.timeout(60)
def test_widgets_of_a_monitor(past):
    server, _, monitor, begin, end = past
    graph = server.get(f"/api/ui/monitors/{monitor['id']}/graph", from_ms=begin, to_ms=end).json()
    assert graph["name"] == "busy hosts" and graph["thresholds"]["critical"] == 800 and graph["comparator"] == ">"
    values = [v for s in graph["results"][0]["series"] for v in s["values"] if v is not None]
    assert max(values) == 900 and min(values) == 50
    value = server.get(f"/api/ui/monitors/{monitor['id']}/value").json()
    assert value == {"value": 50, "unit": None, "status": "OK", "group": value["group"]}
