"""PyPI `datadog`: DogStatsD over UDP and unix sockets, and its API calls."""

import time

import datadog
import pytest
from conftest import API_KEY, APP_KEY, points
from datadog.dogstatsd import DogStatsd


@pytest.fixture(params=["udp", "unix", "unixstream"])
def statsd(request, oriel):
    """Buffered: without it this client drops what a datagram socket's queue of ten does not hold."""
    if request.param == "udp":
        client = DogStatsd(host="127.0.0.1", port=oriel.statsd, disable_telemetry=True, disable_buffering=False)
    elif request.param == "unix":
        client = DogStatsd(socket_path=f"unix://{oriel.socket}", disable_telemetry=True, disable_buffering=False)
    else:
        client = DogStatsd(socket_path=f"unixstream://{oriel.stream}", disable_telemetry=True, disable_buffering=False)
    client.transport_name = request.param
    yield client
    client.close_socket()


def total(series: dict) -> float:
    return sum(v for _, v in points(series))


def test_every_kind_over_every_transport(oriel, statsd):
    """A DogStatsD line is in a result within 11 s."""
    time.sleep(10.5 - time.time() % 10)  # all of it in one flush
    tags = [f"via:{statsd.transport_name}"]
    scope = "{via:" + statsd.transport_name + "}"
    for _ in range(3):
        statsd.increment("kinds.count", 2, tags=tags)
    statsd.gauge("kinds.gauge", 41, tags=tags)
    statsd.gauge("kinds.gauge", 42, tags=tags)
    for user in ("ann", "bob", "ann"):
        statsd.set("kinds.set", user, tags=tags)
    for value in range(1, 101):
        statsd.histogram("kinds.histogram", value, tags=tags)
        statsd.distribution("kinds.distribution", value, tags=tags)
    statsd.timing("kinds.timing", 250, tags=tags)
    statsd.event("deployed", "version 2\nof shop", alert_type="success", tags=tags)
    statsd.service_check("shop.up", statsd.WARNING, message="slow", tags=tags)
    statsd.flush()
    sent = time.time()

    counted = oriel.wait_query(f"sum:kinds.count{scope}.as_count()", until=lambda s: s and total(s[0]) == 6)
    assert total(counted[0]) == 6
    assert time.time() - sent < 13
    gauge = oriel.wait_query(f"avg:kinds.gauge{scope}")
    assert points(gauge[0])[-1][1] == 42
    assert points(oriel.wait_query(f"avg:kinds.set{scope}")[0])[-1][1] == 2
    assert points(oriel.wait_query(f"avg:kinds.histogram.avg{scope}")[0])[-1][1] == pytest.approx(50.5)
    assert points(oriel.query(f"avg:kinds.histogram.max{scope}")[0])[-1][1] == 100
    assert points(oriel.query(f"avg:kinds.histogram.median{scope}")[0])[-1][1] in (50, 51)
    assert points(oriel.query(f"avg:kinds.histogram.95percentile{scope}")[0])[-1][1] in (95, 96)
    assert total(oriel.query(f"sum:kinds.histogram.count{scope}.as_count()")[0]) == 100
    assert points(oriel.wait_query(f"p95:kinds.distribution{scope}")[0])[-1][1] == pytest.approx(95, rel=0.01)
    assert points(oriel.query(f"max:kinds.distribution{scope}")[0])[-1][1] == 100
    assert points(oriel.wait_query(f"avg:kinds.timing.avg{scope}")[0])[-1][1] == 250

    events = oriel.get("/api/v1/events", start=int(sent - 60), end=int(sent + 60), tags=tags[0]).json()["events"]
    assert [(e["title"], e["text"], e["alert_type"]) for e in events] == [("deployed", "version 2\nof shop", "success")]


@pytest.fixture
def api(oriel):
    datadog.initialize(api_key=API_KEY, app_key=APP_KEY, api_host=oriel.url, host_name="web-1", mute=False)
    return datadog.api


