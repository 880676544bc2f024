"""A monitor of every type over data that was really sent: what is bad alerts, and what is beside it does not."""

import json
import time

import pytest
from mailbox import FastTime

RATE = 20


@pytest.fixture
def world(make_oriel):
    server = make_oriel("--hostname", "test-host", env={"ORIEL_TEST_CLOCK_RATE": str(RATE)})
    clock = FastTime(server, RATE)
    send(server, int(clock.now_s()))
    return server


def series(now, metric, kind, host, value):
    """Ten minutes up to now and ten minutes on (data may be a little ahead), so that the past stays bad while monitors look."""
    points = [{"timestamp": now - 600 + 10 * i, "value": float(value(i))} for i in range(120)]
    return {"metric": metric, "type": kind, "interval": 10, "points": points, "tags": [f"h:{host}", "env:p"]}


def send(server, now):
    gauge, count = 3, 1
    body = [
        series(now, "types.gauge", gauge, "a", lambda i: 900), series(now, "types.gauge", gauge, "b", lambda i: 100),
        series(now, "types.errors", count, "a", lambda i: 2 if i % 3 == 0 else 0), series(now, "types.requests", count, "a", lambda i: 10),
        # Twice as much every five minutes, and a fault in the noise.
        series(now, "types.growth", gauge, "a", lambda i: 2 ** (i / 30)),
        series(now, "types.slope", gauge, "a", lambda i: i),
        *[series(now, "types.fleet", gauge, n, lambda i, n=n: (100 if n == 0 else 1) + 0.01 * ((i * 7 + n) % 5)) for n in range(6)],
    ]
    assert server.post("/api/v2/series", json={"series": body}).status_code == 202
    logs = [{"message": "boom", "service": "web", "status": "error", "duration": 900}] * 20 + [{"message": "fine", "service": "web"}] * 20
    assert server.post("/api/v2/logs", json=logs).status_code == 202
    for _ in range(3):
        event = {"title": "deploy", "text": "x", "source_type_name": "nagios", "alert_type": "error"}
        assert server.post("/api/v1/events", json=event).status_code == 202
        check = {"check": "types.check", "host_name": "a", "status": 2, "tags": ["env:p", "port:80"]}
        assert server.post("/api/v1/check_run", json=[check]).status_code == 202


LOG = 'logs("{}").index("*").rollup("count").by("service").last("15m")'

# Name, type, query, options, groups that are in alert, groups that are not.
MONITORS = [
    ("gauge", "metric alert", "avg(last_5m):avg:types.gauge{*} by {h} > 800", {}, ["h:a"], ["h:b"]),
    ("count", "metric alert", "sum(last_5m):sum:types.errors{*}.as_count() > 10", {}, ["*"], []),
    ("ratio", "query alert", "sum(last_5m):(sum:types.errors{*} by {env}.as_count() / sum:types.requests{*} by {env}.as_count()) * 100 > 5", {}, ["env:p"], []),
    ("low ratio", "query alert", "sum(last_5m):(sum:types.errors{*} by {env}.as_count() / sum:types.requests{*} by {env}.as_count()) * 100 > 8", {}, [], ["env:p"]),
    ("change", "query alert", "change(avg(last_1m),last_5m):avg:types.growth{*} > 1", {}, ["*"], []),
    ("percent", "query alert", "pct_change(avg(last_1m),last_5m):avg:types.growth{*} > 90", {}, ["*"], []),
    ("anomaly", "query alert", "avg(last_10m):anomalies(avg:types.growth{*}, 'basic', 2, direction='above', alert_window='last_5m', interval=20) >= 0.5", {"thresholds": {"critical": 0.5}}, ["*"], []),
    ("outlier", "query alert", "avg(last_5m):outliers(avg:types.fleet{*} by {h}, 'MAD', 3) > 0", {}, ["h:0"], ["h:1", "h:5"]),
    ("forecast", "query alert", "max(next_1h):forecast(avg:types.slope{*}, 'linear', 1) >= 200", {}, ["*"], []),
    ("check", "service check", '"types.check".over("env:p").by("host","port").last(3).count_by_status()', {"thresholds": {"critical": 3, "ok": 1, "warning": 1}}, ["host:a,port:80"], []),
    ("logs", "log alert", LOG.format("status:error") + " > 5", {}, ["service:web"], []),
    ("percentile of logs", "log alert", 'logs("*").index("*").rollup("pc95","@duration").by("service").last("15m") > 500', {}, ["service:web"], []),
    ("no logs", "log alert", 'logs("service:nobody").index("*").rollup("count").last("5m") < 1', {}, ["*"], []),
    ("share of logs", "log alert", LOG.format("status:error") + " / " + LOG.format("*") + " > 0.4", {}, ["service:web"], []),
    ("formula", "query alert", 'formula("a + b").last("15m") > 910', {"variables": [
        {"data_source": "logs", "name": "a", "search": {"query": "status:error"}, "compute": {"aggregation": "count"}, "indexes": ["*"]},
        {"data_source": "metrics", "name": "b", "query": "avg:types.gauge{h:a}", "aggregator": "max"}]}, ["*"], []),
    ("events", "event-v2 alert", 'events("source:nagios").rollup("count").last("15m") > 2', {}, ["*"], []),
    ("older events", "event alert", "events('sources:nagios status:error').rollup('count').last('15m') > 2", {}, ["*"], []),
    ("processes", "process alert", 'processes("oriel").by("host").rollup("count").last("5m") > 0', {}, ["host:test-host"], []),
    ("no process", "process alert", 'processes("nosuchthing").rollup("count").last("5m") < 1', {}, ["*"], []),
    ("no spans", "trace-analytics alert", 'trace-analytics("service:nobody").rollup("count").last("5m") < 1', {}, ["*"], []),
    ("a day", "metric alert", "sum(current_1d):sum:types.requests{*}.as_count() > 100", {}, ["*"], []),
    ("both", "composite", "{gauge} && {logs}", {}, ["*"], []),
    ("not both", "composite", "{gauge} && !{logs}", {}, [], ["*"]),
    ("groups", "composite", "{gauge} && {events}", {}, ["h:a"], ["h:b"]),
]


def statuses(server, id):
    answer = server.get(f"/api/v1/monitor/{id}", group_states="all").json()
    groups = (answer.get("state") or {}).get("groups") or {}
    return {name: group["status"] for name, group in groups.items()}


def test_every_type_alerts_on_what_is_bad(world):
    ids = {}
    for name, kind, query, options, _, _ in MONITORS:
        for other, id in ids.items():
            query = query.replace("{" + other + "}", str(id))
        answer = world.post("/api/v1/monitor", json={"name": name, "type": kind, "query": query, "message": "", "options": options})
        assert answer.status_code == 200, f"{name}: {answer.text}"
        ids[name] = answer.json()["id"]

    left = dict.fromkeys(ids)
    # Processes come from the agent each 15 s; everything else is there. Two of the clock's minutes are six seconds.
    until = time.monotonic() + 30
    while left and time.monotonic() < until:
        time.sleep(0.5)
        for name, _, _, _, bad, good in MONITORS:
            if name in left:
                left[name] = found = statuses(world, ids[name])
                if all(found.get(group) == "Alert" for group in bad) and all(found.get(group) == "OK" for group in good):
                    del left[name]
    assert not left, json.dumps(left, indent=1)
