"""Every method of the typed client around monitors is called, and docs/clients.md says which are served and which refused by name."""

import datetime
import importlib
import re
import time

import pytest
import requests
from conftest import API_KEY, APP_KEY, ROOT
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.api_client import Endpoint
from datadog_api_client.exceptions import ApiException
from test_round_trips import MONITORS, SLOS, TESTS, monitor_document, typed, unparsed

PAGE = (ROOT / "docs/clients.md").read_text()


def module_of(name):
    """`MonitorsApi` is in `monitors_api`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def documented():
    """Class by version and name, with the methods that are served and those that are refused."""
    found = {}
    for version, name, served, refused in re.findall(r"^\| (v\d) `(\w+)` \| (.*) \| (.*) \|$", PAGE, re.M):
        api = getattr(importlib.import_module(f"datadog_api_client.{version}.api.{module_of(name)}"), name)
        found[api] = (set(re.findall(r"`(\w+)`", served)), set(re.findall(r"`(\w+)`", refused)))
    return found


APIS = documented()


def named(version, name):
    return next(api for api in APIS if api.__module__.startswith(f"datadog_api_client.{version}.") and api.__name__ == name)


@pytest.fixture(scope="module")
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key["apiKeyAuth"] = API_KEY
    configuration.api_key["appKeyAuth"] = APP_KEY
    # Datadog's own word for what it has not settled yet.
    configuration.unstable_operations["get_slo_status"] = True
    with ApiClient(configuration) as client:
        yield client


class Called:
    """Methods by class, each call checked: it is answered, and the client's models know all of the answer."""

    def __init__(self, client):
        self.client, self.names = client, set()

    def __call__(self, version, name, method, *arguments, whole=True, **more):
        api = named(version, name)
        answer = getattr(api(self.client), method)(*arguments, **more)
        self.names.add((api, method))
        assert not whole or not unparsed(answer), f"{name}.{method}: {unparsed(answer)}"
        return answer


def body(version, name, document):
    """A model by its name, of a JSON document."""
    models = importlib.import_module(f"datadog_api_client.{version}.models")
    return typed(getattr(models, name), document)


def test_the_page_names_every_method():
    for api, (served, refused) in APIS.items():
        methods = {n for n in dir(api) if not n.startswith("_") and callable(getattr(api, n)) and not n.endswith("_with_pagination")}
        assert not served & refused and served | refused == methods, f"{api}: {methods ^ (served | refused)}"


def of_monitors(call, ids):
    name = "MonitorsApi"
    document = monitor_document(*MONITORS[1])
    monitor = body("v1", "Monitor", document)
    ids["monitor"] = id = call("v1", name, "create_monitor", body=monitor).id
    call("v1", name, "get_monitor", id, group_states="all", with_downtimes=True)
    assert id in [m.id for m in call("v1", name, "list_monitors", group_states="all", page=0, page_size=1000, with_downtimes=True)]
    call("v1", name, "update_monitor", id, body=body("v1", "MonitorUpdateRequest", {"name": "every method"}))
    call("v1", name, "validate_monitor", body=monitor)
    call("v1", name, "validate_existing_monitor", id, body=monitor)
    assert call("v1", name, "check_can_delete_monitor", [id]).data.ok == [id]
    found = call("v1", name, "search_monitors", query='title:"every method"', page=0, per_page=1, sort="name,asc")
    assert [m.id for m in found.monitors] == [id] and found.metadata.total_count == 1
    assert call("v1", name, "search_monitor_groups", query=f"id:{id}", page=0, per_page=10, sort="group,desc").groups is not None
    assert id in [m.id for m in named("v1", name)(call.client).list_monitors_with_pagination(page_size=1)]


