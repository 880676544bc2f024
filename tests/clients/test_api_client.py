"""PyPI `datadog-api-client`, v1 and v2: submit, query, dashboards, hosts, metadata."""

import time

import pytest
from conftest import API_KEY, APP_KEY
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.events_api import EventsApi
from datadog_api_client.v1.api.hosts_api import HostsApi
from datadog_api_client.v1.api.metrics_api import MetricsApi as MetricsV1
from datadog_api_client.v1.api.service_checks_api import ServiceChecksApi
from datadog_api_client.v1.api.tags_api import TagsApi
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.dashboard_layout_type import DashboardLayoutType
from datadog_api_client.v1.model.distribution_point import DistributionPoint
from datadog_api_client.v1.model.distribution_points_payload import DistributionPointsPayload
from datadog_api_client.v1.model.distribution_points_series import DistributionPointsSeries
from datadog_api_client.v1.model.event_create_request import EventCreateRequest
from datadog_api_client.v1.model.host_tags import HostTags
from datadog_api_client.v1.model.metric_metadata import MetricMetadata
from datadog_api_client.v1.model.metrics_payload import MetricsPayload
from datadog_api_client.v1.model.point import Point
from datadog_api_client.v1.model.series import Series
from datadog_api_client.v1.model.service_check import ServiceCheck
from datadog_api_client.v1.model.service_check_status import ServiceCheckStatus
from datadog_api_client.v1.model.service_checks import ServiceChecks
from datadog_api_client.v1.model.timeseries_widget_definition import TimeseriesWidgetDefinition
from datadog_api_client.v1.model.timeseries_widget_definition_type import TimeseriesWidgetDefinitionType
from datadog_api_client.v1.model.timeseries_widget_request import TimeseriesWidgetRequest
from datadog_api_client.v1.model.widget import Widget
from datadog_api_client.v2.api.metrics_api import MetricsApi as MetricsV2
from datadog_api_client.v2.model.metric_content_encoding import MetricContentEncoding
from datadog_api_client.v2.model.metric_intake_type import MetricIntakeType
from datadog_api_client.v2.model.metric_payload import MetricPayload
from datadog_api_client.v2.model.metric_point import MetricPoint
from datadog_api_client.v2.model.metric_resource import MetricResource
from datadog_api_client.v2.model.metric_series import MetricSeries
from datadog_api_client.v2.model.metrics_aggregator import MetricsAggregator
from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
from datadog_api_client.v2.model.metrics_scalar_query import MetricsScalarQuery
from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
from datadog_api_client.v2.model.query_formula import QueryFormula
from datadog_api_client.v2.model.scalar_formula_query_request import ScalarFormulaQueryRequest
from datadog_api_client.v2.model.scalar_formula_request import ScalarFormulaRequest
from datadog_api_client.v2.model.scalar_formula_request_attributes import ScalarFormulaRequestAttributes
from datadog_api_client.v2.model.scalar_formula_request_queries import ScalarFormulaRequestQueries
from datadog_api_client.v2.model.scalar_formula_request_type import ScalarFormulaRequestType
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
from datadog_api_client.v2.model.timeseries_formula_request_attributes import TimeseriesFormulaRequestAttributes
from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType


@pytest.fixture(scope="module")
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key["apiKeyAuth"] = API_KEY
    configuration.api_key["appKeyAuth"] = APP_KEY
    with ApiClient(configuration) as client:
        yield client


def v2_payload(metric, value, when, kind=MetricIntakeType.GAUGE, interval=None):
    extra = {"interval": interval} if interval else {}
    return MetricPayload(series=[MetricSeries(
        metric=metric, type=kind, points=[MetricPoint(timestamp=int(when), value=value)],
        resources=[MetricResource(name="api-1", type="host")], tags=["env:prod", "az:a"], **extra)])


def test_validate(client):
    assert AuthenticationApi(client).validate().valid is True


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate", "zstd1"])
def test_submit_v2_in_every_encoding(oriel, client, encoding):
    now = time.time()
    kw = {} if encoding == "identity" else {"content_encoding": MetricContentEncoding(encoding)}
    answer = MetricsV2(client).submit_metrics(body=v2_payload(f"v2.{encoding}", 5.5, now), **kw)
    assert answer.errors == []
    assert oriel.query(f"avg:v2.{encoding}{{env:prod,host:api-1}}")[0]["pointlist"][-1][1] == 5.5


def test_submit_v1(oriel, client):
    now = time.time()
    series = Series(metric="v1.rate", type="rate", interval=10, points=[Point([now, 3.0])], tags=["a:b"], host="api-1")
    assert MetricsV1(client).submit_metrics(body=MetricsPayload(series=[series])).status == "ok"
    assert [v for _, v in oriel.query("sum:v1.rate{*}.as_count()")[0]["pointlist"] if v is not None] == [30]
    dist = DistributionPointsSeries(metric="v1.dist", points=[DistributionPoint([now, [1.0, 2.0, 3.0]])], host="api-1")
    assert MetricsV1(client).submit_distribution_points(body=DistributionPointsPayload(series=[dist])).status == "ok"
    assert oriel.query("max:v1.dist{*}")[0]["pointlist"][-1][1] == 3


def test_query_v1(client):
    now = int(time.time())
    MetricsV2(client).submit_metrics(body=v2_payload("q.v1", 2.0, now))
    answer = MetricsV1(client).query_metrics(_from=now - 600, to=now + 60, query="avg:q.v1{*} by {az}")
    assert answer.status == "ok" and answer.series[0].scope == "az:a"
    assert answer.series[0].pointlist[-1].value[1] == 2.0
    assert "q.v1" in MetricsV1(client).list_active_metrics(_from=now - 600).metrics


