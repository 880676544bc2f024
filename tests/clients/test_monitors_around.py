"""The same clients drive what stands around monitors: downtimes, SLOs and corrections, synthetic tests, webhooks, service checks."""

import datetime
import time

import datadog
import pytest
from conftest import API_KEY, APP_KEY
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.downtimes_api import DowntimesApi as DowntimesV1
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.api.service_level_objective_corrections_api import ServiceLevelObjectiveCorrectionsApi
from datadog_api_client.v1.api.service_level_objectives_api import ServiceLevelObjectivesApi
from datadog_api_client.v1.api.synthetics_api import SyntheticsApi
from datadog_api_client.v1.api.webhooks_integration_api import WebhooksIntegrationApi
from datadog_api_client.v1.model.downtime import Downtime as DowntimeV1
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_thresholds import MonitorThresholds
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v1.model.service_level_objective import ServiceLevelObjective
from datadog_api_client.v1.model.service_level_objective_query import ServiceLevelObjectiveQuery
from datadog_api_client.v1.model.service_level_objective_request import ServiceLevelObjectiveRequest
from datadog_api_client.v1.model.slo_correction_category import SLOCorrectionCategory
from datadog_api_client.v1.model.slo_correction_create_data import SLOCorrectionCreateData
from datadog_api_client.v1.model.slo_correction_create_request import SLOCorrectionCreateRequest
from datadog_api_client.v1.model.slo_correction_create_request_attributes import SLOCorrectionCreateRequestAttributes
from datadog_api_client.v1.model.slo_correction_type import SLOCorrectionType
from datadog_api_client.v1.model.slo_threshold import SLOThreshold
from datadog_api_client.v1.model.slo_timeframe import SLOTimeframe
from datadog_api_client.v1.model.slo_type import SLOType
from datadog_api_client.v1.model.synthetics_api_test import SyntheticsAPITest
from datadog_api_client.v1.model.synthetics_api_test_config import SyntheticsAPITestConfig
from datadog_api_client.v1.model.synthetics_api_test_type import SyntheticsAPITestType
from datadog_api_client.v1.model.synthetics_assertion_operator import SyntheticsAssertionOperator
from datadog_api_client.v1.model.synthetics_assertion_target import SyntheticsAssertionTarget
from datadog_api_client.v1.model.synthetics_assertion_target_value import SyntheticsAssertionTargetValue
from datadog_api_client.v1.model.synthetics_assertion_type import SyntheticsAssertionType
from datadog_api_client.v1.model.synthetics_delete_tests_payload import SyntheticsDeleteTestsPayload
from datadog_api_client.v1.model.synthetics_test_details_sub_type import SyntheticsTestDetailsSubType
from datadog_api_client.v1.model.synthetics_test_options import SyntheticsTestOptions
from datadog_api_client.v1.model.synthetics_test_request import SyntheticsTestRequest
from datadog_api_client.v1.model.webhooks_integration import WebhooksIntegration
from datadog_api_client.v1.model.webhooks_integration_custom_variable import WebhooksIntegrationCustomVariable
from datadog_api_client.v1.model.webhooks_integration_encoding import WebhooksIntegrationEncoding
from datadog_api_client.v1.model.webhooks_integration_update_request import WebhooksIntegrationUpdateRequest
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.model.downtime_create_request import DowntimeCreateRequest
from datadog_api_client.v2.model.downtime_create_request_attributes import DowntimeCreateRequestAttributes
from datadog_api_client.v2.model.downtime_create_request_data import DowntimeCreateRequestData
from datadog_api_client.v2.model.downtime_monitor_identifier_id import DowntimeMonitorIdentifierId
from datadog_api_client.v2.model.downtime_monitor_identifier_tags import DowntimeMonitorIdentifierTags
from datadog_api_client.v2.model.downtime_resource_type import DowntimeResourceType
from datadog_api_client.v2.model.downtime_schedule_one_time_create_update_request import (
    DowntimeScheduleOneTimeCreateUpdateRequest,
)
from datadog_api_client.v2.model.downtime_schedule_recurrence_create_update_request import (
    DowntimeScheduleRecurrenceCreateUpdateRequest,
)
from datadog_api_client.v2.model.downtime_schedule_recurrences_create_request import (
    DowntimeScheduleRecurrencesCreateRequest,
)
from datadog_api_client.v2.model.downtime_update_request import DowntimeUpdateRequest
from datadog_api_client.v2.model.downtime_update_request_attributes import DowntimeUpdateRequestAttributes
from datadog_api_client.v2.model.downtime_update_request_data import DowntimeUpdateRequestData
from test_monitors import unparsed