def of_downtimes(call, ids):
    now = int(time.time())
    old = {"scope": ["env:every-method"], "monitor_id": ids["monitor"], "start": now, "end": now + 600}
    downtime = call("v1", "DowntimesApi", "create_downtime", body=body("v1", "Downtime", old))
    call("v1", "DowntimesApi", "get_downtime", downtime.id)
    assert downtime.id in [d.id for d in call("v1", "DowntimesApi", "list_downtimes", current_only=True)]
    assert downtime.id in [d.id for d in call("v1", "DowntimesApi", "list_monitor_downtimes", ids["monitor"])]
    call("v1", "DowntimesApi", "update_downtime", downtime.id, body=body("v1", "Downtime", {**old, "message": "m"}))
    cancelled = call("v1", "DowntimesApi", "cancel_downtimes_by_scope", body=body("v1", "CancelDowntimesByScopeRequest", {"scope": "env:every-method"}))
    assert cancelled.cancelled_ids == [downtime.id]
    call("v1", "DowntimesApi", "cancel_downtime", downtime.id)

    attributes = {"scope": "*", "monitor_identifier": {"monitor_id": ids["monitor"]}}
    new = {"data": {"type": "downtime", "attributes": attributes}}
    id = call("v2", "DowntimesApi", "create_downtime", body=body("v2", "DowntimeCreateRequest", new)).data.id
    call("v2", "DowntimesApi", "get_downtime", id, include="created_by,monitor")
    assert id in [d.id for d in call("v2", "DowntimesApi", "list_downtimes", current_only=True, include="monitor", page_offset=0, page_limit=100).data]
    assert id in [d.id for d in call("v2", "DowntimesApi", "list_monitor_downtimes", ids["monitor"], page_offset=0, page_limit=10).data]
    assert id in [d.id for d in named("v2", "DowntimesApi")(call.client).list_downtimes_with_pagination(page_limit=1)]
    change = {"data": {"type": "downtime", "id": id, "attributes": {"message": "m"}}}
    call("v2", "DowntimesApi", "update_downtime", id, body=body("v2", "DowntimeUpdateRequest", change))
    call("v2", "DowntimesApi", "cancel_downtime", id)


def of_slos(call, ids):
    name, now = "ServiceLevelObjectivesApi", int(time.time())
    ids["slo"] = id = call("v1", name, "create_slo", body=body("v1", "ServiceLevelObjectiveRequest", SLOS[0])).data[0].id
    call("v1", name, "get_slo", id, with_configured_alert_ids=True)
    assert id in [s.id for s in call("v1", name, "list_slos", ids=id, query="ratio", limit=10, offset=0).data]
    assert id in [s.id for s in named("v1", name)(call.client).list_slos_with_pagination(limit=1)]
    call("v1", name, "update_slo", id, body=body("v1", "ServiceLevelObjective", SLOS[0]))
    call("v1", name, "search_slo", query="ratio", page_size=10, page_number=0, include_facets=True)
    call("v1", name, "get_slo_history", id, from_ts=now - 86400, to_ts=now, target=99.0, apply_correction=True)
    assert call("v1", name, "check_can_delete_slo", ids=id).data.ok == [id]
    series = [{"metric": f"trip.{metric}", "type": "count", "interval": 60, "points": [[now - 600, value]], "tags": ["h:a"]} for metric, value in (("good", 90), ("all", 100))]
    sent = requests.post(f"{call.client.configuration.host}/api/v1/series", json={"series": series}, headers={"DD-API-KEY": API_KEY}, timeout=30)
    assert sent.status_code == 202, sent.text
    status = call("v2", name, "get_slo_status", id, from_ts=now - 86400, to_ts=now).data.attributes
    assert (status.state, round(status.sli, 6)) == ("breached", 90)
    # 0.1 of 100 may fail, and 10 did.
    assert round(status.raw_error_budget_remaining.value, 6) == -9.9 and round(status.error_budget_remaining, 3) == -9900

    corrections = "ServiceLevelObjectiveCorrectionsApi"
    new = {"data": {"type": "correction", "attributes": {"category": "Other", "start": now - 60, "end": now, "slo_id": id}}}
    correction = call("v1", corrections, "create_slo_correction", body=body("v1", "SLOCorrectionCreateRequest", new)).data.id
    call("v1", corrections, "get_slo_correction", correction)
    assert correction in [c.id for c in call("v1", corrections, "list_slo_correction", offset=0, limit=10).data]
    assert correction in [c.id for c in named("v1", corrections)(call.client).list_slo_correction_with_pagination(limit=1)]
    assert correction in [c.id for c in call("v1", name, "get_slo_corrections", id).data]
    change = {"data": {"type": "correction", "attributes": {"description": "d"}}}
    call("v1", corrections, "update_slo_correction", correction, body=body("v1", "SLOCorrectionUpdateRequest", change))
    call("v1", corrections, "delete_slo_correction", correction)
    bulk = call("v1", name, "delete_slo_timeframe_in_bulk", body={id: [typed_frame("7d")]})
    assert bulk.data.updated == [id]
    call("v1", name, "delete_slo", id, force="true")


