"""PyPI `datadog-api-client` on what configures logs: pipelines with every processor that is built in, their order, metrics from logs
and from spans; and log files that the agent follows, in the server's process and alone."""

import time

import pytest
from conftest import API_KEY, APP_KEY
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.logs_pipelines_api import LogsPipelinesApi
from datadog_api_client.v1.model.logs_arithmetic_processor import LogsArithmeticProcessor
from datadog_api_client.v1.model.logs_arithmetic_processor_type import LogsArithmeticProcessorType
from datadog_api_client.v1.model.logs_attribute_remapper import LogsAttributeRemapper
from datadog_api_client.v1.model.logs_attribute_remapper_type import LogsAttributeRemapperType
from datadog_api_client.v1.model.logs_category_processor import LogsCategoryProcessor
from datadog_api_client.v1.model.logs_category_processor_category import LogsCategoryProcessorCategory
from datadog_api_client.v1.model.logs_category_processor_type import LogsCategoryProcessorType
from datadog_api_client.v1.model.logs_date_remapper import LogsDateRemapper
from datadog_api_client.v1.model.logs_date_remapper_type import LogsDateRemapperType
from datadog_api_client.v1.model.logs_filter import LogsFilter
from datadog_api_client.v1.model.logs_geo_ip_parser import LogsGeoIPParser
from datadog_api_client.v1.model.logs_geo_ip_parser_type import LogsGeoIPParserType
from datadog_api_client.v1.model.logs_grok_parser import LogsGrokParser
from datadog_api_client.v1.model.logs_grok_parser_rules import LogsGrokParserRules
from datadog_api_client.v1.model.logs_grok_parser_type import LogsGrokParserType
from datadog_api_client.v1.model.logs_lookup_processor import LogsLookupProcessor
from datadog_api_client.v1.model.logs_lookup_processor_type import LogsLookupProcessorType
from datadog_api_client.v1.model.logs_message_remapper import LogsMessageRemapper
from datadog_api_client.v1.model.logs_message_remapper_type import LogsMessageRemapperType
from datadog_api_client.v1.model.logs_pipeline import LogsPipeline
from datadog_api_client.v1.model.logs_pipeline_processor import LogsPipelineProcessor
from datadog_api_client.v1.model.logs_pipeline_processor_type import LogsPipelineProcessorType
from datadog_api_client.v1.model.logs_pipelines_order import LogsPipelinesOrder
from datadog_api_client.v1.model.logs_service_remapper import LogsServiceRemapper
from datadog_api_client.v1.model.logs_service_remapper_type import LogsServiceRemapperType
from datadog_api_client.v1.model.logs_span_remapper import LogsSpanRemapper
from datadog_api_client.v1.model.logs_span_remapper_type import LogsSpanRemapperType
from datadog_api_client.v1.model.logs_status_remapper import LogsStatusRemapper
from datadog_api_client.v1.model.logs_status_remapper_type import LogsStatusRemapperType
from datadog_api_client.v1.model.logs_string_builder_processor import LogsStringBuilderProcessor
from datadog_api_client.v1.model.logs_string_builder_processor_type import LogsStringBuilderProcessorType
from datadog_api_client.v1.model.logs_trace_remapper import LogsTraceRemapper
from datadog_api_client.v1.model.logs_trace_remapper_type import LogsTraceRemapperType
from datadog_api_client.v1.model.logs_url_parser import LogsURLParser
from datadog_api_client.v1.model.logs_url_parser_type import LogsURLParserType
from datadog_api_client.v1.model.logs_user_agent_parser import LogsUserAgentParser
from datadog_api_client.v1.model.logs_user_agent_parser_type import LogsUserAgentParserType
from datadog_api_client.v2.api.logs_metrics_api import LogsMetricsApi
from datadog_api_client.v2.api.spans_metrics_api import SpansMetricsApi
from datadog_api_client.v2.model.logs_metric_compute import LogsMetricCompute
from datadog_api_client.v2.model.logs_metric_compute_aggregation_type import LogsMetricComputeAggregationType
from datadog_api_client.v2.model.logs_metric_create_attributes import LogsMetricCreateAttributes
from datadog_api_client.v2.model.logs_metric_create_data import LogsMetricCreateData
from datadog_api_client.v2.model.logs_metric_create_request import LogsMetricCreateRequest
from datadog_api_client.v2.model.logs_metric_filter import LogsMetricFilter
from datadog_api_client.v2.model.logs_metric_group_by import LogsMetricGroupBy
from datadog_api_client.v2.model.logs_metric_type import LogsMetricType
from datadog_api_client.v2.model.logs_metric_update_attributes import LogsMetricUpdateAttributes
from datadog_api_client.v2.model.logs_metric_update_compute import LogsMetricUpdateCompute
from datadog_api_client.v2.model.logs_metric_update_data import LogsMetricUpdateData
from datadog_api_client.v2.model.logs_metric_update_request import LogsMetricUpdateRequest
from datadog_api_client.v2.model.spans_metric_compute import SpansMetricCompute
from datadog_api_client.v2.model.spans_metric_compute_aggregation_type import SpansMetricComputeAggregationType
from datadog_api_client.v2.model.spans_metric_create_attributes import SpansMetricCreateAttributes
from datadog_api_client.v2.model.spans_metric_create_data import SpansMetricCreateData
from datadog_api_client.v2.model.spans_metric_create_request import SpansMetricCreateRequest
from datadog_api_client.v2.model.spans_metric_type import SpansMetricType


