"""What a client writes it reads back: each resource with every field that the client's model has, created, read, compared field by
field, changed in one field, read, deleted. Terraform does the same, and plans a change for ever where a field comes back altered."""

import datetime
import json
import time

import pytest
from conftest import API_KEY, APP_KEY
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.model_utils import validate_and_convert_types
from datadog_api_client.v1.api.downtimes_api import DowntimesApi as DowntimesV1
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.api.pager_duty_integration_api import PagerDutyIntegrationApi
from datadog_api_client.v1.api.service_level_objective_corrections_api import ServiceLevelObjectiveCorrectionsApi
from datadog_api_client.v1.api.service_level_objectives_api import ServiceLevelObjectivesApi
from datadog_api_client.v1.api.slack_integration_api import SlackIntegrationApi
from datadog_api_client.v1.api.synthetics_api import SyntheticsApi
from datadog_api_client.v1.api.webhooks_integration_api import WebhooksIntegrationApi
from datadog_api_client.v1.model.downtime import Downtime
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v1.model.pager_duty_service import PagerDutyService
from datadog_api_client.v1.model.pager_duty_service_key import PagerDutyServiceKey
from datadog_api_client.v1.model.service_level_objective import ServiceLevelObjective
from datadog_api_client.v1.model.service_level_objective_request import ServiceLevelObjectiveRequest
from datadog_api_client.v1.model.slack_integration_channel import SlackIntegrationChannel
from datadog_api_client.v1.model.slo_correction_create_request import SLOCorrectionCreateRequest
from datadog_api_client.v1.model.slo_correction_update_request import SLOCorrectionUpdateRequest
from datadog_api_client.v1.model.synthetics_api_test import SyntheticsAPITest
from datadog_api_client.v1.model.synthetics_delete_tests_payload import SyntheticsDeleteTestsPayload
from datadog_api_client.v1.model.synthetics_test_options import SyntheticsTestOptions
from datadog_api_client.v1.model.webhooks_integration import WebhooksIntegration
from datadog_api_client.v1.model.webhooks_integration_custom_variable import WebhooksIntegrationCustomVariable
from datadog_api_client.v1.model.webhooks_integration_custom_variable_update_request import (
    WebhooksIntegrationCustomVariableUpdateRequest,
)
from datadog_api_client.v1.model.webhooks_integration_update_request import WebhooksIntegrationUpdateRequest
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.api.opsgenie_integration_api import OpsgenieIntegrationApi
from datadog_api_client.v2.model.downtime_create_request import DowntimeCreateRequest
from datadog_api_client.v2.model.downtime_create_request_attributes import DowntimeCreateRequestAttributes
from datadog_api_client.v2.model.downtime_update_request import DowntimeUpdateRequest
from datadog_api_client.v2.model.opsgenie_service_create_request import OpsgenieServiceCreateRequest
from datadog_api_client.v2.model.opsgenie_service_update_request import OpsgenieServiceUpdateRequest
from test_monitors import unparsed


@pytest.fixture(scope="module")
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key["apiKeyAuth"] = API_KEY
    configuration.api_key["appKeyAuth"] = APP_KEY
    with ApiClient(configuration) as client:
        yield client


def typed(model, document):
    """The client's own model of a JSON document; a field or a word that the client does not know fails here."""
    made = validate_and_convert_types(json.loads(json.dumps(document)), (model,), ["body"], True, True, Configuration())
    assert not unparsed(made), unparsed(made)
    return made


