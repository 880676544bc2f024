"""PyPI `datadog-api-client` for logs, spans and events: what it sends is found, and what it reads parses."""

import datetime
import time

import pytest
from conftest import API_KEY, APP_KEY
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v1.api.logs_pipelines_api import LogsPipelinesApi
from datadog_api_client.v1.model.logs_filter import LogsFilter
from datadog_api_client.v1.model.logs_grok_parser import LogsGrokParser
from datadog_api_client.v1.model.logs_grok_parser_rules import LogsGrokParserRules
from datadog_api_client.v1.model.logs_grok_parser_type import LogsGrokParserType
from datadog_api_client.v1.model.logs_pipeline import LogsPipeline
from datadog_api_client.v2.api.events_api import EventsApi
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.api.logs_metrics_api import LogsMetricsApi
from datadog_api_client.v2.api.spans_api import SpansApi
from datadog_api_client.v2.api.spans_metrics_api import SpansMetricsApi
from datadog_api_client.v2 import models as v2


@pytest.fixture(scope="module")
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key.update({"apiKeyAuth": API_KEY, "appKeyAuth": APP_KEY})
    with ApiClient(configuration) as api:
        yield api


def send(client, *items, **more) -> None:
    LogsApi(client).submit_log(body=v2.HTTPLog([v2.HTTPLogItem(**item) for item in items]), **more)


def search(client, query: str, limit: int = 50, sort: str = "-timestamp"):
    body = v2.LogsListRequest(filter=v2.LogsQueryFilter(query=query, _from="now-1h", to="now"), page=v2.LogsListRequestPage(limit=limit), sort=v2.LogsSort(sort))
    return LogsApi(client).list_logs(body=body)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