@pytest.fixture(scope="module")
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key["apiKeyAuth"] = API_KEY
    configuration.api_key["appKeyAuth"] = APP_KEY
    with ApiClient(configuration) as client:
        yield client


def processors():
    on = {"is_enabled": True}
    rules = LogsGrokParserRules(
        support_rules="_url %{notSpace:http.url}",
        match_rules=r'access %{word:http.method} %{_url} %{integer:http.status_code} "%{data:http.useragent}" %{data::keyvalue}')
    inner = LogsLookupProcessor(
        type=LogsLookupProcessorType.LOOKUP_PROCESSOR, source="code", target="reason", lookup_table=["7,seven"], **on)
    return [
        LogsGrokParser(type=LogsGrokParserType.GROK_PARSER, source="message", samples=["one"], grok=rules, **on),
        LogsURLParser(type=LogsURLParserType.URL_PARSER, sources=["http.url"], target="http.url_details", **on),
        LogsUserAgentParser(
            type=LogsUserAgentParserType.USER_AGENT_PARSER, sources=["http.useragent"], target="http.useragent_details", **on),
        LogsCategoryProcessor(
            type=LogsCategoryProcessorType.CATEGORY_PROCESSOR, target="level",
            categories=[LogsCategoryProcessorCategory(filter=LogsFilter(query="@http.status_code:>=500"), name="error")], **on),
        LogsStatusRemapper(type=LogsStatusRemapperType.STATUS_REMAPPER, sources=["level"], **on),
        LogsServiceRemapper(type=LogsServiceRemapperType.SERVICE_REMAPPER, sources=["app"], **on),
        LogsArithmeticProcessor(
            type=LogsArithmeticProcessorType.ARITHMETIC_PROCESSOR, expression="took / 1000", target="took_s", **on),
        LogsStringBuilderProcessor(
            type=LogsStringBuilderProcessorType.STRING_BUILDER_PROCESSOR, template="%{http.method} gave %{http.status_code}",
            target="summary", **on),
        LogsMessageRemapper(type=LogsMessageRemapperType.MESSAGE_REMAPPER, sources=["summary"], **on),
        LogsTraceRemapper(type=LogsTraceRemapperType.TRACE_ID_REMAPPER, sources=["trace"], **on),
        LogsSpanRemapper(type=LogsSpanRemapperType.SPAN_ID_REMAPPER, sources=["span"], **on),
        LogsDateRemapper(type=LogsDateRemapperType.DATE_REMAPPER, sources=["no_such_date"], **on),
        LogsAttributeRemapper(
            type=LogsAttributeRemapperType.ATTRIBUTE_REMAPPER, sources=["team"], target="team", target_type="tag", **on),
        LogsPipelineProcessor(
            type=LogsPipelineProcessorType.PIPELINE, name="inner", filter=LogsFilter(query="@code:7"), processors=[inner], **on),
    ]