def plain(value):
    """A model as JSON."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return value


def differences(sent, got, path=""):
    """Fields of what was sent that came back missing or altered."""
    if isinstance(sent, dict) and isinstance(got, dict):
        return [d for name, value in sent.items() for d in (
            differences(value, got[name], f"{path}.{name}") if name in got else [f"{path}.{name} is gone, was {value!r}"])]
    if isinstance(sent, list) and isinstance(got, list) and len(sent) == len(got):
        return [d for i, (a, b) in enumerate(zip(sent, got)) for d in differences(a, b, f"{path}[{i}]")]
    same = sent == got and isinstance(sent, bool) == isinstance(got, bool)
    return [] if same else [f"{path} was {sent!r}, is {got!r}"]


def kept(sent, got):
    assert not unparsed(got), unparsed(got)
    found = differences(plain(sent), plain(got))
    assert not found, "\n".join(found)


def every_field(model, document, absent):
    """The document has every field of the model that a caller may write, but for those that are absent for a reason."""
    fields = set(model.attribute_map.values()) - {model.attribute_map[name] for name in getattr(model, "read_only_vars", ())}
    assert fields - set(document) == set(absent), "fields of the model that this test does not write"


def gone(call, *arguments, **named):
    with pytest.raises(ApiException) as refused:
        call(*arguments, **named)
    assert refused.value.status == 404 and refused.value.body["errors"], refused.value.body


# Every option that is not of one type alone.
OPTIONS = {
    "escalation_message": "still {{value}} @oncall@example.com", "evaluation_delay": 60, "group_retention_duration": "2d",
    "groupby_simple_monitor": False, "include_tags": True, "locked": False, "new_group_delay": 60, "new_host_delay": None,
    "notification_preset_name": "hide_handles", "notify_audit": False, "notify_by": ["h"],
    "on_missing_data": "show_and_notify_no_data", "renotify_interval": 10, "renotify_occurrences": 3,
    "renotify_statuses": ["alert", "no data"], "require_full_window": False, "silenced": {"*": None}, "timeout_h": 4,
}
# Fields of options: those of some types alone, and `device_ids`, which is of browser tests.
OF_SOME = {
    "enable_logs_sample", "enable_samples", "min_failure_duration", "min_location_failed", "no_data_timeframe", "notify_no_data",
    "scheduling_options", "synthetics_check_id", "threshold_windows", "thresholds", "variables",
}
CRITICAL = {"thresholds": {"critical": 10, "warning": 5.5, "critical_recovery": 4, "warning_recovery": 2.25}}
ANOMALY = {"thresholds": {"critical": 1, "critical_recovery": 0}, "threshold_windows": {"trigger_window": "last_15m", "recovery_window": "last_30m"}}
LOGS = 'logs("status:error").index("*").rollup("count").by("h").last("15m") > 10'
VARIABLES = [
    {"data_source": "events", "name": "a", "search": {"query": "source:nagios"}, "compute": {"aggregation": "count"}, "indexes": ["*"], "group_by": []},
]
SCHEDULE = {"scheduling_options": {"custom_schedule": {"recurrences": [
    {"rrule": "FREQ=DAILY;INTERVAL=1;BYHOUR=6;BYMINUTE=30", "start": "2026-01-01T06:30:00", "timezone": "Europe/Berlin"}]}}}
WINDOW = {"scheduling_options": {"evaluation_window": {"day_starts": "04:00", "timezone": "Europe/Berlin"}}}

MONITORS = [
    ("metric alert", "avg(last_5m):avg:trip.gauge{env:prod} by {h} > 10", {**OPTIONS, **CRITICAL}),
    ("metric alert", "avg(last_5m):avg:trip.gauge{env:prod} by {h} > 10", {
        "no_data_timeframe": 20, "notify_no_data": True, "notify_audit": True, "locked": True, "thresholds": {"critical": 10}}),
    ("metric alert", "sum(current_1d):sum:trip.count{*}.as_count() > 10", {**WINDOW, "thresholds": {"critical": 10}}),
    ("query alert", "pct_change(avg(last_5m),last_1h):avg:trip.gauge{*} by {h} > 10", {**OPTIONS, **CRITICAL}),
    ("query alert", "avg(last_4h):anomalies(avg:trip.gauge{*} by {h}, 'agile', 2, direction='both', interval=60, alert_window='last_15m', "
     "count_default_zero='true', seasonality='hourly') >= 1", {**OPTIONS, **ANOMALY}),
    ("query alert", "avg(last_5m):outliers(avg:trip.gauge{*} by {h}, 'DBSCAN', 2) > 0", {"thresholds": {"critical": 0}}),
    ("query alert", "max(next_1d):forecast(avg:trip.gauge{*} by {h}, 'linear', 1) >= 10", {"thresholds": {"critical": 10}}),
    ("query alert", 'formula("a").last("15m") > 10', {"variables": VARIABLES, "thresholds": {"critical": 10}}),
    ("query alert", "avg(last_5m):avg:trip.gauge{*} > 10", {**SCHEDULE, "thresholds": {"critical": 10}}),
    ("service check", '"trip.up".over("env:prod").by("h").last(4).count_by_status()', {
        "thresholds": {"critical": 3, "warning": 2, "ok": 1}, "renotify_interval": 5, "notify_no_data": True, "no_data_timeframe": 5}),
    ("event alert", "events('sources:nagios status:error').rollup('count').last('15m') > 10", {"thresholds": {"critical": 10}}),
    ("event-v2 alert", 'events("source:nagios").rollup("count").by("h").last("15m") > 10', {
        **OPTIONS, **CRITICAL, "enable_logs_sample": False, "enable_samples": True}),
    ("log alert", LOGS, {**OPTIONS, **CRITICAL, "enable_logs_sample": True, "enable_samples": False}),
    ("trace-analytics alert", 'trace-analytics("service:web").rollup("count").by("h").last("15m") > 10', {**OPTIONS, **CRITICAL}),
    ("process alert", 'processes("postgres").over("env:prod").by("h").rollup("count").last("5m") > 10', {**OPTIONS, **CRITICAL}),
    ("composite", "{id} && !{id}", {"include_tags": False, "renotify_interval": 10, "notify_audit": False}),
    ("slo alert", 'error_budget("{slo}").over("7d") > 75', {"thresholds": {"critical": 75, "warning": 50}, "include_tags": True}),
    ("slo alert", 'burn_rate("{slo}").over("7d").long_window("1h").short_window("5m") > 14.4', {"thresholds": {"critical": 14.4, "warning": 7}}),
]


def monitor_document(kind, query, options):
    return {
        "name": f"trip {kind} ü", "type": kind, "query": query, "message": "{{#is_alert}}bad: {{value}}{{/is_alert}} @oncall@example.com\n",
        "tags": ["team:trips", "env:prod", "bare"], "priority": 2, "restricted_roles": None, "draft_status": "published", "options": options,
    }


def test_the_monitors_here_have_every_field():
    every_field(Monitor, monitor_document("", "", {}), {"assets", "matching_downtimes"})
    written = {name for _, _, options in MONITORS for name in options}
    missing = set(MonitorOptions.attribute_map) - MonitorOptions.read_only_vars - written
    # Those of synthetic tests are written by theirs.
    assert missing == {"min_failure_duration", "min_location_failed", "synthetics_check_id"}
    assert OF_SOME | set(OPTIONS) == set(MonitorOptions.attribute_map) - MonitorOptions.read_only_vars


@pytest.fixture(scope="module")
def others(client):
    """What composite and SLO monitors are about."""
    monitor = MonitorsApi(client).create_monitor(body=typed(Monitor, monitor_document(*MONITORS[1])))
    slo = ServiceLevelObjectivesApi(client).create_slo(body=typed(ServiceLevelObjectiveRequest, SLOS[0])).data[0]
    return {"{id}": str(monitor.id), "{slo}": slo.id}


@pytest.mark.parametrize("case", MONITORS, ids=lambda case: f"{case[0]}: {case[1][:40]}")
def test_a_monitor(client, others, case):
    monitors = MonitorsApi(client)
    document = monitor_document(*case)
    for name, id in others.items():
        document["query"] = document["query"].replace(name, id)
    sent = typed(Monitor, document)
    monitors.validate_monitor(body=sent)
    made = monitors.create_monitor(body=sent)
    kept(sent, made)
    kept(sent, monitors.get_monitor(made.id))
    kept(document, client_json(client, f"/api/v1/monitor/{made.id}"))
    monitors.validate_existing_monitor(made.id, body=sent)
    changed = monitors.update_monitor(made.id, body=typed(MonitorUpdateRequest, {"name": "another"}))
    sent.name = document["name"] = "another"
    kept(sent, changed)
    kept(sent, monitors.get_monitor(made.id))
    kept(document, client_json(client, f"/api/v1/monitor/{made.id}"))
    assert monitors.delete_monitor(made.id).deleted_monitor_id == made.id
    gone(monitors.get_monitor, made.id)
    gone(monitors.update_monitor, made.id, body=typed(MonitorUpdateRequest, {"name": "x"}))
    gone(monitors.delete_monitor, made.id)


def client_json(client, path):
    """The answer as it is on the wire."""
    import requests

    headers = {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}
    answer = requests.get(client.configuration.host + path, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_terraform_sends_for_a_monitor(oriel):
    """`datadog_monitor`: every option of its schema whether or not it is set, and thresholds as text in older releases."""
    document = {
        "name": "terraform", "type": "query alert", "query": "avg(last_5m):avg:trip.gauge{*} by {h} > 10", "message": "",
        "tags": ["team:trips"], "priority": None, "restricted_roles": None,
        "options": {
            "escalation_message": "", "include_tags": True, "locked": False, "new_host_delay": 300, "no_data_timeframe": 10, "notify_audit": False,
            "notify_no_data": False, "renotify_interval": 0, "renotify_occurrences": None, "renotify_statuses": None,
            "require_full_window": True, "silenced": {}, "timeout_h": 0, "evaluation_delay": None, "new_group_delay": None,
            "min_failure_duration": None, "min_location_failed": None, "synthetics_check_id": None,
            "thresholds": {"critical": "10.0", "warning": "5", "critical_recovery": "", "warning_recovery": None},
        },
    }
    made = oriel.post("/api/v1/monitor", json=document)
    assert made.status_code == 200, made.text
    wanted = {**document, "options": {**document["options"], "thresholds": {
        "critical": 10.0, "warning": 5, "critical_recovery": None, "warning_recovery": None}}}
    path = f"/api/v1/monitor/{made.json()['id']}"
    assert not differences(wanted, made.json()) and not differences(wanted, oriel.get(path).json())
    # What it read is what it sends next; nothing changes.
    read = oriel.get(path).json()
    assert oriel.post(f"{path}/validate", json=read).json() == {}
    again = oriel.put(path, json=read)
    assert again.status_code == 200 and not differences({k: v for k, v in read.items() if k != "modified"}, again.json())
    # An option that was taken out of the configuration is left out; options are replaced whole.
    del wanted["options"]["escalation_message"]
    assert oriel.put(path, json=wanted).status_code == 200
    assert "escalation_message" not in oriel.get(path).json()["options"]
    assert oriel.delete(path).json() == {"deleted_monitor_id": made.json()["id"]}
    assert oriel.get(path).status_code == 404


SLO_QUERY = {"numerator": "sum:trip.good{*} by {h}.as_count()", "denominator": "sum:trip.all{*} by {h}.as_count()"}
THRESHOLDS = [{"timeframe": "7d", "target": 99.9, "warning": 99.95}, {"timeframe": "30d", "target": 99}]
SLOS = [
    {"name": "by ratio ü", "type": "metric", "description": "what\nfor", "tags": ["team:trips", "bare"], "query": SLO_QUERY, "thresholds": THRESHOLDS,
     "timeframe": "7d", "target_threshold": 99.9, "warning_threshold": 99.95},
    {"name": "by monitor", "type": "monitor", "description": None, "tags": [], "monitor_ids": ["{id}"], "groups": ["h:a", "h:b"], "thresholds": THRESHOLDS},
    {"name": "by slices", "type": "time_slice", "description": "", "tags": ["team:trips"], "thresholds": THRESHOLDS, "sli_specification": {"time_slice": {
        "comparator": ">", "threshold": 5, "query_interval_seconds": 300, "query": {
            "formulas": [{"formula": "a"}], "queries": [{"data_source": "metrics", "name": "a", "query": "avg:trip.gauge{*}"}]}}}},
]


def test_slos_here_have_every_field():
    every_field(ServiceLevelObjectiveRequest, {name: 1 for slo in SLOS for name in slo}, set())


@pytest.mark.parametrize("case", SLOS, ids=lambda slo: slo["type"])
def test_an_slo(client, others, case):
    slos = ServiceLevelObjectivesApi(client)
    document = json.loads(json.dumps(case).replace('"{id}"', others["{id}"]))
    sent = typed(ServiceLevelObjectiveRequest, document)
    made = slos.create_slo(body=sent).data[0]
    kept(sent, made)
    got = slos.get_slo(made.id)
    assert not unparsed(got)
    for name, wanted in plain(sent).items():
        assert not differences(wanted, plain(got.data.to_dict()[name]), name)
    whole = {**{k: v for k, v in document.items()}, "name": "another"}
    changed = slos.update_slo(made.id, body=typed(ServiceLevelObjective, whole)).data[0]
    kept(typed(ServiceLevelObjectiveRequest, whole), changed)
    kept(whole, client_json(client, f"/api/v1/slo/{made.id}")["data"])
    assert slos.delete_slo(made.id).data == [made.id]
    gone(slos.get_slo, made.id)
    gone(slos.delete_slo, made.id)


def test_slo_corrections(client, others):
    corrections = ServiceLevelObjectiveCorrectionsApi(client)
    now = int(time.time())
    once = {"category": "Scheduled Maintenance", "description": "for\na reason", "start": now - 600, "end": now - 300, "slo_id": others["{slo}"], "timezone": "Europe/Berlin"}
    repeated = {"category": "Outside Business Hours", "description": "", "start": now - 600, "duration": 3600, "rrule": "FREQ=DAILY;INTERVAL=2",
                "slo_id": others["{slo}"], "timezone": "UTC"}
    for attributes in (once, repeated):
        body = {"data": {"type": "correction", "attributes": attributes}}
        made = corrections.create_slo_correction(body=typed(SLOCorrectionCreateRequest, body))
        kept(body, made)
        kept(body, corrections.get_slo_correction(made.data.id))
        change = {"data": {"type": "correction", "attributes": {"description": "another"}}}
        changed = corrections.update_slo_correction(made.data.id, body=typed(SLOCorrectionUpdateRequest, change))
        body["data"]["attributes"]["description"] = "another"
        kept(body, changed)
        kept(body, corrections.get_slo_correction(made.data.id))
        corrections.delete_slo_correction(made.data.id)
        gone(corrections.get_slo_correction, made.data.id)


def times(*hours):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return [(now + datetime.timedelta(hours=h)).strftime("%Y-%m-%dT%H:%M:%S+00:00") for h in hours]


def test_downtimes_v2(client, others):
    downtimes = DowntimesApi(client)
    start, end = times(1, 2)
    attributes = {
        "scope": "env:(staging OR prod) AND team:trips", "monitor_identifier": {"monitor_id": int(others["{id}"])}, "message": "for\na reason",
        "display_timezone": "Europe/Berlin", "mute_first_recovery_notification": True, "notify_end_states": ["alert", "no data"],
        "notify_end_types": ["canceled"], "schedule": {"start": start, "end": end},
    }
    repeated = {**attributes, "monitor_identifier": {"monitor_tags": ["team:trips", "env:prod"]}, "schedule": {
        "timezone": "America/New_York", "recurrences": [
            {"start": "2030-01-06T02:00", "duration": "2h", "rrule": "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU"},
            {"start": "2030-01-07T02:00", "duration": "30m", "rrule": "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1"}]}}
    forever = {**attributes, "message": None, "schedule": {"start": start, "end": None}}
    every_field(DowntimeCreateRequestAttributes, attributes, set())
    for case in (attributes, repeated, forever):
        body = {"data": {"type": "downtime", "attributes": case}}
        made = downtimes.create_downtime(body=typed(DowntimeCreateRequest, body))
        kept(typed(DowntimeCreateRequest, body), made)
        kept(typed(DowntimeCreateRequest, body), downtimes.get_downtime(made.data.id))
        change = {"data": {"type": "downtime", "id": made.data.id, "attributes": {"message": "another"}}}
        changed = downtimes.update_downtime(made.data.id, body=typed(DowntimeUpdateRequest, change))
        body["data"]["attributes"] = {**case, "message": "another"}
        kept(typed(DowntimeCreateRequest, body), changed)
        kept(typed(DowntimeCreateRequest, body), downtimes.get_downtime(made.data.id))
        downtimes.cancel_downtime(made.data.id)
        # A downtime is cancelled, and stays to be looked at.
        assert downtimes.get_downtime(made.data.id).data.attributes.status.value == "canceled"
    gone(downtimes.get_downtime, "00000000-0000-4000-8000-000000000000")


def test_downtimes_v1(client, others):
    downtimes = DowntimesV1(client)
    now = int(time.time())
    once = {
        "scope": ["env:staging", "h:a"], "monitor_id": int(others["{id}"]), "start": now + 600, "end": now + 1200, "message": "for a reason",
        "timezone": "Europe/Berlin", "disabled": False, "mute_first_recovery_notification": True, "notify_end_states": ["alert", "warn"],
        "notify_end_types": ["expired"], "parent_id": None,
    }
    weekly = {"scope": ["*"], "monitor_tags": ["team:trips"], "start": now + 600, "end": now + 1200, "timezone": "UTC", "recurrence": {
        "type": "weeks", "period": 1, "week_days": ["Mon", "Wed"], "until_date": now + 90 * 86400}}
    ruled = {**weekly, "recurrence": {"type": "rrule", "rrule": "FREQ=DAILY;INTERVAL=2;COUNT=5"}}
    every_field(Downtime, {**once, **weekly}, set())
    for case in (once, weekly, ruled):
        sent = typed(Downtime, case)
        made = downtimes.create_downtime(body=sent)
        kept(sent, made)
        kept(sent, downtimes.get_downtime(made.id))
        changed = downtimes.update_downtime(made.id, body=typed(Downtime, {**case, "message": "another"}))
        kept(typed(Downtime, {**case, "message": "another"}), changed)
        kept(typed(Downtime, {**case, "message": "another"}), downtimes.get_downtime(made.id))
        downtimes.cancel_downtime(made.id)
        assert downtimes.get_downtime(made.id).canceled
    gone(downtimes.get_downtime, 999_999_999)


ASSERTIONS = [
    {"type": "statusCode", "operator": "is", "target": 200},
    {"type": "responseTime", "operator": "lessThan", "target": 2000},
    {"type": "header", "property": "content-type", "operator": "contains", "target": "json"},
    {"type": "body", "operator": "doesNotContain", "target": "error"},
]
TESTS = {
    "http": ({
        "method": "POST", "url": "https://example.com/health?a=b", "headers": {"X-Token": "t", "Accept": "*/*"}, "body": "{\"a\": 1}", "timeout": 5.0,
        "basicAuth": {"type": "web", "username": "u", "password": "p"}, "query": {"c": "d"}, "follow_redirects": True,
    }, ASSERTIONS, {"follow_redirects": True, "allow_insecure": False}),
    "tcp": ({"host": "example.com", "port": 443, "timeout": 5.0}, [{"type": "responseTime", "operator": "lessThan", "target": 500}], {}),
    "ssl": ({"host": "example.com", "port": 443, "servername": "example.com"}, [{"type": "certificate", "operator": "isInMoreThan", "target": 10}],
            {"accept_self_signed": False}),
}


@pytest.mark.parametrize("subtype", TESTS)
def test_a_synthetic_test(client, subtype):
    synthetics = SyntheticsApi(client)
    request, assertions, options = TESTS[subtype]
    document = {
        "name": f"trip {subtype}", "type": "api", "subtype": subtype, "message": "@oncall@example.com", "tags": ["team:trips"], "locations": ["oriel:trips"],
        "status": "paused", "config": {"request": request, "assertions": assertions}, "options": {
            "tick_every": 60, "min_failure_duration": 120, "min_location_failed": 1, "monitor_name": "its monitor", "monitor_priority": 2,
            "retry": {"count": 2, "interval": 300.0}, "monitor_options": {"renotify_interval": 10}, **options},
    }
    every_field(SyntheticsAPITest, document, set())
    assert set(document["options"]) < set(SyntheticsTestOptions.attribute_map)
    sent = typed(SyntheticsAPITest, document)
    made = synthetics.create_synthetics_api_test(body=sent)
    kept(sent, made)
    kept(sent, synthetics.get_api_test(made.public_id))
    monitor = MonitorsApi(client).get_monitor(made.monitor_id)
    kept({"name": "its monitor", "priority": 2, "tags": ["team:trips"], "message": "@oncall@example.com", "type": "synthetics alert", "options": {
        "synthetics_check_id": made.public_id, "min_failure_duration": 120, "min_location_failed": 1, "renotify_interval": 10}}, monitor)
    whole = {**document, "name": "another"}
    changed = synthetics.update_api_test(made.public_id, body=typed(SyntheticsAPITest, whole))
    kept(typed(SyntheticsAPITest, whole), changed)
    kept(whole, client_json(client, f"/api/v1/synthetics/tests/api/{made.public_id}"))
    synthetics.delete_tests(body=SyntheticsDeleteTestsPayload(public_ids=[made.public_id]))
    gone(synthetics.get_api_test, made.public_id)
    gone(MonitorsApi(client).get_monitor, made.monitor_id)


def test_webhooks_and_their_variables(client):
    webhooks = WebhooksIntegrationApi(client)
    full = {"name": "trip-hook", "url": "https://example.com/hook", "payload": '{"title": "$EVENT_TITLE", "ü": 1}', "custom_headers": '{"X-Token": "$TRIP"}',
            "encode_as": "form"}
    every_field(WebhooksIntegration, full, set())
    least = {"name": "trip-least", "url": "https://example.com/hook", "payload": None, "custom_headers": None}
    for case in (full, least):
        sent = typed(WebhooksIntegration, case)
        kept(sent, webhooks.create_webhooks_integration(body=sent))
        got = webhooks.get_webhooks_integration(case["name"])
        kept(sent, got)
        assert got.encode_as.value == case.get("encode_as", "json"), "the default is said"
        changed = webhooks.update_webhooks_integration(case["name"], body=typed(WebhooksIntegrationUpdateRequest, {"url": "https://example.com/2"}))
        kept({**case, "url": "https://example.com/2"}, changed)
        kept({**case, "url": "https://example.com/2"}, webhooks.get_webhooks_integration(case["name"]))
        webhooks.delete_webhooks_integration(case["name"])
        gone(webhooks.get_webhooks_integration, case["name"])
    for is_secret in (False, True):
        case = {"name": "TRIP", "value": "v", "is_secret": is_secret}
        every_field(WebhooksIntegrationCustomVariable, case, set())
        made = webhooks.create_webhooks_integration_custom_variable(body=typed(WebhooksIntegrationCustomVariable, case))
        # The value of a secret is never given back.
        shown = {name: value for name, value in case.items() if not (is_secret and name == "value")}
        kept(shown, made)
        got = webhooks.get_webhooks_integration_custom_variable("TRIP")
        kept(shown, got)
        assert ("value" in got.to_dict()) is not is_secret
        change = typed(WebhooksIntegrationCustomVariableUpdateRequest, {"value": "w"})
        webhooks.update_webhooks_integration_custom_variable("TRIP", body=change)
        if not is_secret:
            assert webhooks.get_webhooks_integration_custom_variable("TRIP").value == "w"
        webhooks.delete_webhooks_integration_custom_variable("TRIP")
        gone(webhooks.get_webhooks_integration_custom_variable, "TRIP")


def test_services_of_pagerduty_and_opsgenie(client):
    pagerduty = PagerDutyIntegrationApi(client)
    made = pagerduty.create_pager_duty_integration_service(body=typed(PagerDutyService, {"service_name": "trip", "service_key": "a" * 32}))
    assert made.service_name == "trip"
    assert pagerduty.get_pager_duty_integration_service("trip").service_name == "trip"
    pagerduty.update_pager_duty_integration_service("trip", body=PagerDutyServiceKey(service_key="b" * 32))
    pagerduty.delete_pager_duty_integration_service("trip")
    gone(pagerduty.get_pager_duty_integration_service, "trip")
    opsgenie = OpsgenieIntegrationApi(client)
    for case in ({"name": "trip", "region": "eu"}, {"name": "trip", "region": "us"}, {"name": "trip", "region": "custom", "custom_url": "https://example.com"}):
        body = {"data": {"type": "opsgenie-service", "attributes": {**case, "opsgenie_api_key": "00000000-0000-0000-0000-000000000000"}}}
        made = opsgenie.create_opsgenie_service(body=typed(OpsgenieServiceCreateRequest, body))
        kept({"data": {"attributes": case}}, made)
        kept({"data": {"attributes": case}}, opsgenie.get_opsgenie_service(made.data.id))
        change = {"data": {"type": "opsgenie-service", "id": made.data.id, "attributes": {"name": "another"}}}
        changed = opsgenie.update_opsgenie_service(made.data.id, body=typed(OpsgenieServiceUpdateRequest, change))
        kept({"data": {"attributes": {**case, "name": "another"}}}, changed)
        kept({"data": {"attributes": {**case, "name": "another"}}}, opsgenie.get_opsgenie_service(made.data.id))
        opsgenie.delete_opsgenie_service(made.data.id)
        gone(opsgenie.get_opsgenie_service, made.data.id)