@pytest.fixture(scope="module")
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key["apiKeyAuth"] = API_KEY
    configuration.api_key["appKeyAuth"] = APP_KEY
    with ApiClient(configuration) as client:
        yield client


@pytest.fixture(scope="module")
def api(oriel):
    datadog.initialize(api_key=API_KEY, app_key=APP_KEY, api_host=oriel.url, mute=False)
    yield datadog.api
    datadog.initialize(api_key=API_KEY, app_key=APP_KEY, api_host=oriel.url, mute=True)


@pytest.fixture(scope="module")
def monitor(client):
    return MonitorsApi(client).create_monitor(body=Monitor(
        name="around", type=MonitorType("metric alert"), query="avg(last_5m):avg:around{*} by {host} > 1", message="",
        tags=["team:around"], options=MonitorOptions(thresholds=MonitorThresholds(critical=1.0)))).id


def downtime(scope, identifier, schedule=None, **more):
    attributes = DowntimeCreateRequestAttributes(scope=scope, monitor_identifier=identifier, **more)
    if schedule is not None:
        attributes.schedule = schedule
    return DowntimeCreateRequest(data=DowntimeCreateRequestData(type=DowntimeResourceType("downtime"), attributes=attributes))


def test_downtimes_v2(client, monitor):
    downtimes = DowntimesApi(client)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    made = downtimes.create_downtime(body=downtime(
        "env:(staging OR prod)", DowntimeMonitorIdentifierId(monitor_id=monitor), message="deploying",
        schedule=DowntimeScheduleOneTimeCreateUpdateRequest(end=end), mute_first_recovery_notification=True))
    assert not unparsed(made)
    assert made.data.attributes.status.value == "active" and made.data.attributes.scope == "env:(staging OR prod)"
    assert made.data.attributes.monitor_identifier.monitor_id == monitor
    got = downtimes.get_downtime(made.data.id)
    assert not unparsed(got) and got.data.attributes.message == "deploying"
    assert abs((got.data.attributes.schedule.end - end).total_seconds()) < 1
    weekly = downtimes.create_downtime(body=downtime(
        "*", DowntimeMonitorIdentifierTags(monitor_tags=["team:around"]),
        schedule=DowntimeScheduleRecurrencesCreateRequest(timezone="Europe/Berlin", recurrences=[
            DowntimeScheduleRecurrenceCreateUpdateRequest(rrule="FREQ=WEEKLY;BYDAY=SU", duration="2h", start="2030-01-06T02:00")])))
    assert not unparsed(weekly) and weekly.data.attributes.status.value == "scheduled"
    assert weekly.data.attributes.schedule.recurrences[0].rrule == "FREQ=WEEKLY;BYDAY=SU"
    listed = downtimes.list_downtimes()
    assert not unparsed(listed) and {made.data.id, weekly.data.id} <= {d.id for d in listed.data}
    assert [d.id for d in downtimes.list_downtimes(current_only=True).data] == [made.data.id]
    of_monitor = downtimes.list_monitor_downtimes(monitor)
    assert not unparsed(of_monitor) and made.data.id in [d.id for d in of_monitor.data]
    changed = downtimes.update_downtime(made.data.id, body=DowntimeUpdateRequest(data=DowntimeUpdateRequestData(
        id=made.data.id, type=DowntimeResourceType("downtime"), attributes=DowntimeUpdateRequestAttributes(message="longer"))))
    assert changed.data.attributes.message == "longer" and changed.data.attributes.scope == "env:(staging OR prod)"
    downtimes.cancel_downtime(made.data.id)
    assert downtimes.get_downtime(made.data.id).data.attributes.status.value == "canceled"
    downtimes.cancel_downtime(weekly.data.id)
    with pytest.raises(ApiException) as wrong:
        downtimes.create_downtime(body=downtime("env:(", DowntimeMonitorIdentifierId(monitor_id=monitor)))
    assert wrong.value.status == 400 and "scope" in str(wrong.value.body)


