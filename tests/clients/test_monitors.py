"""PyPI `datadog-api-client` and `datadog` drive monitors: the answers parse in their models, and errors raise with our text."""

import json
import time

import datadog
import pytest
from conftest import API_KEY, APP_KEY, ROOT
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.model_utils import UnparsedObject
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_draft_status import MonitorDraftStatus
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_thresholds import MonitorThresholds
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v1.model.on_missing_data_option import OnMissingDataOption


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


def body(name="cpu is high", query="avg(last_5m):avg:system.cpu.user{env:prod} by {host} > 90", **more):
    more.setdefault("options", MonitorOptions(
        thresholds=MonitorThresholds(critical=90.0, warning=80.0, critical_recovery=85.0),
        on_missing_data=OnMissingDataOption("show_no_data"), renotify_interval=60, new_group_delay=60,
        include_tags=True, require_full_window=False, evaluation_delay=0))
    more.setdefault("type", MonitorType("query alert"))
    return Monitor(name=name, query=query, message="{{#is_alert}}up @oncall@example.com{{/is_alert}}",
                   tags=["team:blue", "env:prod"], **more)


def unparsed(model) -> list:
    """Parts of an answer that the client's models did not know."""
    found, todo = [], [model]
    while todo:
        item = todo.pop()
        if isinstance(item, UnparsedObject) or getattr(item, "_unparsed", False):
            found.append(item)
        if isinstance(item, list):
            todo.extend(item)
        elif hasattr(item, "_data_store"):
            todo.extend(item._data_store.values())
    return found


def test_create_get_change_delete(client):
    monitors = MonitorsApi(client)
    made = monitors.create_monitor(body=body(priority=2))
    assert made.id > 0 and made.multi is True and made.deleted is None
    got = monitors.get_monitor(made.id, group_states="all", with_downtimes=True)
    assert not unparsed(got)
    assert (got.name, got.query, got.priority) == ("cpu is high", body().query, 2)
    assert got.options.thresholds.critical == 90.0 and got.options.thresholds.critical_recovery == 85.0
    assert got.options.on_missing_data.value == "show_no_data" and got.options.renotify_interval == 60
    assert got.tags == ["team:blue", "env:prod"] and got.creator.handle
    assert got.created.year > 2000 and got.overall_state.value in ("OK", "No Data")
    assert got.state.groups == {} and got.matching_downtimes == []
    changed = monitors.update_monitor(made.id, body=MonitorUpdateRequest(name="renamed", priority=None))
    assert (changed.name, changed.query, changed.priority) == ("renamed", body().query, None)
    assert changed.options.renotify_interval == 60, "what is not sent stays"
    assert monitors.delete_monitor(made.id).deleted_monitor_id == made.id
    with pytest.raises(ApiException) as gone:
        monitors.get_monitor(made.id)
    assert gone.value.status == 404 and str(made.id) in str(gone.value.body)


def test_list_and_its_pages(client):
    monitors = MonitorsApi(client)
    ids = sorted(monitors.create_monitor(body=body(name=f"page {n}")).id for n in range(5))
    listed = [m.id for m in monitors.list_monitors(name="page ")]
    assert listed == ids
    assert [m.id for m in monitors.list_monitors(name="PAGE", page=1, page_size=2)] == ids[2:4]
    assert [m.id for m in monitors.list_monitors(name="page", id_offset=ids[1], page_size=2)] == ids[2:4]
    assert [m.id for m in monitors.list_monitors_with_pagination(name="page", page_size=2)] == ids
    assert {m.id for m in monitors.list_monitors(monitor_tags="team:blue,env:prod")} >= set(ids)
    assert not [m for m in monitors.list_monitors(monitor_tags="team:red") if m.id in ids]
    assert {m.id for m in monitors.list_monitors(tags="env:prod", group_states="alert,no data")} >= set(ids)
    for n in ids:
        monitors.delete_monitor(n)


def test_search(client):
    monitors = MonitorsApi(client)
    one = monitors.create_monitor(body=body(name="searched one", priority=1)).id
    two = monitors.create_monitor(body=Monitor(
        name="searched two", type=MonitorType("log alert"), message="look @slack-ops",
        query='logs("status:error").index("*").rollup("count").last("5m") > 5')).id
    found = monitors.search_monitors(query="searched", sort="name,desc")
    assert not unparsed(found)
    assert [m.id for m in found.monitors] == [two, one]
    assert found.metadata.total_count == 2 and found.metadata.page_count == 1
    assert found.monitors[0].notifications[0].handle == "slack-ops"
    assert found.monitors[1].metrics == ["system.cpu.user"] and found.monitors[1].scopes == ["env:prod"]
    assert {c.name: c.count for c in found.counts.type.value} == {"query alert": 1, "log alert": 1}
    for query, expected in [
        ("searched type:log", [two]), ('searched tag:"team:blue"', [one]), ("searched notification:slack-ops", [two]),
        ("searched metric:system.cpu.user", [one]), ("searched -type:log", [one]), (f"id:{two}", [two]),
        ("searched priority:p1", [one]), ("searched muted:true", []), ('title:"searched two"', [two]),
    ]:
        assert [m.id for m in monitors.search_monitors(query=query).monitors] == expected, query
    assert len(monitors.search_monitors(query="searched", per_page=1, page=1).monitors) == 1
    groups = monitors.search_monitor_groups(query="searched group_status:alert")
    assert not unparsed(groups) and groups.metadata.total_count == 0
    with pytest.raises(ApiException) as wrong:
        monitors.search_monitors(query="(searched")
    assert wrong.value.status == 400 and "parenthesis" in str(wrong.value.body)
    monitors.delete_monitor(one), monitors.delete_monitor(two)