def eventually(check, seconds=20):
    until = time.monotonic() + seconds
    while True:
        found = check()
        if found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def logs(oriel, query):
    body = {"filter": {"query": query, "from": "now-15m", "to": "now+5m"}}
    return oriel.post("/api/v2/logs/events/search", json=body).json()["data"]


def test_pipelines(oriel, client):
    api = LogsPipelinesApi(client)
    made = api.create_logs_pipeline(LogsPipeline(
        name="nginx", is_enabled=True, filter=LogsFilter(query="source:nginx"), processors=processors()))
    second = api.create_logs_pipeline(LogsPipeline(name="second", filter=LogsFilter(query="*"), processors=[]))
    assert [p.name for p in api.list_logs_pipelines().value] == ["nginx", "second"]
    assert api.get_logs_pipeline(made.id).processors[0].grok.match_rules.startswith("access ")
    order = api.update_logs_pipeline_order(LogsPipelinesOrder(pipeline_ids=[second.id, made.id]))
    assert order.pipeline_ids == [second.id, made.id] == api.get_logs_pipeline_order().pipeline_ids
    changed = api.update_logs_pipeline(second.id, LogsPipeline(name="2nd", is_enabled=False))
    assert changed.name == "2nd" and changed.is_enabled is False
    with pytest.raises(ApiException) as refused:
        api.create_logs_pipeline(LogsPipeline(name="x", processors=[
            LogsGeoIPParser(type=LogsGeoIPParserType.GEO_IP_PARSER, sources=["a"], target="b")]))
    assert refused.value.status == 400 and "geo-ip-parser" in str(refused.value.body)
    line = 'POST /cart?id=7 503 "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0" took=1500 code=7 app=shop ' \
        "team=core trace=0af7651916cd43dd8448eb211c80319c span=00f067aa0ba902b7"
    oriel.post("/api/v2/logs", json=[{"message": line, "ddsource": "nginx", "hostname": "h1"}])
    found = eventually(lambda: logs(oriel, "source:nginx"))[0]["attributes"]
    assert (found["message"], found["status"], found["service"]) == ("POST gave 503", "error", "shop")
    attributes = found["attributes"]
    assert attributes["http"]["url_details"] == {"path": "/cart", "queryString": {"id": "7"}}
    assert attributes["http"]["useragent_details"]["browser"]["family"] == "Firefox"
    assert (attributes["took_s"], attributes["reason"]) == (1.5, "seven")
    assert "team:core" in found["tags"]
    assert len(logs(oriel, "trace_id:0af7651916cd43dd8448eb211c80319c")) == 1
    for pipeline in (made, second):
        api.delete_logs_pipeline(pipeline.id)
    assert api.list_logs_pipelines().value == []


def test_metrics_from_logs(oriel, client):
    api = LogsMetricsApi(client)
    compute = LogsMetricCompute(
        aggregation_type=LogsMetricComputeAggregationType.DISTRIBUTION, path="@took", include_percentiles=True)
    attributes = LogsMetricCreateAttributes(
        compute=compute, filter=LogsMetricFilter(query="service:meter"),
        group_by=[LogsMetricGroupBy(path="@http.status_code", tag_name="code")])
    data = LogsMetricCreateData(id="logs.took", type=LogsMetricType.LOGS_METRICS, attributes=attributes)
    made = api.create_logs_metric(LogsMetricCreateRequest(data=data))
    assert made.data.id == "logs.took" and made.data.attributes.compute.path == "@took"
    assert [m.id for m in api.list_logs_metrics().data] == ["logs.took"]
    update = LogsMetricUpdateAttributes(compute=LogsMetricUpdateCompute(include_percentiles=False))
    changed = api.update_logs_metric("logs.took", LogsMetricUpdateRequest(
        data=LogsMetricUpdateData(type=LogsMetricType.LOGS_METRICS, attributes=update)))
    assert changed.data.attributes.compute.include_percentiles is False
    assert api.get_logs_metric("logs.took").data.attributes.filter.query == "service:meter"
    oriel.post("/api/v2/logs", json=[
        {"message": "x", "service": "meter", "took": n, "http": {"status_code": 200}} for n in (10, 20, 30)])
    now = int(time.time())

    def series():
        found = oriel.get("/api/v1/query", query="max:logs.took{code:200}", **{"from": now - 300, "to": now + 60}).json()
        return [v for s in found.get("series", []) for _, v in s["pointlist"] if v is not None]

    assert max(eventually(series, 40)) == 30
    api.delete_logs_metric("logs.took")
    with pytest.raises(ApiException):
        api.get_logs_metric("logs.took")