def typed_frame(text):
    from datadog_api_client.v1.model.slo_timeframe import SLOTimeframe

    return SLOTimeframe(text)


def of_synthetics(call, _):
    name, now = "SyntheticsApi", int(time.time())
    request, assertions, _ = TESTS["tcp"]
    document = {
        "name": "every method", "type": "api", "subtype": "tcp", "message": "", "tags": ["team:trips"], "locations": ["oriel:trips"], "status": "live",
        "config": {"request": request, "assertions": assertions}, "options": {"tick_every": 60},
    }
    id = call("v1", name, "create_synthetics_api_test", body=body("v1", "SyntheticsAPITest", document)).public_id
    call("v1", name, "get_test", id)
    call("v1", name, "get_api_test", id)
    call("v1", name, "update_api_test", id, body=body("v1", "SyntheticsAPITest", {**document, "name": "every method!"}))
    patch = {"data": [{"op": "replace", "path": "/name", "value": "every method"}]}
    call("v1", name, "patch_test", id, body=body("v1", "SyntheticsPatchTestBody", patch))
    call("v1", name, "trigger_tests", body=body("v1", "SyntheticsTriggerBody", {"tests": [{"public_id": id}]}))
    assert call("v1", name, "update_test_pause_status", id, body=body("v1", "SyntheticsUpdateTestPauseStatusPayload", {"new_status": "paused"})) is True
    assert id in [t.public_id for t in call("v1", name, "list_tests", page_size=100, page_number=0).tests]
    assert id in [t.public_id for t in named("v1", name)(call.client).list_tests_with_pagination(page_size=1)]
    found = call("v1", name, "search_tests", text="every type:api team:trips", start=0, count=10, include_full_config=True)
    assert [t.public_id for t in found.tests] == [id]
    assert not call("v1", name, "search_tests", text="nobody").tests
    call("v1", name, "get_api_test_latest_results", id, from_ts=0, to_ts=now * 1000, probe_dc=["oriel:trips"])
    with pytest.raises(ApiException) as never_run:
        call("v1", name, "get_api_test_result", id, "1-a")
    assert never_run.value.status == 404
    call.names.add((named("v1", name), "get_api_test_result"))
    uptimes = {"public_ids": [id], "from_ts": now - 3600, "to_ts": now}
    assert call("v1", name, "fetch_uptimes", body=body("v1", "SyntheticsFetchUptimesPayload", uptimes))[0].public_id == id
    call("v1", name, "list_locations", whole=False)
    assert call("v1", name, "get_synthetics_default_locations") == ["test-host"]
    deleted = call("v1", name, "delete_tests", body=body("v1", "SyntheticsDeleteTestsPayload", {"public_ids": [id]}))
    assert [t.public_id for t in deleted.deleted_tests] == [id]


def of_webhooks(call, _):
    name = "WebhooksIntegrationApi"
    hook = {"name": "every-method", "url": "https://example.com/hook"}
    call("v1", name, "create_webhooks_integration", body=body("v1", "WebhooksIntegration", hook))
    call("v1", name, "get_webhooks_integration", "every-method")
    call("v1", name, "update_webhooks_integration", "every-method", body=body("v1", "WebhooksIntegrationUpdateRequest", {"payload": "{}"}))
    call("v1", name, "delete_webhooks_integration", "every-method")
    variable = {"name": "EVERY", "value": "v", "is_secret": False}
    call("v1", name, "create_webhooks_integration_custom_variable", body=body("v1", "WebhooksIntegrationCustomVariable", variable))
    call("v1", name, "get_webhooks_integration_custom_variable", "EVERY")
    change = body("v1", "WebhooksIntegrationCustomVariableUpdateRequest", {"value": "w"})
    call("v1", name, "update_webhooks_integration_custom_variable", "EVERY", body=change)
    call("v1", name, "delete_webhooks_integration_custom_variable", "EVERY")