def test_validate_and_what_is_refused(client):
    monitors = MonitorsApi(client)
    assert monitors.validate_monitor(body=body()) == {}
    assert monitors.validate_monitor(body=body(draft_status=MonitorDraftStatus("draft"))) == {}
    made = monitors.create_monitor(body=body()).id
    assert monitors.validate_existing_monitor(made, body=body(name="another")) == {}
    for wrong, told in [
        (body(query="avg(last_5m):avg:x{*} >"), "query"),
        (body(query="avg(last_5m):nosuchagg:x{*} > 1"), "query"),
        (body(type=MonitorType("rum alert"), query="x"), "rum alert"),
        (body(options=MonitorOptions(thresholds=MonitorThresholds(critical=91.0))), "critical"),
        (body(priority=9), "priority"),
        (body(type=MonitorType("composite"), query="999999999 && 999999998"), "999999999"),
    ]:
        for call in (monitors.validate_monitor, monitors.create_monitor):
            with pytest.raises(ApiException) as refused:
                call(body=wrong)
            assert refused.value.status == 400 and told in str(refused.value.body), (told, refused.value.body)
    monitors.delete_monitor(made)


def test_what_is_needed_is_not_deleted_unless_forced(client):
    monitors = MonitorsApi(client)
    a, b = (monitors.create_monitor(body=body(name=n)).id for n in "ab")
    both = monitors.create_monitor(body=Monitor(
        name="both", type=MonitorType("composite"), query=f"{a} && !{b}", message="")).id
    assert monitors.check_can_delete_monitor(monitor_ids=[both]).data.ok == [both]
    with pytest.raises(ApiException) as needed:
        monitors.check_can_delete_monitor(monitor_ids=[a, both])
    assert needed.value.status == 409 and "composite" in str(needed.value.body)
    with pytest.raises(ApiException) as needed:
        monitors.delete_monitor(a)
    assert needed.value.status == 400 and str(both) in str(needed.value.body)
    assert monitors.delete_monitor(a, force="true").deleted_monitor_id == a
    monitors.delete_monitor(both), monitors.delete_monitor(b)


def test_the_exported_monitor_comes_back_alike(oriel):
    """`acceptance/monitor.json`, unchanged: the id is ours, numbers are numbers, and all else is as it came."""
    text = (ROOT / "tests/acceptance/monitor.json").read_text()
    made = oriel.post("/api/v1/monitor", data=text)
    assert made.status_code == 200, made.text
    exported = oriel.get(f"/api/v1/monitor/{made.json()['id']}").json()
    posted = json.loads(text)
    assert exported["id"] != posted["id"]
    posted["options"]["renotify_interval"] = 0
    assert {k: exported[k] for k in posted if k != "id"} == {k: v for k, v in posted.items() if k != "id"}
    assert list(exported["options"]) == list(posted["options"]), "in its order"
    again = oriel.post("/api/v1/monitor", json=exported).json()
    assert {k: v for k, v in again.items() if k in posted and k != "id"} == {
        k: v for k, v in exported.items() if k in posted and k != "id"}, "an export is posted as it is"


def test_terraform_s_shapes(oriel):
    """What Terraform's provider sends and reads back: a validated draft, null options, variables, scheduling options."""
    sent = {
        "name": "tf", "type": "query alert", "message": "m", "tags": [], "priority": None, "restricted_roles": None,
        "draft_status": "published",
        "query": "avg(last_1h):avg:system.load.1{*} > 2",
        "options": {
            "thresholds": {"critical": 2.0, "warning": None, "critical_recovery": None}, "notify_no_data": False,
            "renotify_interval": None, "renotify_occurrences": None, "renotify_statuses": None, "timeout_h": 0,
            "new_group_delay": None, "evaluation_delay": None, "require_full_window": True, "include_tags": True,
            "escalation_message": "", "notify_audit": False, "locked": False, "notify_by": ["*"],
            "enable_logs_sample": False, "groupby_simple_monitor": False, "no_data_timeframe": None,
            "notification_preset_name": "hide_query", "group_retention_duration": "2d",
        },
    }
    assert oriel.post("/api/v1/monitor/validate", json=sent).json() == {}
    made = oriel.post("/api/v1/monitor", json=sent).json()
    assert {k: made[k] for k in sent} == sent
    read = oriel.get(f"/api/v1/monitor/{made['id']}").json()
    assert {k: read[k] for k in sent} == sent and read["multi"] is False


