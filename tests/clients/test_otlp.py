"""OpenTelemetry's SDKs: Python over gRPC and HTTP, JavaScript over JSON; against the server itself and through an agent."""

import pathlib
import subprocess
import sys

import pytest
from conftest import points
from node_modules import node_modules

HERE = pathlib.Path(__file__).resolve().parent


def total(series: list) -> float:
    return sum(v for _, v in points(series[0])) if series else 0


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_python_sdk(way, protocol):
    server, local = way
    service = f"otel-{protocol}-{'direct' if local is server else 'relayed'}"
    endpoint = f"http://127.0.0.1:{local.otlp_grpc if protocol == 'grpc' else local.otlp_http}"
    done = subprocess.run([sys.executable, str(HERE / "apps/otel_shop.py"), protocol, endpoint, service], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Failed" not in done.stderr, done.stderr

    spans = server.rows("spans", f"service:{service}", least=2)
    root = next(s for s in spans if not s.get("parent_id"))
    assert (root["status"], root["env"], root["version"], root["host"]) == ("error", "test", "2.0", "otel-host"), root
    assert root["attributes"]["error"]["message"] == "the cart fell over" and "otel_shop.py" in root["attributes"]["error"]["stack"]
    child = next(s for s in spans if s.get("parent_id") == root["span_id"])
    assert child["attributes"]["db"]["statement"] == "SELECT * FROM carts WHERE id = $1"
    line = server.rows("logs", f'service:{service} "cart 7 is empty"')[0]
    assert (line["trace_id"], line["span_id"], line["status"]) == (root["trace_id"], root["span_id"], "warn")
    assert len(server.rows("spans", f"service:{service} @user.id:u-4711")) == 1

    scope = f"{{service:{service}}}"
    assert total(server.wait_query(f"sum:shop.orders{scope}.as_count()")) == 3
    assert points(server.wait_query(f"avg:shop.queue{scope}")[0])[-1][1] == 5
    for name in ("shop.explicit", "shop.exponential"):
        assert total(server.wait_query(f"count:{name}{scope}.as_count()")) == 4, name
    assert points(server.query(f"max:shop.exponential{scope}")[0])[-1][1] == pytest.approx(40, rel=0.02)
    assert points(server.query(f"p50:shop.exponential{scope}")[0])[-1][1] == pytest.approx(20, rel=0.02)


def test_javascript_sdk(way):
    server, local = way
    service = f"otel-js-{'direct' if local is server else 'relayed'}"
    endpoint = f"http://127.0.0.1:{local.otlp_http}"
    done = subprocess.run(["node", str(HERE / "node/otel.mjs"), str(node_modules()), endpoint, service], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    spans = server.rows("spans", f"service:{service}", least=2)
    root = next(s for s in spans if not s.get("parent_id"))
    assert root["status"] == "error" and root["attributes"]["error"]["message"] == "the till fell over", root
    assert any(s["attributes"].get("db", {}).get("statement") == "SELECT * FROM tills WHERE id = $1" for s in spans)
    line = server.rows("logs", f'service:{service} "till 7 is open" @till:7')[0]
    assert (line["trace_id"], line["status"]) == (root["trace_id"], "warn")
    assert total(server.wait_query(f"sum:js.orders{{service:{service}}}.as_count()")) == 4
