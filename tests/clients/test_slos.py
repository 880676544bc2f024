"""SLOs over what was sent: figures worked out by hand, the same in the page's list, its detail, the history and the search."""

import time

import pytest

MINUTE = 60


@pytest.fixture(scope="module")
def counted(oriel):
    """Two hours of 100 requests a minute of two services; in the last 30 minutes 2 of each 100 of `shop` fail."""
    now = int(time.time()) // MINUTE * MINUTE
    series = []
    for service in ("shop", "cart"):
        total = [[now - n * MINUTE, 100] for n in range(1, 121)]
        good = [[t, 98 if service == "shop" and now - t <= 30 * MINUTE else 100] for t, _ in total]
        for metric, points in (("slo.all", total), ("slo.good", good)):
            series.append({"metric": metric, "type": "count", "interval": MINUTE, "points": points, "tags": [f"service:{service}"]})
    answer = oriel.post("/api/v1/series", json={"series": series})
    assert answer.status_code == 202, answer.text
    return now


def make(oriel, **more):
    body = {
        "type": "metric", "name": "requests", "tags": ["team:shop", "env:prod"],
        "query": {"numerator": "sum:slo.good{service:shop}.as_count()", "denominator": "sum:slo.all{service:shop}.as_count()"},
        "thresholds": [{"timeframe": "7d", "target": 99.9}, {"timeframe": "30d", "target": 99, "warning": 99.9}],
    }
    answer = oriel.post("/api/v1/slo", json={**body, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]["id"]


def near(value, wanted):
    assert value == pytest.approx(wanted, rel=1e-6), value


def test_a_ratio_is_what_was_counted(oriel, counted):
    slo = make(oriel)
    # 60 of 12,000 failed: 99.5 %, five times the budget of 0.1 %, half of that of 1 %.
    listed = [s for s in oriel.get("/api/ui/slos", query="team:shop").json()["slos"] if s["id"] == slo]
    near(listed[0]["sli"], 99.5)
    near(listed[0]["error_budget_remaining"], -400)
    assert listed[0]["status"] == "breached" and listed[0]["timeframe"] == "7d"
    detail = oriel.get(f"/api/ui/slos/{slo}").json()
    week, month = detail["windows"]
    near(month["sli"], 99.5)
    near(month["error_budget_remaining"], 50)
    assert month["status"] == "warning"
    burn = {b["window"]: b["rate"] for b in week["burn"]}
    # A minute may have passed since the points were made: its window then lacks one, and has one more that is bad.
    assert burn["5m"] == pytest.approx(20, rel=0.01)
    assert burn["1h"] == pytest.approx(10, rel=0.1)
    near(detail["history"]["budget"][-1], -400)
    other = oriel.get(f"/api/ui/slos/{slo}", timeframe="1d").json()
    assert other["timeframe"] == "1d"
    near(other["windows"][-1]["sli"], 99.5)
    history = oriel.get(f"/api/v1/slo/{slo}/history", from_ts=counted - 7200, to_ts=counted, target=99).json()["data"]
    near(history["overall"]["sli_value"], 99.5)
    near(history["overall"]["error_budget_remaining"]["7d"], -400)
    near(history["overall"]["error_budget_remaining"]["custom"], 50)
    near(history["series"]["numerator"]["sum"], 11_940)
    near(history["series"]["denominator"]["sum"], 12_000)
    found = oriel.get("/api/v1/slo/search", query="requests status:breached").json()["data"]["attributes"]["slos"]
    attributes = next(s["data"]["attributes"] for s in found if s["data"]["id"] == slo)
    near(attributes["status"]["sli"], 99.5)
    assert not oriel.get("/api/v1/slo/search", query="requests status:ok").json()["data"]["attributes"]["slos"]


def test_groups_stand_each_for_itself(oriel, counted):
    by = " by {service}.as_count()"
    slo = make(oriel, name="by service", query={"numerator": "sum:slo.good{*}" + by, "denominator": "sum:slo.all{*}" + by})
    detail = oriel.get(f"/api/ui/slos/{slo}").json()
    assert [g["group"] for g in detail["groups"]] == ["service:shop", "service:cart"], "the worst first"
    near(detail["groups"][0]["sli"], 99.5)
    near(detail["groups"][1]["sli"], 100)
    near(detail["windows"][0]["sli"], 99.75)


def test_corrected_time_does_not_count(oriel, counted):
    slo = make(oriel, name="corrected")
    attributes = {"slo_id": slo, "category": "Deployment", "start": counted - 15 * MINUTE, "end": counted, "timezone": "UTC", "description": "roll-out"}
    made = oriel.post("/api/v1/slo/correction", json={"data": {"type": "correction", "attributes": attributes}})
    assert made.status_code == 200, made.text
    detail = oriel.get(f"/api/ui/slos/{slo}").json()
    # 30 of 10,500 are left.
    near(detail["windows"][0]["sli"], 100 - 100 * 30 / 10_500)
    assert detail["corrections"][0]["category"] == "Deployment"
    history = oriel.get(f"/api/v1/slo/{slo}/history", from_ts=counted - 7200, to_ts=counted, apply_correction="false").json()
    near(history["data"]["overall"]["sli_value"], 99.5)
    assert oriel.delete(f"/api/v1/slo/correction/{made.json()['data']['id']}").status_code == 204
    near(oriel.get(f"/api/ui/slos/{slo}").json()["windows"][0]["sli"], 99.5)


def test_formulas_and_logs_count_too(oriel, counted):
    count = {"count": {
        "queries": [{"name": "g", "data_source": "metrics", "query": "sum:slo.good{service:shop}.as_count()"},
                    {"name": "t", "data_source": "metrics", "query": "sum:slo.all{service:shop}.as_count()"}],
        "good_events_formula": {"formula": "g"}, "total_events_formula": {"formula": "t"}}}
    slo = make(oriel, name="formulas", query=None, sli_specification=count)
    near(oriel.get(f"/api/ui/slos/{slo}").json()["windows"][0]["sli"], 99.5)
    bad = {"count": {**count["count"], "bad_events_formula": {"formula": "t - g"}}}
    del bad["count"]["total_events_formula"]
    slo = make(oriel, name="bad ones", query=None, sli_specification=bad)
    near(oriel.get(f"/api/ui/slos/{slo}").json()["windows"][0]["sli"], 99.5)
    logs = [{"message": "x", "service": "slo-logs", "status": "error" if n < 5 else "info", "ddsource": "t"} for n in range(100)]
    assert oriel.post("/api/v2/logs", json=logs).status_code == 202
    rows = lambda name, query: {"name": name, "data_source": "logs", "search": {"query": query}, "compute": {"aggregation": "count"}}
    spec = {"count": {"queries": [rows("b", "service:slo-logs status:error"), rows("a", "service:slo-logs")],
                      "good_events_formula": {"formula": "a - b"}, "total_events_formula": {"formula": "a"}}}
    slo = make(oriel, name="logs", query=None, sli_specification=spec)
    # The minute in which they came ends first.
    until = time.time() + 65
    while (sli := oriel.get(f"/api/v1/slo/{slo}/history", from_ts=int(time.time()) - 600, to_ts=int(time.time()) + 60).json()["data"]["overall"]["sli_value"]) is None and time.time() < until:
        time.sleep(1)
    near(sli, 95)


def test_slices_are_good_or_not(oriel, counted):
    start = (counted - 3600) // 300 * 300
    points = [[start + n * 60, 900 if 10 <= n < 20 else 100] for n in range(60)]
    assert oriel.post("/api/v1/series", json={"series": [{"metric": "slo.latency", "type": "gauge", "points": points}]}).status_code == 202
    spec = {"time_slice": {"comparator": "<", "threshold": 500, "query_interval_seconds": 300, "query": {
        "formulas": [{"formula": "q"}], "queries": [{"name": "q", "data_source": "metrics", "query": "avg:slo.latency{*}"}]}}}
    slo = make(oriel, name="latency", type="time_slice", query=None, sli_specification=spec)
    history = oriel.get(f"/api/v1/slo/{slo}/history", from_ts=start, to_ts=start + 3600).json()["data"]
    # 2 of 12 slices are slow.
    near(history["overall"]["sli_value"], 100 * 10 / 12)


def test_what_is_wrong_is_named(oriel):
    answer = oriel.post("/api/v1/slo", json={"type": "metric", "name": "", "query": {"numerator": "sum:a{"}, "thresholds": []})
    assert answer.status_code == 400
    told = "; ".join(answer.json()["errors"])
    assert "name is missing" in told and "thresholds" in told and "query.numerator" in told
    assert oriel.get("/api/v1/slo/nothing").status_code == 404


def test_an_alert_on_the_budget_and_one_on_its_burning(make_oriel):
    """The clock runs 20 times as fast; an hour of counts, of which one of ten fails, is there from the start."""
    oriel = make_oriel("--no-agent", env={"ORIEL_TEST_CLOCK_RATE": "20"})
    now = int(time.time()) // MINUTE * MINUTE
    points = lambda value: [[now - n * MINUTE, value] for n in range(60)]
    series = [{"metric": m, "type": "count", "interval": MINUTE, "points": points(v), "tags": ["service:shop"]} for m, v in (("slo.all", 100), ("slo.good", 90))]
    assert oriel.post("/api/v1/series", json={"series": series}).status_code == 202
    slo = make(oriel, name="burning")

    def monitor(query, critical):
        body = {"type": "slo alert", "name": query, "query": query, "message": "x", "options": {"thresholds": {"critical": critical}}}
        answer = oriel.post("/api/v1/monitor", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    # 10 % of all fail where 0.1 % may: a hundred times as fast, and all of the budget many times over.
    budget = monitor(f'error_budget("{slo}").over("7d") > 75', 75)
    fast = monitor(f'burn_rate("{slo}").over("7d").long_window("1h").short_window("15m") > 14.4', 14.4)
    calm = monitor(f'burn_rate("{slo}").over("7d").long_window("1h").short_window("15m") > 200', 200)
    state = lambda id: oriel.get(f"/api/v1/monitor/{id}").json()["overall_state"]
    until = time.monotonic() + 120
    while {state(budget), state(fast)} != {"Alert"} and time.monotonic() < until:
        time.sleep(0.2)
    assert (state(budget), state(fast)) == ("Alert", "Alert")
    until = time.monotonic() + 60
    while state(calm) == "No Data" and time.monotonic() < until:
        time.sleep(0.2)
    assert state(calm) == "OK"
    used = oriel.get(f"/api/v1/slo/{slo}", with_configured_alert_ids="true").json()["data"]["configured_alert_ids"]
    assert sorted(used) == sorted([budget, fast, calm])
    assert oriel.delete(f"/api/v1/slo/{slo}").status_code == 409
    # The monitor of the budget is itself what an SLO may be made of.
    up = make(oriel, name="uptime", type="monitor", query=None, monitor_ids=[fast])
    sli = lambda: oriel.get(f"/api/ui/slos/{up}", timeframe="1d").json()["windows"][0]["sli"]
    until = time.monotonic() + 60
    while (found := sli()) is None or found == 100:
        assert time.monotonic() < until, found
        time.sleep(0.5)
    assert 0 <= found < 100