def test_downtimes_v1(client, api, monitor):
    downtimes = DowntimesV1(client)
    now = int(time.time())
    made = downtimes.create_downtime(body=DowntimeV1(scope=["env:staging"], monitor_id=monitor, end=now + 600, message="old"))
    assert not unparsed(made) and made.id > 0 and made.active is True
    assert downtimes.get_downtime(made.id).message == "old"
    assert made.id in [d.id for d in downtimes.list_downtimes(current_only=True)]
    downtimes.cancel_downtime(made.id)
    old = api.Downtime.create(scope="env:dev", start=now, end=now + 60, message="older")
    assert api.Downtime.get(old["id"])["scope"] == ["env:dev"]
    assert old["id"] in [d["id"] for d in api.Downtime.get_all()]
    assert api.Downtime.update(old["id"], scope="env:dev", message="changed")["message"] == "changed"
    api.Downtime.delete(old["id"])


def metric_slo(name="requests that work"):
    return ServiceLevelObjectiveRequest(
        name=name, type=SLOType("metric"), description="d", tags=["team:around"],
        query=ServiceLevelObjectiveQuery(
            numerator="sum:slo.good{*}.as_count()", denominator="sum:slo.all{*}.as_count()"),
        thresholds=[SLOThreshold(target=99.0, warning=99.5, timeframe=SLOTimeframe("7d"))])


def test_slos_and_corrections(oriel, client, monitor):
    slos = ServiceLevelObjectivesApi(client)
    made = slos.create_slo(body=metric_slo())
    assert not unparsed(made) and len(made.data) == 1
    slo = made.data[0]
    got = slos.get_slo(slo.id)
    assert not unparsed(got) and got.data.name == "requests that work" and got.data.thresholds[0].target == 99.0
    assert slo.id in [s.id for s in slos.list_slos(tags_query="team:around").data]
    by_monitor = slos.create_slo(body=ServiceLevelObjectiveRequest(
        name="up", type=SLOType("monitor"), monitor_ids=[monitor],
        thresholds=[SLOThreshold(target=99.0, timeframe=SLOTimeframe("30d"))])).data[0]
    with pytest.raises(ApiException) as needed:
        MonitorsApi(client).delete_monitor(monitor)
    assert needed.value.status == 400 and by_monitor.id in str(needed.value.body)
    changed = slos.update_slo(slo.id, body=ServiceLevelObjective(
        name="renamed", type=SLOType("metric"), query=metric_slo().query, thresholds=metric_slo().thresholds))
    assert not unparsed(changed) and changed.data[0].name == "renamed"
    now = int(time.time())
    history = slos.get_slo_history(slo.id, from_ts=now - 7 * 86400, to_ts=now)
    assert history.data.type.value == "metric" and history.data.thresholds["7d"].target == 99.0
    found = slos.search_slo(query="renamed")
    assert [s.data.id for s in found.data.attributes.slos] == [slo.id]
    assert slos.check_can_delete_slo(ids=slo.id).data.ok == [slo.id]
    corrections = ServiceLevelObjectiveCorrectionsApi(client)
    correction = corrections.create_slo_correction(body=SLOCorrectionCreateRequest(data=SLOCorrectionCreateData(
        type=SLOCorrectionType("correction"), attributes=SLOCorrectionCreateRequestAttributes(
            category=SLOCorrectionCategory("Scheduled Maintenance"), start=now - 600, end=now - 300, slo_id=slo.id,
            description="window", timezone="UTC"))))
    assert not unparsed(correction) and correction.data.attributes.slo_id == slo.id
    assert [c.id for c in slos.get_slo_corrections(slo.id).data] == [correction.data.id]
    assert correction.data.id in [c.id for c in corrections.list_slo_correction().data]
    corrections.delete_slo_correction(correction.data.id)
    assert slos.delete_slo(by_monitor.id).data == [by_monitor.id]
    assert slos.delete_slo(slo.id).data == [slo.id]
    with pytest.raises(ApiException) as gone:
        slos.get_slo(slo.id)
    assert gone.value.status == 404


def test_slos_of_the_old_client(api):
    made = api.ServiceLevelObjective.create(
        type="metric", name="old slo", tags=["a:b"], thresholds=[{"timeframe": "7d", "target": 95}],
        query={"numerator": "sum:slo.good{*}.as_count()", "denominator": "sum:slo.all{*}.as_count()"})["data"][0]
    assert api.ServiceLevelObjective.get(made["id"])["data"]["name"] == "old slo"
    assert made["id"] in [s["id"] for s in api.ServiceLevelObjective.get_all(query="old")["data"]]
    assert [s["id"] for s in api.ServiceLevelObjective.get_all(ids=[made["id"], "other"])["data"]] == [made["id"]]
    assert api.ServiceLevelObjective.can_delete(ids=[made["id"], made["id"]])["data"]["ok"]
    now = int(time.time())
    assert api.ServiceLevelObjective.history(made["id"], now - 86400, now)["data"]["thresholds"]
    assert api.ServiceLevelObjective.delete(made["id"])["data"] == [made["id"]]