def test_logs_in_and_out(client, encoding):
    service = f"api-{encoding}"
    send(client, {"ddsource": "nginx", "ddtags": "env:staging,team:blue", "hostname": "i-1", "message": "GET /cart 502", "service": service, "status": "error"},
         content_encoding=v2.ContentEncoding(encoding))
    found = search(client, f"service:{service} status:error team:blue")
    (log,) = found.data
    attributes = log.attributes
    assert (attributes.host, attributes.service, attributes.status, attributes.message) == ("i-1", service, "error", "GET /cart 502")
    assert {"env:staging", "team:blue", "source:nginx"} <= set(attributes.tags)
    assert abs((attributes.timestamp - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60


def test_pages_by_cursor(client):
    send(client, *({"message": f"page line {n}", "service": "pages"} for n in range(25)))
    pages = LogsApi(client).list_logs_get_with_pagination(filter_query="service:pages", filter_from=datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1), page_limit=10)
    assert sorted(int(log.attributes.message.split()[-1]) for log in pages) == list(range(25))


def test_logs_aggregate(client):
    send(client, *({"message": f'{{"took": {n}, "path": "/p{n % 2}"}}', "service": "sums"} for n in range(1, 11)))
    compute = [v2.LogsCompute(aggregation=v2.LogsAggregationFunction("count"), type=v2.LogsComputeType("total")),
               v2.LogsCompute(aggregation=v2.LogsAggregationFunction("sum"), metric="@took", type=v2.LogsComputeType("total")),
               v2.LogsCompute(aggregation=v2.LogsAggregationFunction("pc90"), metric="@took", type=v2.LogsComputeType("total"))]
    body = v2.LogsAggregateRequest(compute=compute, filter=v2.LogsQueryFilter(query="service:sums", _from="now-1h", to="now"),
                                   group_by=[v2.LogsGroupBy(facet="@path")])
    buckets = LogsApi(client).aggregate_logs(body=body).data.buckets
    found = {b.by["@path"]: tuple(b.computes[c] for c in ("c0", "c1", "c2")) for b in buckets}
    assert found == {"/p0": (5, 30, 10), "/p1": (5, 25, 9)}

    series = v2.LogsCompute(aggregation=v2.LogsAggregationFunction("count"), type=v2.LogsComputeType("timeseries"), interval="1m")
    body = v2.LogsAggregateRequest(compute=[series], filter=v2.LogsQueryFilter(query="service:sums", _from="now-1h", to="now"))
    (bucket,) = LogsApi(client).aggregate_logs(body=body).data.buckets
    assert sum(point.value for point in bucket.computes["c0"].value) == 10


def test_a_bad_search_says_what_is_wrong(client, oriel):
    answer = oriel.post("/api/v2/logs/events/search", json={"filter": {"query": "service:(a OR"}})
    assert answer.status_code == 400 and "service:(a OR" in answer.json()["errors"][0], answer.text


def now_ns() -> int:
    return time.time_ns()


def span(n: int, parent: int, **more) -> dict:
    base = {"trace_id": 77_000_000_001, "span_id": n, "parent_id": parent, "name": "web.request", "resource": "GET /x", "service": "api-spans",
            "type": "web", "start": now_ns() - 5_000_000_000, "duration": n * 1_000_000, "error": 0, "meta": {"env": "test", "span.kind": "server"}, "metrics": {"_sampling_priority_v1": 1}}
    return {**base, **more}


@pytest.fixture(scope="module")
def spans(oriel):
    import requests
    chunk = [span(1, 0), *(span(n, 1, name="child", metrics={"n": n}) for n in range(2, 11))]
    chunk[3] = {**chunk[3], "error": 1, "meta": {**chunk[3]["meta"], "error.message": "boom"}}
    assert requests.put(f"http://127.0.0.1:{oriel.apm}/v0.3/traces", json=[chunk], timeout=10).status_code == 200


def test_spans_search(client, spans):
    attributes = v2.SpansListRequestAttributes(filter=v2.SpansQueryFilter(query="service:api-spans status:error", _from="now-1h", to="now"),
                                               page=v2.SpansListRequestPage(limit=25), sort=v2.SpansSort("timestamp"))
    body = v2.SpansListRequest(data=v2.SpansListRequestData(attributes=attributes, type=v2.SpansListRequestType("search_request")))
    (found,) = SpansApi(client).list_spans(body=body).data
    assert (found.attributes.service, found.attributes.resource_name, found.attributes.span_id) == ("api-spans", "GET /x", "4")
    assert found.attributes.custom["error"]["message"] == "boom"
    assert len(list(SpansApi(client).list_spans_get_with_pagination(filter_query="service:api-spans @duration:>2ms", filter_from="now-1h", page_limit=3))) == 8


def test_spans_aggregate(client, spans):
    compute = [v2.SpansCompute(aggregation=v2.SpansAggregationFunction("count"), type=v2.SpansComputeType("total")),
               v2.SpansCompute(aggregation=v2.SpansAggregationFunction("max"), metric="@duration", type=v2.SpansComputeType("total"))]
    attributes = v2.SpansAggregateRequestAttributes(compute=compute, filter=v2.SpansQueryFilter(query="service:api-spans", _from="now-1h", to="now"),
                                                    group_by=[v2.SpansGroupBy(facet="operation_name")])
    body = v2.SpansAggregateRequest(data=v2.SpansAggregateData(attributes=attributes, type=v2.SpansAggregateRequestType("aggregate_request")))
    found = {b.attributes.by["operation_name"]: {c: b.attributes.computes[c] for c in ("c0", "c1")} for b in SpansApi(client).aggregate_spans(body=body).data}
    assert found == {"web.request": {"c0": 1, "c1": 1_000_000}, "child": {"c0": 9, "c1": 10_000_000}}


def test_a_trace_by_its_id(oriel, spans):
    trace = oriel.get("/api/v1/trace/77000000001").json()["trace"]
    assert trace["root_id"] == "1" and len(trace["spans"]) == 10 and len(trace["spans"]["1"]["children_ids"]) == 9


def test_events_v2(client):
    attributes = v2.AlertEventCustomAttributes(status=v2.AlertEventCustomAttributesStatus("error"), custom={"cause": "disk"})
    payload = v2.EventPayload(title="the till is jammed", message="again", tags=["team:blue", "env:test"], aggregation_key="till",
                              category=v2.EventCategory("alert"), attributes=attributes)
    body = v2.EventCreateRequestPayload(data=v2.EventCreateRequest(attributes=payload, type=v2.EventCreateRequestType("event")))
    made = EventsApi(client).create_event(body=body)
    assert made.data.attributes.attributes.evt.id
    request = v2.EventsListRequest(filter=v2.EventsQueryFilter(query="team:blue status:error", _from="now-1h", to="now"), page=v2.EventsRequestPage(limit=10))
    (found,) = EventsApi(client).search_events(body=request).data
    assert found.attributes.message == "again" and "team:blue" in found.attributes.tags
    assert found.attributes.attributes.title == "the till is jammed"
    assert EventsApi(client).list_events(filter_query="team:blue", filter_from="now-1h", filter_to="now").data


def test_a_pipeline_changes_what_comes_after_it(client):
    api = LogsPipelinesApi(client)
    parser = LogsGrokParser(type=LogsGrokParserType("grok-parser"), name="orders", source="message", is_enabled=True,
                            grok=LogsGrokParserRules(match_rules="order order %{integer:order.id} took %{number:took}ms", support_rules=""))
    made = api.create_logs_pipeline(LogsPipeline(name="orders", is_enabled=True, filter=LogsFilter(query="service:piped"), processors=[parser]))
    assert [p.name for p in api.list_logs_pipelines().value] == ["orders"]
    send(client, {"message": "order 4711 took 12.5ms", "service": "piped"}, {"message": "order 4711 took 12.5ms", "service": "other"})
    (found,) = search(client, "service:piped @order.id:4711 @took:>12").data
    assert found.attributes.attributes["took"] == 12.5
    assert not search(client, "service:other @order.id:*").data
    api.delete_logs_pipeline(made.id)
    assert api.list_logs_pipelines().value == []


def test_metrics_counted_from_logs_and_spans(client, oriel):
    create = v2.LogsMetricCreateRequest(data=v2.LogsMetricCreateData(id="shop.slow", type=v2.LogsMetricType("logs_metrics"), attributes=v2.LogsMetricCreateAttributes(
        compute=v2.LogsMetricCompute(aggregation_type=v2.LogsMetricComputeAggregationType("distribution"), path="@took", include_percentiles=True),
        filter=v2.LogsMetricFilter(query="service:counted"), group_by=[v2.LogsMetricGroupBy(path="@path", tag_name="path")])))
    LogsMetricsApi(client).create_logs_metric(body=create)
    assert [m.id for m in LogsMetricsApi(client).list_logs_metrics().data] == ["shop.slow"]
    create = v2.SpansMetricCreateRequest(data=v2.SpansMetricCreateData(id="shop.spans", type=v2.SpansMetricType("spans_metrics"), attributes=v2.SpansMetricCreateAttributes(
        compute=v2.SpansMetricCompute(aggregation_type=v2.SpansMetricComputeAggregationType("count")), filter=v2.SpansMetricFilter(query="service:api-counted"), group_by=[])))
    SpansMetricsApi(client).create_spans_metric(body=create)
    send(client, *({"message": f'{{"took": {n}, "path": "/p"}}', "service": "counted"} for n in (1, 2, 3, 4)))
    import requests
    requests.put(f"http://127.0.0.1:{oriel.apm}/v0.3/traces", json=[[span(1, 0, service="api-counted", trace_id=5)]], timeout=10)
    found = oriel.wait_query("max:shop.slow{path:/p}", seconds=40)
    assert max(v for _, v in found[0]["pointlist"] if v is not None) == pytest.approx(4, rel=0.02)
    found = oriel.wait_query("sum:shop.spans{*}.as_count()", seconds=40)
    assert sum(v for _, v in found[0]["pointlist"] if v is not None) == 1
