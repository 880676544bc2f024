"""The pages in Debian's Chromium: the journeys with their counts of clicks, and the acceptance dashboard."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import psycopg
import pytest
import requests
from conftest import API_KEY, APP_KEY, PASSWORD, Oriel, free_port, points

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

from night import RATE, Night  # noqa: E402
from flask_shop import Shop, environment, wait_up  # noqa: E402
from node_modules import node_modules  # noqa: E402
from test_agent import postgres_cluster  # noqa: E402

cluster = pytest.fixture(scope="module", name="cluster")(postgres_cluster)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A server with its agent, as `oriel server` starts it."""
    server = Oriel(tmp_path_factory.mktemp("browser")).start()
    yield server
    server.stop()


def run(server: Oriel, script: str, **extra: str) -> None:
    env = {
        **os.environ, "ORIEL_URL": server.url, "ORIEL_USER": "admin", "ORIEL_PASSWORD": PASSWORD, "ORIEL_API_KEY": API_KEY,
        "ORIEL_APP_KEY": APP_KEY, "ORIEL_AGENT_CONFIG": str(server.data / "agent"), "ORIEL_STATSD": f"127.0.0.1:{server.statsd}", **extra,
    }
    done = subprocess.run(["node", str(HERE / script)], env=env, capture_output=True, text=True, timeout=420)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{server.read_log()[-2000:]}"


def login_link(server: Oriel) -> str:
    return next(word for word in server.read_log().split() if "/login?token=" in word)


def test_journey_1_a_newcomer_sees_the_host(host):
    run(host, "journeys/01-newcomer.mjs", ORIEL_LINK=login_link(host))


def test_journey_2_a_client_turns_the_page_green(host):
    run(host, "journeys/02-client.mjs")