@pytest.mark.parametrize("path", ["policy", "notification_rule", "template", "notification_rule/1"])
def test_what_is_not_served_says_so(oriel, path):
    answer = oriel.get(f"/api/v2/monitor/{path}")
    assert answer.status_code == 501 and "not served" in answer.json()["errors"][0], answer.text


def test_mute_and_bulk_resolve(oriel, client):
    monitors = MonitorsApi(client)
    made = monitors.create_monitor(body=body(name="muted one")).id
    end = int(time.time()) + 3600
    answer = oriel.post(f"/api/v1/monitor/{made}/mute", json={"scope": "host:web-1", "end": end})
    assert answer.status_code == 200 and answer.json()["options"]["silenced"] == {"host:web-1": end}
    assert oriel.post(f"/api/v1/monitor/{made}/mute").json()["options"]["silenced"] == {"host:web-1": end, "*": None}
    assert [m.id for m in monitors.search_monitors(query=f"id:{made} muted:true").monitors] == [made]
    shown = monitors.get_monitor(made, with_downtimes=True)
    assert not unparsed(shown) and sorted(d.scope[0] for d in shown.matching_downtimes) == ["*", "host:web-1"]
    assert oriel.post(f"/api/v1/monitor/{made}/unmute", json={"scope": "*"}).json()["options"]["silenced"] == {"host:web-1": end}
    assert oriel.post(f"/api/v1/monitor/{made}/unmute", json={"all_scopes": True}).json()["options"]["silenced"] == {}
    assert monitors.search_monitors(query=f"id:{made} muted:true").monitors == []
    past = oriel.post(f"/api/v1/monitor/{made}/mute", json={"end": 1})
    assert past.status_code == 400 and "end" in past.text
    assert oriel.post("/api/v1/monitor/bulk_resolve", json={"resolve": [{str(made): "ALL_GROUPS"}]}).status_code == 200
    monitors.delete_monitor(made)


def test_the_pages_list(oriel, client):
    monitors = MonitorsApi(client)
    made = [monitors.create_monitor(body=body(name=f"paged {n}")).id for n in range(3)]
    page = oriel.get("/api/ui/monitors", query="paged", per_page=2, page=0, sort="name").json()
    assert [m["id"] for m in page["monitors"]] == made[:2] and page["total"] == 3
    assert page["counts"]["type"] == {"query alert": 3} and page["counts"]["tag"]["team:blue"] == 3
    row = page["monitors"][0]
    assert row["muted"] is None and row["builtin"] is False and set(row["groups"]) >= {"alert", "warn", "ok", "no_data", "total"}
    done = oriel.post("/api/ui/monitors/bulk", json={"ids": [*made[:2], 1], "action": "mute"}).json()
    assert done["done"] == made[:2] and done["failed"][0]["id"] == 1 and "1" in done["failed"][0]["error"]
    page = oriel.get("/api/ui/monitors", query="paged", sort="name").json()
    assert page["counts"]["muted"] == 2 and page["monitors"][0]["muted"]["until_ms"] is None
    done = oriel.post("/api/ui/monitors/bulk", json={"ids": made, "action": "delete"}).json()
    assert done == {"done": made, "failed": []}


def test_the_old_client(oriel, api):
    made = api.Monitor.create(type="metric alert", query="avg(last_5m):sum:old.metric{*} > 100", name="old client",
                              message="@me@example.com", tags=["from:old"], options={"notify_no_data": False})
    assert made["query"].endswith("> 100") and made["id"]
    assert api.Monitor.get(made["id"], group_states="all")["state"] == {"groups": {}}
    assert api.Monitor.update(made["id"], name="old client, renamed")["name"] == "old client, renamed"
    assert made["id"] in [m["id"] for m in api.Monitor.get_all(monitor_tags=["from:old"])]
    assert api.Monitor.search(query="\"old client\"")["metadata"]["total_count"] == 1
    assert api.Monitor.search_groups(query="old")["groups"] is not None
    assert api.Monitor.can_delete(monitor_ids=[made["id"]]) == {"data": {"ok": [made["id"]]}}
    assert api.Monitor.validate(type="metric alert", query="avg(last_5m):sum:old.metric{*} > 100", name="x") == {}
    assert api.Monitor.mute(made["id"], end=int(time.time()) + 60)["options"]["silenced"]["*"]
    assert api.Monitor.unmute(made["id"])["options"]["silenced"] == {}
    assert api.Monitor.mute_all()["active"] is True
    api.Monitor.unmute_all()
    with pytest.raises(datadog.api.exceptions.ApiError) as refused:
        api.Monitor.create(type="metric alert", query="nonsense", name="x")
    assert "query" in str(refused.value)
    assert api.Monitor.delete(made["id"]) == {"deleted_monitor_id": made["id"]}