def test_metrics_from_spans(client):
    api = SpansMetricsApi(client)
    compute = SpansMetricCompute(aggregation_type=SpansMetricComputeAggregationType.COUNT)
    data = SpansMetricCreateData(
        id="spans.count", type=SpansMetricType.SPANS_METRICS, attributes=SpansMetricCreateAttributes(compute=compute))
    assert api.create_spans_metric(SpansMetricCreateRequest(data=data)).data.id == "spans.count"
    assert [m.id for m in api.list_spans_metrics().data] == ["spans.count"]
    api.delete_spans_metric("spans.count")


CONF = """
logs:
  - type: file
    path: {logs}/*.log
    service: tailed
    source: app
    start_position: beginning
  - type: docker
    path: {containers}
"""


def follow(folder):
    """A configuration folder that follows `logs` and `containers` beside it."""
    conf = folder / "agent-config" / "conf.d" / "app.d"
    container = folder / "containers" / "c0ffee"
    for new in (conf, folder / "logs", container):
        new.mkdir(parents=True)
    (container / "config.v2.json").write_text('{"Name":"/cart","Config":{"Image":"shop/cart:1.2","Labels":{}}}')
    (container / "c0ffee-json.log").write_text("")
    (conf / "conf.yaml").write_text(CONF.format(logs=folder / "logs", containers=folder / "containers"))
    return ["--agent-config", str(folder / "agent-config")]


def append(path, text):
    with open(path, "a") as file:
        file.write(text)


def messages(oriel, query):
    return sorted(row["message"] for row in oriel.rows("logs", query, seconds=0))


def test_log_files_in_the_server(make_oriel, tmp_path):
    oriel = make_oriel(*follow(tmp_path))
    append(tmp_path / "logs" / "a.log", "one\n" + '{"message":"two","level":"warn","n":2}\n')
    assert eventually(lambda: len(messages(oriel, "service:tailed")) == 2)
    found = oriel.rows("logs", "service:tailed @n:2")[0]
    assert (found["message"], found["host"], found["source"]) == ("two", "test-host", "app")
    assert found["tags"]["filename"] == "a.log"
    # The container's file was there before: what comes now is read.
    append(tmp_path / "containers" / "c0ffee" / "c0ffee-json.log",
           '{"log":"from a container\\n","stream":"stderr","time":"%s"}\n' % time.strftime("%Y-%m-%dT%H:%M:%S.5Z", time.gmtime()))
    found = oriel.rows("logs", "container_name:cart")[0]
    assert (found["message"], found["service"], found["status"]) == ("from a container", "cart", "error")
    time.sleep(3)  # Positions are written every two seconds.
    oriel.stop(kill=True)
    (tmp_path / "logs" / "a.log").rename(tmp_path / "logs" / "a.log.1")
    append(tmp_path / "logs" / "a.log", "three\n")
    oriel.start()
    assert eventually(lambda: messages(oriel, "service:tailed") == ["one", "three", "two"])


def test_log_files_of_a_lone_agent(make_oriel, tmp_path):
    from conftest import Agent

    oriel = make_oriel("--no-agent")
    agent = Agent(tmp_path, oriel, *follow(tmp_path)).start()
    append(tmp_path / "logs" / "a.log", "relayed\n")
    found = oriel.rows("logs", "service:tailed")
    assert [(r["message"], r["host"]) for r in found] == [("relayed", "relay-host")]
    # The server is away: lines wait on the agent's disk, and its end loses none.
    oriel.stop(kill=True)
    append(tmp_path / "logs" / "a.log", "while away\n")
    time.sleep(2)
    agent.stop()
    append(tmp_path / "logs" / "a.log", "while nobody looked\n")
    oriel.start()
    agent.start()
    assert eventually(lambda: messages(oriel, "service:tailed") == ["relayed", "while away", "while nobody looked"], 40)
    agent.stop()
