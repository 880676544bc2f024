"""The agent in the server's process: the host itself, custom Python checks, PostgreSQL; and the agent alone."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

import psycopg
import pytest
from conftest import API_KEY, Oriel, free_port, oriel_binary, points

ACCEPTANCE = pathlib.Path(__file__).resolve().parent.parent / "acceptance"


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A server with its agent, configured before its start as a person would."""
    server = Oriel(tmp_path_factory.mktemp("host"))
    config = server.data / "agent"
    (config / "conf.d").mkdir(parents=True)
    (config / "checks.d").mkdir()
    shutil.copy(ACCEPTANCE / "my_metric.py", config / "checks.d/my_metric.py")
    shutil.copy(ACCEPTANCE / "my_metric.yaml", config / "conf.d/my_metric.yaml")
    server.start()
    yield server
    server.stop()


def postgres_cluster():
    """A private cluster of Debian's PostgreSQL: (port, superuser's dsn, control)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-pg-"))
    binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    secret = folder / "password"
    secret.write_text("super\n")
    if as_user:
        account = pwd.getpwnam("postgres")
        for path in (folder, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    port = free_port()
    data = folder / "data"
    subprocess.run([*as_user, str(binaries / "initdb"), "-D", str(data), "-A", "scram-sha-256", "-U", "postgres",
                    f"--pwfile={secret}"], check=True, capture_output=True, cwd=folder)

    def control(action: str) -> None:
        subprocess.run([*as_user, str(binaries / "pg_ctl"), "-D", str(data), "-w", "-m", "fast", "-l", str(folder / "log"),
                        "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1", action], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    control("start")
    dsn = f"host=127.0.0.1 port={port} user=postgres password=super dbname=postgres"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE oriel LOGIN PASSWORD 'watch'")
        connection.execute("GRANT pg_monitor TO oriel")
    yield port, dsn, control
    control("stop")
    shutil.rmtree(folder, ignore_errors=True)


postgres = pytest.fixture(scope="module", name="postgres")(postgres_cluster)


def host_page(server) -> dict:
    return server.get("/api/ui/hosts/test-host").json()


def check_named(server, name: str) -> dict | None:
    return next((c for c in host_page(server).get("agent_checks", []) if c["name"] == name), None)


def wait_check(server, name: str, until, seconds: float = 120) -> dict:
    stop = time.monotonic() + seconds
    while True:
        found = check_named(server, name)
        if found and until(found):
            return found
        if time.monotonic() > stop:
            raise AssertionError(f"{name}: {json.dumps(found)}\n{server.read_log()[-3000:]}")
        time.sleep(0.5)


def test_the_hosts_own_charts_within_a_minute(host):
    for metric in ("system.cpu.user", "system.load.1", "system.mem.total", "system.disk.used", "system.uptime", "system.net.bytes_rcvd"):
        assert host.wait_query(f"avg:{metric}{{host:test-host}}", seconds=60), metric
    with open("/proc/meminfo") as f:
        total_mib = int(f.readline().split()[1]) / 1024
    assert points(host.query("avg:system.mem.total{host:test-host}")[0])[-1][1] == pytest.approx(total_mib, rel=0.01)


@pytest.mark.waits
def test_a_custom_check_runs_unmodified_at_its_interval(host):
    wait_check(host, "my_metric", lambda c: c["runs"] >= 1, seconds=180)
    found = host.wait_query("avg:my_metric{host:test-host}", seconds=30)
    assert 0 <= points(found[0])[-1][1] <= 1000
    check = wait_check(host, "my_metric", lambda c: c["runs"] >= 3, seconds=150)
    assert (check["interval_s"], check["status"]) == (45, "ok")
    stamps = [t for t, _ in points(host.query("avg:my_metric{*}.rollup(avg, 5).fill(null)")[0])]
    gaps = [(b - a) / 1000 for a, b in zip(stamps, stamps[1:])]
    assert gaps and all(40 <= gap <= 50 for gap in gaps), gaps


def test_a_broken_check_disturbs_nothing_and_turns_green_after_the_edit(host):
    checks, conf = host.data / "agent/checks.d", host.data / "agent/conf.d"
    shutil.copy(ACCEPTANCE / "broken_import.py", checks / "broken_import.py")
    (conf / "broken_import.yaml").write_text("init_config:\ninstances:\n  - min_collection_interval: 5\n")
    broken = wait_check(host, "broken_import", lambda c: c["status"] == "error")
    assert broken["file"].endswith("broken_import.py") and broken["line"] == 2
    assert "from datadog_checks.base import AgentCheck" in broken["hint"]
    text = subprocess.run([oriel_binary(), "agent", "status", "--data", str(host.data)], capture_output=True, text=True, check=True).stdout
    assert "broken_import" in text and "broken_import.py" in text and "line 2" in text.replace(":2", " line 2")
    before = wait_check(host, "my_metric", lambda c: c["runs"] >= 1)["runs"]
    fixed = (checks / "broken_import.py").read_text().replace("import datadog_checks.base import", "from datadog_checks.base import")
    (checks / "broken_import.py").write_text(fixed)
    wait_check(host, "broken_import", lambda c: c["status"] == "ok")
    assert host.wait_query("avg:never{host:test-host}")
    assert check_named(host, "my_metric")["status"] == "ok" and check_named(host, "my_metric")["runs"] >= before


def test_postgres(host, postgres):
    port, dsn, control = postgres
    folder = host.data / "agent/conf.d/postgres.d"
    folder.mkdir()
    config = "init_config:\ninstances:\n  - host: 127.0.0.1\n    port: {}\n    username: oriel\n    password: {}\n    dbname: postgres\n    min_collection_interval: 5\n    tags: [role:test]\n"
    (folder / "conf.yaml").write_text(config.format(port, "wrong"))
    refused = wait_check(host, "postgres", lambda c: c["status"] == "error")
    assert "password" in refused["message"]
    (folder / "conf.yaml").write_text(config.format(port, "watch"))
    wait_check(host, "postgres", lambda c: c["status"] == "ok")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for n in range(7):
            connection.execute(f"CREATE TABLE t{n} (a int primary key)")
    seven = lambda s: s and points(s[0]) and points(s[0])[-1][1] == 7  # noqa: E731
    assert seven(host.wait_query("sum:postgresql.table.count{role:test}.rollup(max, 5)", seconds=40, until=seven))
    assert seven(host.wait_query("sum:postgresql.table_count{role:test}.rollup(max, 5)", until=seven))
    for metric in ("postgresql.connections", "postgresql.commits", "postgresql.buffer_hit", "postgresql.database_size", "postgresql.max_connections"):
        assert host.wait_query(f"avg:{metric}{{role:test}}"), metric
    control("stop")
    wait_check(host, "postgres", lambda c: c["status"] == "error")
    control("start")
    wait_check(host, "postgres", lambda c: c["status"] == "ok")


def test_an_agent_alone_buffers_while_the_server_is_away(make_oriel, tmp_path):
    server = make_oriel("--no-agent")
    statsd = free_port()
    command = [oriel_binary(), "agent", "--server", server.url, "--api-key", API_KEY, "--data", str(tmp_path / "agent"),
               "--hostname", "edge-1", "--statsd", f"127.0.0.1:{statsd}"]
    agent = subprocess.Popen(command, stdout=open(tmp_path / "log", "wb"), stderr=subprocess.STDOUT)
    try:
        assert server.wait_query("avg:system.load.1{host:edge-1}", seconds=60), (tmp_path / "log").read_text()
        server.stop(kill=True)
        from datadog.dogstatsd import DogStatsd

        client = DogStatsd(host="127.0.0.1", port=statsd, disable_telemetry=True)
        client.increment("edge.count", 5)
        client.flush()
        time.sleep(15)
        agent.kill()
        agent.wait()
        agent = subprocess.Popen(command, stdout=open(tmp_path / "log2", "wb"), stderr=subprocess.STDOUT)
        server.start()
        five = lambda s: s and sum(v for _, v in points(s[0])) == 5  # noqa: E731
        assert five(server.wait_query("sum:edge.count{host:edge-1}.as_count()", seconds=60, until=five))
    finally:
        agent.terminate()
        agent.wait(timeout=30)
