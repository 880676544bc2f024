"""Datadog's tracers on real web frameworks, against the server itself and through an agent that relays: spans with their SQL and
stacks, trace metrics of all traffic, runtime metrics, log lines with their ids."""

import pathlib
import subprocess

import pytest
import requests
from conftest import Agent, Oriel, free_port, points
from flask_shop import Shop, environment, wait_up
from node_modules import node_modules

HERE = pathlib.Path(__file__).resolve().parent


def host_of(server, local) -> str:
    return "test-host" if local is server else "relay-host"


@pytest.fixture(params=["default", "v0.4"])
def flask_shop(way, request, tmp_path):
    """Ten looks at an item and one error, under `ddtrace-run`."""
    server, local = way
    service = f"flask-{request.param.replace('.', '')}-{'direct' if local is server else 'relayed'}"
    env = {"DD_RUNTIME_METRICS_ENABLED": "true", **({} if request.param == "default" else {"DD_TRACE_API_VERSION": request.param})}
    with Shop(local, service, tmp_path, **env) as shop:
        assert [shop.get(f"/items/{n % 2 + 1}") for n in range(10)] == [200] * 10
        assert shop.get("/broken") == 500
        yield server, local, service, shop.lines


def test_flask_under_ddtrace_run(flask_shop):
    server, local, service, lines = flask_shop
    requests_seen = server.rows("spans", f"service:{service} operation_name:flask.request", least=12)
    assert len(requests_seen) == 12, "ten items, one error, one page that is not there"
    shown = [r for r in requests_seen if r["resource"] == "GET /items/<int:item>"]
    assert len(shown) == 10 and {r["host"] for r in shown} == {host_of(server, local)}
    assert shown[0]["attributes"]["http"]["status_code"] in (200, "200") and shown[0]["version"] == "1.4.2" and shown[0]["env"] == "test"

    trace = server.get(f"/api/ui/traces/{shown[0]['trace_id']}").json()
    assert any("SELECT name, price FROM items" in text for text in trace["words"]["resource"])
    assert trace["spans"]["parent"].count(-1) == 1

    error = server.rows("spans", f"service:{service} status:error @error.type:*ValueError")[0]
    assert "no such shelf" in error["attributes"]["error"]["message"]
    assert 'raise ValueError("no such shelf")' in error["attributes"]["error"]["stack"]

    hits = server.wait_query(f"sum:trace.flask.request.hits{{service:{service}}}.as_count()", seconds=60,
                             until=lambda s: s and sum(v for _, v in points(s[0])) >= 12)
    assert sum(v for _, v in points(hits[0])) == 12
    errors = server.wait_query(f"sum:trace.flask.request.errors{{service:{service}}}.as_count()")
    assert sum(v for _, v in points(errors[0])) == 1
    latency = server.wait_query(f"p95:trace.flask.request{{service:{service}}}")
    assert 0 < points(latency[0])[-1][1] < 10, "seconds"
    assert server.wait_query(f"avg:runtime.python.thread_count{{service:{service}}}", seconds=40)
    assert lines.read_text().count("was looked at") == 10


def test_express_under_dd_trace(way, tmp_path):
    server, local = way
    service = f"express-{'direct' if local is server else 'relayed'}"
    port, out = free_port(), tmp_path / "out"
    with open(out, "wb") as sink:
        process = subprocess.Popen(["node", str(HERE / "node/shop.cjs"), str(node_modules()), str(port)], env=environment(local, service), stdout=sink, stderr=sink)
    try:
        wait_up(f"http://127.0.0.1:{port}/orders/1", process, out)
        assert requests.get(f"http://127.0.0.1:{port}/broken", timeout=10).status_code == 500
        root = server.rows("spans", f"service:{service} operation_name:express.request resource_name:*orders*")[0]
        trace = server.get(f"/api/ui/traces/{root['trace_id']}").json()
        assert "SELECT * FROM orders WHERE id = $1" in trace["words"]["resource"]
        error = server.rows("spans", f'service:{service} status:error @error.message:"the till is jammed"')
        assert error and "shop.cjs" in error[0]["attributes"]["error"]["stack"], error
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_log_line_finds_its_trace(tmp_path):
    """The agent tails the application's file; the line bears the ids that the tracer injected."""
    config, lines = tmp_path / "conf", tmp_path / "shop.log"
    (config / "conf.d/shop.d").mkdir(parents=True)
    (config / "conf.d/shop.d/conf.yaml").write_text(
        f"logs:\n  - type: file\n    path: {lines}\n    service: tailed\n    source: python\n    tags: [team:blue]\n")
    server = Oriel(tmp_path, "--agent-config", str(config)).start()
    try:
        follow(server, server, lines, tmp_path, "test-host")
    finally:
        server.stop()


def test_a_relayed_log_line_finds_its_trace(oriel, tmp_path):
    config, lines = tmp_path / "conf", tmp_path / "shop.log"
    (config / "conf.d/shop.d").mkdir(parents=True)
    (config / "conf.d/shop.d/conf.yaml").write_text(
        f"logs:\n  - type: file\n    path: {lines}\n    service: tailed\n    source: python\n    tags: [team:blue]\n")
    agent = Agent(tmp_path, oriel, "--agent-config", str(config)).start()
    try:
        follow(oriel, agent, lines, tmp_path, "relay-host")
    finally:
        agent.stop()


def follow(server, local, lines: pathlib.Path, tmp_path: pathlib.Path, host: str) -> None:
    with Shop(local, "tailed", tmp_path) as shop:
        assert shop.lines == lines and shop.get("/items/2") == 200
        line = server.rows("logs", 'service:tailed "item 2 was looked at"')[0]
        assert (line["host"], line["source"], line["tags"]["team"], line["status"]) == (host, "python", "blue", "info"), line
        assert line["attributes"]["usr"]["id"] == "u-4711"
        span = server.rows("spans", f"service:tailed trace_id:{line['trace_id']} operation_name:flask.request")
        assert len(span) == 1, line
        assert server.rows("logs", "*:u-4711"), "the user's id finds the line"
