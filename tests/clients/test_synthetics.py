"""Synthetic tests: the server's own agent and a lone one run them against real servers, TLS among them; results are listed, the
monitor of a test alerts."""

import datetime
import gzip
import http.server
import ssl
import subprocess
import threading
import time

import pytest
import requests
import trustme
from conftest import Agent


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = self.server.answer
        if self.path == "/around":
            self.send_response(302)
            self.send_header("location", "/around")
            self.end_headers()
            return
        if self.path == "/slow":
            time.sleep(3)
        if self.path == "/gzip":
            body = gzip.compress(body)
        if self.path == "/big":
            body = b"x" * (3 << 20)
        self.send_response(status)
        if self.path == "/gzip":
            self.send_header("content-encoding", "gzip")
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def page():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.answer = (200, b"hello")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def secure(tmp_path):
    """Servers with certificates of an authority of our own; yields the authority's file and a function that starts one."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    running = []

    def start(days: float):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        server.answer = (200, b"hello")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", not_after=until).configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server.server_address[1]

    yield tmp_path / "ca.pem", start
    for server in running:
        server.shutdown()


def make(oriel, subtype, request, assertions=(), locations=(), **options):
    body = {
        "name": f"{subtype} test", "type": "api", "subtype": subtype, "message": "down @oncall@example.com", "tags": ["team:web"],
        "locations": list(locations), "config": {"request": request, "assertions": list(assertions)},
        "options": {"tick_every": 5, **options},
    }
    answer = oriel.post("/api/v1/synthetics/tests/api", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(oriel, test, seconds=30, until=lambda runs: bool(runs)):
    stop = time.monotonic() + seconds
    while True:
        answer = oriel.get(f"/api/ui/synthetics/{test['public_id']}/results")
        assert answer.status_code == 200, answer.text
        runs = answer.json()["results"]
        if until(runs) or time.monotonic() > stop:
            return runs
        time.sleep(0.25)


def test_a_page_is_tried_and_its_failure_is_told(make_oriel, page):
    oriel = make_oriel()
    url = f"http://127.0.0.1:{page.server_address[1]}/"
    wanted = [{"type": "statusCode", "operator": "is", "target": 200}, {"type": "body", "operator": "contains", "target": "hello"}]
    test = make(oriel, "http", {"method": "GET", "url": url}, wanted)
    monitor = oriel.get(f"/api/v1/monitor/{test['monitor_id']}").json()
    assert monitor["type"] == "synthetics alert" and monitor["options"]["synthetics_check_id"] == test["public_id"]
    run = results(oriel, test)[0]
    assert run["passed"] and run["location"] == "test-host" and 0 <= run["took_ms"] < 5_000 and run["error"] is None
    page.answer = (500, b"oops")
    failed = results(oriel, test, until=lambda runs: not runs[0]["passed"])[0]
    assert failed["error"] == "statusCode is 500; expected is 200"
    listed = oriel.get("/api/ui/synthetics").json()["tests"][0]
    assert listed["last"]["passed"] is False and 0 < listed["uptime_24h"] < 100 and listed["target"] == f"GET {url}"
    assert oriel.wait_query(f"avg:synthetics.response_time{{test_id:{test['public_id']}}}")
    answer = oriel.get(f"/api/v1/synthetics/tests/{test['public_id']}/results").json()["results"]
    assert {r["result"]["passed"] for r in answer} == {True, False}
    assert oriel.put(f"/api/v1/synthetics/tests/{test['public_id']}/status", json={"new_status": "paused"}).status_code == 200
    time.sleep(4)
    before = len(results(oriel, test))
    time.sleep(6)
    assert len(results(oriel, test)) == before, "a paused test rests"
    assert oriel.post("/api/v1/synthetics/tests/delete", json={"public_ids": [test["public_id"]]}).status_code == 200
    assert oriel.get(f"/api/v1/monitor/{test['monitor_id']}").status_code == 404


def test_certificates_are_read_and_judged(make_oriel, secure):
    bundle, start = secure
    oriel = make_oriel(env={"SSL_CERT_FILE": str(bundle)})
    fine, soon, expired = start(90.5), start(5.5), start(-1)
    ten = [{"type": "certificate", "operator": "isInMoreThan", "target": 10}]
    tests = {name: make(oriel, "ssl", {"host": "localhost", "port": port}, ten) for name, port in [("fine", fine), ("soon", soon), ("expired", expired)]}
    assert results(oriel, tests["fine"])[0]["passed"]
    assert results(oriel, tests["soon"])[0]["error"] == "the certificate ends in 5.5 days; expected isInMoreThan 10 days"
    assert "expired 1.0 days ago" in results(oriel, tests["expired"])[0]["error"]
    stranger = make_oriel()
    untrusted = make(stranger, "ssl", {"host": "localhost", "port": fine}, ten)
    accepted = make(stranger, "ssl", {"host": "localhost", "port": fine}, ten, accept_self_signed=True)
    assert "the certificate is not valid" in results(stranger, untrusted)[0]["error"]
    assert results(stranger, accepted)[0]["passed"]
    days = stranger.wait_query("avg:synthetics.tls.days_left{*}")
    assert days[0]["pointlist"][-1][1] == pytest.approx(90.5, abs=0.1)


def test_what_certificates_say_is_asserted_and_a_wrong_name_is_told(make_oriel, secure):
    bundle, start = secure
    oriel = make_oriel(env={"SSL_CERT_FILE": str(bundle)})
    port, expired = start(90), start(-1)
    at = {"host": "localhost", "port": port}
    says = [
        {"type": "property", "property": "subject.altName", "operator": "is", "target": "DNS:localhost"},
        {"type": "property", "property": "issuer.O", "operator": "matches", "target": "^trustme v"},
        {"type": "property", "property": "serialNumber", "operator": "isNot", "target": "00"},
        {"type": "minTlsVersion", "target": "1.2"},
        {"type": "connection", "operator": "is", "target": "established"},
    ]
    fine = make(oriel, "ssl", at, says)
    other = make(oriel, "ssl", at, [{"type": "property", "property": "issuer.O", "operator": "is", "target": "ACME"}])
    named = make(oriel, "ssl", {**at, "servername": "shop.example"}, [])
    anything = make(oriel, "ssl", {**at, "port": expired, "servername": "shop.example"}, [], ignore_certificate_validation=True)
    page = make(oriel, "http", {"url": f"https://localhost:{expired}/"}, [])
    insecure = make(oriel, "http", {"url": f"https://localhost:{expired}/"}, [], allow_insecure=True)
    assert results(oriel, fine)[0]["error"] is None
    assert results(oriel, other)[0]["error"].startswith("issuer.O is trustme v")
    assert "not valid for name" in results(oriel, named)[0]["error"]
    assert results(oriel, anything)[0]["error"] is None
    assert "expired" in results(oriel, page)[0]["error"].lower()
    assert results(oriel, insecure)[0]["error"] is None


def test_pages_of_every_kind(make_oriel, page):
    oriel = make_oriel()
    page.answer = (200, b'{"data": [{"id": 7, "state": "up"}]}')
    url = f"http://127.0.0.1:{page.server_address[1]}"
    value = lambda path, target: {"type": "body", "operator": "validatesJSONPath", "target": {"jsonPath": path, "operator": "is", "targetValue": target}}
    tests = {
        "/gzip": [value("$.data[0].id", 7), value("$.data[*].state", "up")],
        "/": [value("$.data[0].state", "down")],
        "/around": [], "/slow": [], "/big": [{"type": "body", "operator": "contains", "target": "xxx"}],
    }
    made = {path: make(oriel, "http", {"url": url + path, "timeout": 1}, asserted) for path, asserted in tests.items()}
    errors = {path: results(oriel, test)[0]["error"] for path, test in made.items()}
    assert errors["/gzip"] is None and errors["/big"] is None
    assert errors["/"] == "$.data[0].state is up; expected is down"
    assert errors["/slow"] == "no answer within 1 s"
    assert "redirects" in errors["/around"]
    codes = {path: oriel.get(f"/api/v1/synthetics/tests/{test['public_id']}/results").json()["results"][0]["result"].get("failure", {}).get("code")
             for path, test in made.items()}
    assert codes == {"/gzip": None, "/big": None, "/": "INCORRECT_ASSERTION", "/slow": "TIMEOUT", "/around": "TOO_MANY_REDIRECTS"}


def test_a_test_runs_on_demand_and_is_changed_piece_by_piece(make_oriel, page):
    oriel = make_oriel()
    test = make(oriel, "http", {"url": f"http://127.0.0.1:{page.server_address[1]}/"}, tick_every=86_400)
    id = test["public_id"]
    assert len(results(oriel, test)) == 1
    answer = oriel.post("/api/v1/synthetics/tests/trigger", json={"tests": [{"public_id": id}]})
    assert answer.status_code == 200 and answer.json()["triggered_check_ids"] == [id]
    assert len(results(oriel, test, until=lambda runs: len(runs) == 2)) == 2
    change = {"data": [{"op": "replace", "path": "/name", "value": "front"}, {"op": "add", "path": "/tags/-", "value": "a:b"}]}
    changed = requests.patch(oriel.url + f"/api/v1/synthetics/tests/{id}", headers=oriel.headers, json=change)
    assert changed.status_code == 200 and changed.json()["name"] == "front" and changed.json()["tags"] == ["team:web", "a:b"]
    assert oriel.get(f"/api/v1/monitor/{test['monitor_id']}").json()["name"] == "[Synthetics] front"
    wrong = requests.patch(oriel.url + f"/api/v1/synthetics/tests/{id}", headers=oriel.headers, json={"data": [{"op": "remove", "path": "/nothing"}]})
    assert wrong.status_code == 400 and wrong.json()["errors"][0].startswith("/nothing is not there")
    assert oriel.put(f"/api/v1/synthetics/tests/{id}/status", json={"new_status": "paused"}).status_code == 200
    paused = oriel.post("/api/v1/synthetics/tests/trigger", json={"tests": [{"public_id": id}]})
    assert paused.status_code == 400 and "is paused" in paused.json()["errors"][0]


def test_a_lone_agent_runs_what_names_its_host(oriel, tmp_path, page):
    port = page.server_address[1]
    here = make(oriel, "tcp", {"host": "127.0.0.1", "port": port}, locations=["relay-host"])
    elsewhere = make(oriel, "tcp", {"host": "127.0.0.1", "port": port}, locations=["other-host"])
    agent = Agent(tmp_path, oriel).start()
    try:
        assert results(oriel, here)[0]["location"] == "relay-host"
        assert not results(oriel, elsewhere, seconds=1)
    finally:
        agent.stop()


def test_what_nobody_here_can_try_is_refused_by_name(oriel):
    body = {"name": "x", "type": "api", "subtype": "grpc", "config": {"request": {"host": "x", "port": 1}}, "options": {}}
    answer = oriel.post("/api/v1/synthetics/tests/api", json=body)
    assert answer.status_code == 400 and answer.json()["errors"] == ['subtype "grpc" is not supported; http, tcp and ssl are']
    assert oriel.post("/api/v1/synthetics/tests/browser", json={}).status_code == 400


def test_a_test_that_fails_alerts_and_so_does_a_process_that_is_gone(make_oriel, page):
    """The clock runs 20 times as fast, and the agent's tests with it."""
    oriel = make_oriel(env={"ORIEL_TEST_CLOCK_RATE": "20"})
    page.answer = (503, b"")
    url = f"http://127.0.0.1:{page.server_address[1]}/"
    test = make(oriel, "http", {"method": "GET", "url": url}, [{"type": "statusCode", "operator": "is", "target": 200}], tick_every=60)
    processes = {"type": "process alert", "name": "oriel runs", "message": "x", "options": {"thresholds": {"critical": 1}},
                 "query": 'processes("oriel").over("*").rollup("count").last("5m") < 1'}
    running = oriel.post("/api/v1/monitor", json=processes)
    assert running.status_code == 200, running.text
    gone = {**processes, "name": "gone", "query": 'processes("no-such-process").over("*").rollup("count").last("5m") < 1'}
    gone = oriel.post("/api/v1/monitor", json=gone).json()["id"]
    state = lambda id: oriel.get(f"/api/v1/monitor/{id}").json()["overall_state"]

    def wait(id, wanted, seconds=120):
        until = time.monotonic() + seconds
        while state(id) != wanted and time.monotonic() < until:
            time.sleep(0.2)
        assert state(id) == wanted

    wait(test["monitor_id"], "Alert")
    page.answer = (200, b"hello")
    wait(test["monitor_id"], "OK")
    wait(running.json()["id"], "OK")
    assert state(gone) != "OK"


@pytest.mark.waits
@pytest.mark.timeout(240)
def test_a_process_that_dies_is_told_and_so_is_its_return(make_oriel):
    """A real process and the agent that counts it each 15 real seconds; the clock of monitors runs 20 times as fast."""
    oriel = make_oriel(env={"ORIEL_TEST_CLOCK_RATE": "20"})
    start = lambda: subprocess.Popen(["bash", "-c", "exec -a oriel-test-worker sleep 100000"])
    worker = start()
    try:
        body = {"type": "process alert", "name": "the worker runs", "message": "x", "options": {"thresholds": {"critical": 1}},
                "query": "processes('oriel-test-worker').over('host:test-host').rollup('count').last('5m') < 1"}
        id = oriel.post("/api/v1/monitor", json=body).json()["id"]

        def wait(wanted, seconds=90):
            until = time.monotonic() + seconds
            while (state := oriel.get(f"/api/v1/monitor/{id}").json()["overall_state"]) != wanted and time.monotonic() < until:
                time.sleep(0.2)
            assert state == wanted

        # It is counted once it is 15 s old.
        wait("OK")
        worker.kill()
        worker.wait()
        wait("Alert")
        worker = start()
        wait("OK")
    finally:
        worker.kill()
        worker.wait()