def of_channels(call, _):
    oriel = call.client.configuration.host
    slack = {"name": "every-method", "kind": "slack", "settings": {"url": "https://hooks.slack.com/services/T/B/x"}}
    made = requests.post(f"{oriel}/api/ui/channels", json=slack, headers={"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}, timeout=30)
    assert made.status_code in (200, 201), made.text
    name = "SlackIntegrationApi"
    display = {"message": True, "mute_buttons": True, "notified": False, "snapshot": True, "tags": True}
    channel = body("v1", "SlackIntegrationChannel", {"name": "#every-method", "display": display})
    assert call("v1", name, "create_slack_integration_channel", "main", body=channel).name == "#every-method"
    assert call("v1", name, "get_slack_integration_channel", "main", "every-method").display.snapshot is True
    assert "#every-method" in [c.name for c in call("v1", name, "get_slack_integration_channels", "main").value]
    call("v1", name, "update_slack_integration_channel", "main", "every-method", body=channel)
    with pytest.raises(ApiException) as fixed:
        other = body("v1", "SlackIntegrationChannel", {"display": {"tags": False}})
        call("v1", name, "update_slack_integration_channel", "main", "every-method", body=other)
    assert fixed.value.status == 400 and "display.tags: false" in fixed.value.body["errors"][0]
    with pytest.raises(ApiException) as unknown:
        call("v1", name, "create_slack_integration_channel", "main", body=body("v1", "SlackIntegrationChannel", {"name": "#nobody"}))
    assert unknown.value.status == 400 and "incoming webhook" in unknown.value.body["errors"][0]
    call("v1", name, "remove_slack_integration_channel", "main", "every-method")

    name = "PagerDutyIntegrationApi"
    service = body("v1", "PagerDutyService", {"service_name": "every", "service_key": "a" * 32})
    call("v1", name, "create_pager_duty_integration_service", body=service)
    call("v1", name, "get_pager_duty_integration_service", "every")
    call("v1", name, "update_pager_duty_integration_service", "every", body=body("v1", "PagerDutyServiceKey", {"service_key": "b" * 32}))
    call("v1", name, "delete_pager_duty_integration_service", "every")

    name = "OpsgenieIntegrationApi"
    new = {"data": {"type": "opsgenie-service", "attributes": {"name": "every", "region": "us", "opsgenie_api_key": "0" * 36}}}
    id = call("v2", name, "create_opsgenie_service", body=body("v2", "OpsgenieServiceCreateRequest", new)).data.id
    call("v2", name, "get_opsgenie_service", id)
    assert id in [s.id for s in call("v2", name, "list_opsgenie_services").data]
    change = {"data": {"type": "opsgenie-service", "id": id, "attributes": {"region": "eu"}}}
    assert call("v2", name, "update_opsgenie_service", id, body=body("v2", "OpsgenieServiceUpdateRequest", change)).data.attributes.region.value == "eu"
    call("v2", name, "delete_opsgenie_service", id)


def of_events(call, _):
    now = int(time.time())
    made = call("v1", "EventsApi", "create_event", body=body("v1", "EventCreateRequest", {"title": "every method", "text": "t", "tags": ["team:trips"]}))
    until = time.monotonic() + 30
    while not (seen := [e for e in call("v1", "EventsApi", "list_events", now - 60, now + 60, tags="team:trips").events]):
        assert time.monotonic() < until, "an event that was taken is not listed"
        time.sleep(0.2)
    assert call("v1", "EventsApi", "get_event", seen[0].id).event.title == "every method"
    assert made.event.title == "every method"
    listed = call("v2", "EventsApi", "list_events", filter_query="team:trips", filter_from="now-5m", filter_to="now", page_limit=5).data
    assert listed and call("v2", "EventsApi", "get_event", listed[0].id).data.attributes.attributes.title == "every method"
    assert [e.id for e in named("v2", "EventsApi")(call.client).list_events_with_pagination(filter_query="team:trips", page_limit=1)]
    search = {"filter": {"query": "team:trips", "from": "now-5m", "to": "now"}, "page": {"limit": 5}, "sort": "timestamp"}
    assert call("v2", "EventsApi", "search_events", body=body("v2", "EventsListRequest", search)).data
    new = {"data": {"type": "event", "attributes": {
        "title": "changed", "category": "change", "message": "m",
        "attributes": {"changed_resource": {"name": "flag", "type": "feature_flag"}}}}}
    call("v2", "EventsApi", "create_event", body=body("v2", "EventCreateRequestPayload", new), whole=False)


def test_what_is_served_is_served(client):
    call, ids = Called(client), {}
    for scenario in (of_monitors, of_downtimes, of_slos, of_synthetics, of_webhooks, of_channels, of_events):
        scenario(call, ids)
    call("v1", "MonitorsApi", "delete_monitor", ids["monitor"], force="true")
    wanted = {(api, method) for api, (served, _) in APIS.items() for method in served}
    assert call.names == wanted, [f"{api.__module__}.{method}" for api, method in call.names ^ wanted]


def endpoints(api, client):
    made = api(client)
    found = [value for value in vars(made).values() if isinstance(value, Endpoint)]
    return {endpoint.settings["operation_id"]: endpoint.settings for endpoint in found}


def test_what_is_refused_is_refused_by_name(client):
    """With the words of the method's path, and not as if the path were mistyped."""
    headers = {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}
    for api, (_, refused) in APIS.items():
        of_api = endpoints(api, client)
        for method in refused:
            settings = of_api[method]
            path = re.sub(r"\{\w+\}", "abc-def-ghi", settings["endpoint_path"])
            answer = requests.request(settings["http_method"], client.configuration.host + path, json={}, headers=headers, timeout=30)
            assert answer.status_code in (400, 501), f"{method}: {answer.status_code} {answer.text}"
            errors = answer.json()["errors"]
            assert len(errors) == 1 and re.search("not served|not supported|not bound", errors[0]), f"{method}: {errors}"


def test_bounds_of_what_is_asked(oriel):
    """Pages, ids and documents beyond what there is: words, and never a mistake of the server."""
    asked = [
        ("GET", "/api/v1/monitor?page_size=x", None, 400, 'page_size'),
        ("GET", "/api/v1/monitor/search?per_page=-1", None, 400, 'parameter per_page: "-1" is not a whole number from 0 on'),
        ("GET", "/api/v1/monitor/search?per_page=99999999999999999999", None, 400, "per_page"),
        ("GET", "/api/v1/monitor/abc", None, 400, 'monitor id "abc" is not a number'),
        ("GET", "/api/v1/monitor/9223372036854775808", None, 400, "is not a number"),
        ("GET", "/api/v1/downtime/abc", None, 400, 'id in the path: "abc" is not a whole number'),
        ("GET", "/api/v1/monitor/%ff", None, 400, "id in the path is not UTF-8"),
        ("PATCH", "/api/v1/monitor/1", {}, 405, "does not take PATCH"),
        ("GET", "/api/v1/nowhere", None, 404, "/api/v1/nowhere"),
        ("GET", "/api/v2/monitor/policy", None, 501, "policies are not served"),
    ]
    for method, path, document, status, words in asked:
        answer = requests.request(method, oriel.url + path, json=document, headers=oriel.headers, timeout=30)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        assert words in answer.json()["errors"][0], answer.text
    document = monitor_document(*MONITORS[1])
    for change, words in [
        ({"name": "x" * 10_240}, "name"), ({"tags": [f"tag:{n}" for n in range(10_000)]}, "tags"), ({"name": "a\u0000b"}, "name"),
        ({"message": "m" * (5 << 20)}, "4194304"), ({"query": "avg(last_5m):avg:a{*} by {" + "h," * 20_000 + "h} > 1"}, "query"),
    ]:
        answer = oriel.post("/api/v1/monitor", json={**document, **change})
        assert answer.status_code in (400, 413), f"{words}: {answer.status_code} {answer.text[:300]}"
        assert words in answer.json()["errors"][0], answer.text[:300]
    twice = '{"name": "first", "name": "second", "type": "metric alert", "query": "avg(last_5m):avg:a{*} > 1", "message": "", "tags": ["a:b", "a:b"]}'
    made = oriel.post("/api/v1/monitor", data=twice, headers={"content-type": "application/json"})
    assert made.status_code == 200 and made.json()["name"] == "second", made.text
    listed = oriel.get("/api/v1/monitor", page=10**15, page_size=10**15)
    assert listed.status_code == 200 and listed.json() == []
    old = datetime.datetime(1, 1, 1).isoformat()
    body = {"data": {"type": "downtime", "attributes": {"scope": "*", "monitor_identifier": {"monitor_tags": ["*"]}, "schedule": {"start": old}}}}
    answer = oriel.post("/api/v2/downtime", json=body)
    assert answer.status_code in (200, 400), answer.text