def test_query_v2_timeseries_and_scalar(client):
    now = int(time.time())
    MetricsV2(client).submit_metrics(body=v2_payload("q.v2", 4.0, now))
    query = MetricsTimeseriesQuery(data_source=MetricsDataSource.METRICS, query="avg:q.v2{*} by {az}", name="a")
    attributes = TimeseriesFormulaRequestAttributes(
        _from=(now - 600) * 1000, to=(now + 60) * 1000, interval=60000, queries=TimeseriesFormulaRequestQueries([query]),
        formulas=[QueryFormula(formula="a * 2")])
    request = TimeseriesFormulaRequest(type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST, attributes=attributes)
    answer = MetricsV2(client).query_timeseries_data(body=TimeseriesFormulaQueryRequest(data=request))
    attributes = answer.data.attributes
    assert list(attributes.series.value[0].group_tags.value) == ["az:a"]
    values = [v for v in attributes.values.value[0].value if v is not None]
    assert values[-1] == 8.0 and len(attributes.times.value) == len(attributes.values.value[0].value)

    query = MetricsScalarQuery(
        data_source=MetricsDataSource.METRICS, query="avg:q.v2{*} by {az}", name="a", aggregator=MetricsAggregator.MAX)
    attributes = ScalarFormulaRequestAttributes(
        _from=(now - 600) * 1000, to=(now + 60) * 1000, queries=ScalarFormulaRequestQueries([query]), formulas=[QueryFormula(formula="a")])
    request = ScalarFormulaRequest(type=ScalarFormulaRequestType.SCALAR_REQUEST, attributes=attributes)
    answer = MetricsV2(client).query_scalar_data(body=ScalarFormulaQueryRequest(data=request))
    group, number = answer.data.attributes.columns
    assert (group.name, group.values, number.values) == ("az", [["a"]], [4.0])


def test_metadata_and_tags(client):
    now = int(time.time())
    MetricsV2(client).submit_metrics(body=v2_payload("meta.v2", 4.0, now))
    MetricsV1(client).update_metric_metadata(metric_name="meta.v2", body=MetricMetadata(type="gauge", unit="byte", description="d"))
    got = MetricsV1(client).get_metric_metadata(metric_name="meta.v2")
    assert (got.type, got.unit, got.description) == ("gauge", "byte", "d")
    tags = MetricsV2(client).list_tags_by_metric_name(metric_name="meta.v2")
    assert {"env:prod", "az:a"} <= set(tags.data.attributes.tags)
    assert "meta.v2" in [m.id for m in MetricsV2(client).list_tag_configurations().data]


def test_dashboard(client):
    api = DashboardsApi(client)
    widget = Widget(definition=TimeseriesWidgetDefinition(
        type=TimeseriesWidgetDefinitionType.TIMESERIES, requests=[TimeseriesWidgetRequest(q="avg:q.v2{*}")]))
    made = api.create_dashboard(body=Dashboard(title="typed", layout_type=DashboardLayoutType("ordered"), widgets=[widget]))
    got = api.get_dashboard(made.id)
    assert got.widgets[0].definition.requests[0].q == "avg:q.v2{*}"
    assert made.id in [d.id for d in api.list_dashboards().dashboards]
    assert api.update_dashboard(made.id, body=Dashboard(
        title="again", layout_type=DashboardLayoutType("ordered"), widgets=[widget])).title == "again"
    assert api.delete_dashboard(made.id).deleted_dashboard_id == made.id
    with pytest.raises(ApiException) as gone:
        api.get_dashboard(made.id)
    assert gone.value.status == 404


def test_hosts_and_tags(client):
    now = int(time.time())
    MetricsV2(client).submit_metrics(body=v2_payload("hosts.v2", 1.0, now))
    assert "api-1" in [h.name for h in HostsApi(client).list_hosts().host_list]
    assert HostsApi(client).get_host_totals().total_active >= 1
    TagsApi(client).create_host_tags(host_name="api-1", body=HostTags(host="api-1", tags=["role:api"]))
    assert TagsApi(client).get_host_tags(host_name="api-1").tags == ["role:api"]
    assert TagsApi(client).list_host_tags().tags["role:api"] == ["api-1"]
    TagsApi(client).delete_host_tags(host_name="api-1")


def test_events_and_checks(client):
    made = EventsApi(client).create_event(body=EventCreateRequest(title="typed event", text="body", tags=["k:v"]))
    assert made.status == "ok" and made.event.title == "typed event"
    assert EventsApi(client).get_event(event_id=made.event.id).event.text == "body"
    now = int(time.time())
    assert [e.title for e in EventsApi(client).list_events(start=now - 60, end=now + 60, tags="k:v").events] == ["typed event"]
    checks = ServiceChecks([ServiceCheck(check="typed.ok", host_name="api-1", status=ServiceCheckStatus(0), tags=["k:v"])])
    assert ServiceChecksApi(client).submit_service_check(body=checks).status == "ok"


def test_a_wrong_key_is_told(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key["apiKeyAuth"] = "wrong"
    configuration.api_key["appKeyAuth"] = "wrong"
    with ApiClient(configuration) as client, pytest.raises(ApiException) as refused:
        MetricsV1(client).list_active_metrics(_from=int(time.time()) - 60)
    assert refused.value.status == 403