def test_synthetic_tests(client, oriel):
    synthetics = SyntheticsApi(client)
    made = synthetics.create_synthetics_api_test(body=SyntheticsAPITest(
        name="health", type=SyntheticsAPITestType("api"), subtype=SyntheticsTestDetailsSubType("http"), message="@me@example.com",
        locations=["oriel:test-host"], tags=["team:around"],
        config=SyntheticsAPITestConfig(
            request=SyntheticsTestRequest(method="GET", url=f"{oriel.url}/health"),
            assertions=[SyntheticsAssertionTarget(
                type=SyntheticsAssertionType("statusCode"), operator=SyntheticsAssertionOperator("is"),
                target=SyntheticsAssertionTargetValue(200))]),
        options=SyntheticsTestOptions(tick_every=60)))
    assert made.public_id and made.name == "health"
    assert synthetics.get_api_test(made.public_id).config.request.url.endswith("/health")
    assert made.public_id in [t.public_id for t in synthetics.list_tests().tests]
    assert MonitorsApi(client).get_monitor(made.monitor_id).type.value == "synthetics alert"
    results = synthetics.get_api_test_latest_results(made.public_id)
    assert results.results is not None
    deleted = synthetics.delete_tests(body=SyntheticsDeleteTestsPayload(public_ids=[made.public_id]))
    assert [t.public_id for t in deleted.deleted_tests] == [made.public_id]
    with pytest.raises(ApiException) as gone:
        synthetics.get_api_test(made.public_id)
    assert gone.value.status == 404


def test_webhooks(client):
    webhooks = WebhooksIntegrationApi(client)
    made = webhooks.create_webhooks_integration(body=WebhooksIntegration(
        name="deploys", url="https://example.com/hook", payload='{"title": "$EVENT_TITLE"}',
        custom_headers='{"X-Token": "$TOKEN"}', encode_as=WebhooksIntegrationEncoding("json")))
    assert not unparsed(made) and made.name == "deploys"
    assert webhooks.get_webhooks_integration("deploys").payload == '{"title": "$EVENT_TITLE"}'
    changed = webhooks.update_webhooks_integration("deploys", body=WebhooksIntegrationUpdateRequest(url="https://example.com/other"))
    assert changed.url == "https://example.com/other" and changed.payload == '{"title": "$EVENT_TITLE"}'
    variable = webhooks.create_webhooks_integration_custom_variable(
        body=WebhooksIntegrationCustomVariable(name="TOKEN", value="secret", is_secret=True))
    assert variable.name == "TOKEN" and "secret" not in str(variable.to_dict().get("value"))
    webhooks.delete_webhooks_integration_custom_variable("TOKEN")
    webhooks.delete_webhooks_integration("deploys")
    with pytest.raises(ApiException) as gone:
        webhooks.get_webhooks_integration("deploys")
    assert gone.value.status == 404


def test_a_service_check_makes_its_monitor_alert(make_oriel):
    oriel = make_oriel("--no-agent", env={"ORIEL_TEST_CLOCK_RATE": "20"})
    datadog.initialize(api_key=API_KEY, app_key=APP_KEY, api_host=oriel.url, mute=False)
    api = datadog.api
    made = api.Monitor.create(
        type="service check", query='"shop.up".over("env:prod").by("host").last(2).count_by_status()', name="shop is up",
        message="@me@example.com", options={"thresholds": {"critical": 1, "warning": 1, "ok": 1}})
    api.ServiceCheck.check(check="shop.up", host_name="web-1", status=2, tags=["env:prod"])
    until = time.monotonic() + 150
    while True:
        groups = api.Monitor.get(made["id"], group_states="all")["state"]["groups"]
        if groups.get("host:web-1", {}).get("status") == "Alert" or time.monotonic() > until:
            break
        time.sleep(0.2)
    assert groups["host:web-1"]["status"] == "Alert", groups
    found = api.Monitor.search_groups(query="\"shop is up\" group_status:alert")
    assert [g["group"] for g in found["groups"]] == ["host:web-1"]
    api.Monitor.delete(made["id"])
    datadog.initialize(api_key=API_KEY, app_key=APP_KEY, mute=True)