def test_journey_3_a_pasted_dashboard_is_drawn(host):
    run(host, "journeys/03-import.mjs")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A Flask shop under `ddtrace-run` beside a server with its agent: one version, then the next, and a slow report in it."""
    folder = tmp_path_factory.mktemp("shop")
    config = folder / "conf"
    (config / "conf.d/shop.d").mkdir(parents=True)
    (config / "conf.d/shop.d/conf.yaml").write_text(f"logs:\n  - type: file\n    path: {folder / 'shop.log'}\n    service: shop\n    source: python\n")
    server = Oriel(folder, "--agent-config", str(config)).start()
    with Shop(server, "shop", folder) as first:
        for n in range(40):
            first.get(f"/items/{n % 2 + 1}")
            time.sleep(0.3)
    with Shop(server, "shop", folder, DD_VERSION="1.4.3") as second:
        for n in range(40):
            second.get(f"/items/{n % 2 + 1}")
            time.sleep(0.3)
        second.get("/items/1?user=u-0815")
        spike_ms = int(time.time() * 1000)
        for _ in range(3):
            assert second.get("/report/u-0815") == 200
        second.get("/broken")
        assert server.rows("logs", '"the report took long"', least=3) and server.rows("spans", "service:shop @usr.id:u-0815", least=3)
        assert server.wait_query("p95:trace.flask.request{service:shop,version:1.4.3}", seconds=60)
        yield server, spike_ms
    server.stop()


def test_journey_4_before_and_after_a_deployment(shop):
    run(shop[0], "journeys/04-deployment.mjs")


def test_journey_5_from_a_spike_to_the_sql(shop):
    run(shop[0], "journeys/05-spike.mjs", ORIEL_SPIKE_MS=str(shop[1]))


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    server = Oriel(tmp_path_factory.mktemp("night"), "--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(RATE)}).start()
    story = Night(server)
    story.quiet_hour()
    yield story
    story.stop()
    server.stop()


def test_journey_3_a_pasted_monitor_is_drawn(night):
    run(night.server, "journeys/03b-monitor.mjs")


def test_journey_6_a_mail_at_night(night, tmp_path):
    monitor = night.monitor()
    mail = night.trouble()
    page = tmp_path / "mail.html"
    page.write_text(mail.get_body(("html",)).get_content())
    run(night.server, "journeys/06-night.mjs", ORIEL_MAIL=str(page), ORIEL_MONITOR=str(monitor["id"]))


def test_the_pages_about_watching(night):
    """After the journey at night: there is a monitor that fired, and a mail was sent."""
    monitors = night.server.get("/api/v1/monitor").json()
    monitor = next((m for m in monitors if m["name"] == "checkout is slow"), None) or night.monitor()
    if not night.box.messages:
        night.trouble()
    run(night.server, "watching.mjs", ORIEL_MONITOR=str(monitor["id"]))
    run(night.server, "options.mjs", ORIEL_MONITOR=str(monitor["id"]))


def test_the_pages_about_watching_are_for_everybody(night):
    """Names, contrast, order of headings, and room for everything, on a laptop and on a phone."""
    long = "the checkout answers slowly " * 7
    fired = next((m for m in night.server.get("/api/v1/monitor").json() if m["name"] == "checkout is slow"), None) or night.monitor()
    if not night.box.messages:
        night.trouble()
    monitor = night.monitor(name=long, tags=["team:" + "x" * 120, "env:prod"])
    targets = [{"timeframe": "7d", "target": 99}]
    ratio = {"numerator": "count:checkout.latency{*}.as_count()", "denominator": "count:checkout.latency{*}.as_count()"}
    slo = night.server.post("/api/v1/slo", json={"name": long, "type": "metric", "query": ratio, "thresholds": targets}).json()["data"][0]["id"]
    for view in ("laptop:dark", "phone:light"):
        run(night.server, "access.mjs", ORIEL_MONITOR=str(monitor["id"]), ORIEL_FIRED=str(fired["id"]), ORIEL_SLO=slo, ORIEL_VIEWS=view)


def test_journey_7_a_customers_id(shop):
    run(shop[0], "journeys/07-customer.mjs")


def test_journey_8_a_new_question(shop):
    run(shop[0], "journeys/08-question.mjs")


def test_what_real_clients_sent_is_seen(oriel, tmp_path):
    """A Flask shop, an Express one, OpenTelemetry in Python and JavaScript, and `logger`."""
    clients = HERE.parent / "clients"
    with Shop(oriel, "flask", tmp_path) as shop:
        assert (shop.get("/items/1"), shop.get("/broken")) == (200, 500)
        port, out = free_port(), tmp_path / "express.out"
        with open(out, "wb") as sink:
            express = subprocess.Popen(["node", str(clients / "node/shop.cjs"), str(node_modules()), str(port)], env=environment(oriel, "express"), stdout=sink, stderr=sink)
        try:
            wait_up(f"http://127.0.0.1:{port}/orders/1", express, out)
            assert requests.get(f"http://127.0.0.1:{port}/broken", timeout=10).status_code == 500
            python = [sys.executable, str(clients / "apps/otel_shop.py"), "grpc", f"http://127.0.0.1:{oriel.otlp_grpc}", "otel-python"]
            script = ["node", str(clients / "node/otel.mjs"), str(node_modules()), f"http://127.0.0.1:{oriel.otlp_http}", "otel-js"]
            line = ["logger", "--udp", "--rfc5424", "--server", "127.0.0.1", "--port", str(oriel.syslog), "--tag", "disk-watch", "the disk is full"]
            for command in (python, script, line):
                subprocess.run(command, check=True, timeout=60)
            for service in ("flask", "express", "otel-python", "otel-js"):
                assert oriel.rows("spans", f"service:{service} status:error"), service
            assert oriel.rows("logs", "service:disk-watch")
        finally:
            express.terminate()
            express.wait(timeout=20)
    seen = [
        {"service": "flask", "sql": {"find": "operation_name:sqlite.query", "text": "SELECT name, price FROM items WHERE id = ?"}, "stack": 'raise ValueError("no such shelf")'},
        {"service": "express", "sql": {"find": "service:express* resource_name:*orders\\ WHERE*", "text": "SELECT * FROM orders WHERE id ="}, "stack": "shop.cjs"},
        {"service": "otel-python", "stack": "otel_shop.py", "line": {"text": "cart 7 is empty", "trace": True}},
        {"service": "otel-js", "stack": "otel.mjs", "line": {"text": "till 7 is open", "trace": True}},
        {"service": "disk-watch", "line": {"text": "the disk is full"}},
    ]
    run(oriel, "seen.mjs", ORIEL_SEEN=json.dumps(seen))


def test_a_trace_of_50000_spans_opens_and_scrolls(oriel):
    run(oriel, "large-trace.mjs", ORIEL_APM=f"http://127.0.0.1:{oriel.apm}", ORIEL_NO_BARS="1")


def test_journey_11_the_author_of_a_check_finds_the_slip(host):
    shutil.copy(HERE.parent / "acceptance/my_metric.py", host.data / "agent/checks.d/my_metric.py")
    run(host, "journeys/11-check-author.mjs")


def test_the_acceptance_dashboard_is_drawn(oriel):
    run(oriel, "acceptance.mjs")


@pytest.mark.waits
def test_the_acceptance_dashboard_is_live(make_oriel, cluster, tmp_path):
    """The agent's own data: the custom check at its 45 s, and a real PostgreSQL while tables are added and dropped."""
    port, dsn, _ = cluster
    config = tmp_path / "agent"
    (config / "conf.d/postgres.d").mkdir(parents=True)
    (config / "checks.d").mkdir()
    shutil.copy(HERE.parent / "acceptance/my_metric.py", config / "checks.d/my_metric.py")
    shutil.copy(HERE.parent / "acceptance/my_metric.yaml", config / "conf.d/my_metric.yaml")
    (config / "conf.d/postgres.d/conf.yaml").write_text(
        f"init_config:\ninstances:\n  - host: 127.0.0.1\n    port: {port}\n    username: oriel\n    password: watch\n    dbname: postgres\n")
    server = make_oriel("--agent-config", str(config), "--hostname", "web-1")
    enough = lambda s: s and len(points(s[0])) >= 13  # noqa: E731
    until = time.monotonic() + 420
    with psycopg.connect(dsn, autocommit=True) as connection:
        for n in range(10_000):
            connection.execute(f"CREATE TABLE IF NOT EXISTS live{n % 40} (a int)")
            connection.execute(f"DROP TABLE IF EXISTS live{(n * 7) % 40}")
            time.sleep(2)
            if enough(server.query("sum:postgresql.table_count{*}")) and server.query("my_metric{host:web-1}"):
                break
            assert time.monotonic() < until, server.read_log()[-3000:]
    run(server, "acceptance.mjs", ORIEL_LIVE="1")