def test_metrics(oriel, api):
    now = time.time()
    assert api.Metric.send(metric="api.gauge", points=[(now - 30, 1.5), (now - 10, 2.5)], tags=["env:prod"])["status"] == "ok"
    assert api.Metric.send([{"metric": "api.count", "points": [(now - 10, 4)], "type": "count", "tags": ["env:prod"]}],
                           compress_payload=True)["status"] == "ok"
    assert api.Distribution.send(metric="api.dist", points=[(now - 10, [1, 2, 3, 4])])["status"] == "ok"
    answer = api.Metric.query(start=int(now - 600), end=int(now + 60), query="avg:api.gauge{env:prod} by {host}")
    assert answer["status"] == "ok"
    assert [v for _, v in points(answer["series"][0])] == [1.5, 2.5] or points(answer["series"][0])[-1][1] in (2.0, 2.5)
    assert answer["series"][0]["tag_set"] == ["host:web-1"]
    assert "api.gauge" in api.Metric.list(int(now - 600))["metrics"]
    assert total(oriel.query("sum:api.count{*}.as_count()")[0]) == 4
    assert total(oriel.query("count:api.dist{*}.as_count()")[0]) == 4
    assert "api.gauge" in api.Infrastructure.search(q="metrics:api.")["results"]["metrics"]
    assert "web-1" in api.Infrastructure.search(q="hosts:web")["results"]["hosts"]


def test_metadata(api):
    api.Metric.send(metric="meta.gauge", points=1)
    api.Metadata.update(metric_name="meta.gauge", type="gauge", unit="byte", description="of the test", short_name="m")
    got = api.Metadata.get(metric_name="meta.gauge")
    assert (got["type"], got["unit"], got["description"], got["short_name"]) == ("gauge", "byte", "of the test", "m")


def test_events(api):
    made = api.Event.create(title="café opened", text="door 1", tags=["where:paris"], alert_type="info", aggregation_key="door")
    assert made["status"] == "ok"
    got = api.Event.get(made["event"]["id"])
    assert (got["event"]["title"], got["event"]["text"]) == ("café opened", "door 1")
    now = int(time.time())
    listed = api.Event.query(start=now - 60, end=now + 60, tags=["where:paris"])
    assert [e["id"] for e in listed["events"]] == [made["event"]["id"]]


def test_service_checks(api):
    made = api.ServiceCheck.check(check="app.ok", host_name="web-1", status=1, message="hm", tags=["a:b"])
    assert made["status"] == "ok"


def test_host_tags(oriel, api):
    now = time.time()
    api.Metric.send(metric="tagged.gauge", points=[(now - 5, 7)], host="tagged-1")
    api.Tag.create("tagged-1", tags=["role:db", "team:blue"])
    assert sorted(api.Tag.get("tagged-1")["tags"]) == ["role:db", "team:blue"]
    assert api.Tag.get_all()["tags"]["role:db"] == ["tagged-1"]
    api.Metric.send(metric="tagged.gauge", points=[(time.time(), 9)], host="tagged-1")
    found = oriel.wait_query("avg:tagged.gauge{role:db} by {team}")
    assert found[0]["tag_set"] == ["team:blue"]
    api.Tag.update("tagged-1", tags=["role:web"])
    assert api.Tag.get("tagged-1")["tags"] == ["role:web"]
    api.Tag.delete("tagged-1")
    assert api.Tag.get("tagged-1")["tags"] == []


def test_hosts(api):
    api.Metric.send(metric="hosts.gauge", points=1, host="listed-1")
    hosts = api.Hosts.search(filter="listed-1")
    assert [h["name"] for h in hosts["host_list"]] == ["listed-1"]
    assert api.Hosts.totals()["total_up"] >= 1


def test_dashboards(api):
    widgets = [{"definition": {"type": "timeseries", "requests": [{"q": "avg:api.gauge{*}"}], "title": "t"}}]
    made = api.Dashboard.create(title="from datadogpy", widgets=widgets, layout_type="ordered", description="d")
    got = api.Dashboard.get(made["id"])
    assert got["widgets"][0]["definition"]["requests"] == [{"q": "avg:api.gauge{*}"}]
    api.Dashboard.update(made["id"], title="renamed", widgets=widgets, layout_type="ordered")
    assert api.Dashboard.get(made["id"])["title"] == "renamed"
    assert made["id"] in [d["id"] for d in api.Dashboard.get_all()["dashboards"]]
    assert api.Dashboard.delete(made["id"])["deleted_dashboard_id"] == made["id"]


def test_errors_reach_the_client(api):
    with pytest.raises(datadog.api.exceptions.ApiError, match="expected"):
        api.Metric.query(start=1, end=2, query="avg:api.gauge{")
