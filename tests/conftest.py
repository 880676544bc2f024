"""Fixtures of every Python test: the real binary on free ports with a data folder of its own, ended by its process id."""

import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
API_KEY = "0123456789abcdef0123456789abcdef"
APP_KEY = "0123456789abcdef0123456789abcdef01234567"
PASSWORD = "correct horse battery"


def oriel_binary() -> str:
    """The binary under test: ORIEL_BIN, else what the build left."""
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    for path in (os.environ.get("ORIEL_BIN"), f"{target}/debug/oriel", f"{target}/release/oriel"):
        if path and os.path.exists(path):
            return path
    raise RuntimeError("no oriel binary; run `cargo build -p oriel` first or set ORIEL_BIN")


def free_port() -> int:
    """A port that nobody listens on, by TCP or UDP, from below those that outgoing connections are given meanwhile."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as s:
                    s.bind(("127.0.0.1", port))
            return port
        except OSError:
            continue


def local_listeners(process) -> list[str]:
    """Flags of the loopback listeners that server and agent share."""
    return [
        "--apm", f"127.0.0.1:{process.apm}", "--otlp-grpc", f"127.0.0.1:{process.otlp_grpc}",
        "--otlp-http", f"127.0.0.1:{process.otlp_http}", "--syslog", f"127.0.0.1:{process.syslog}",
    ]


def pytest_configure(config):
    config.addinivalue_line("markers", "waits: the test mostly waits for time to pass; dev/test runs these beside the others")


class Oriel:
    """One running server. `restart(kill=True)` is kill -9 and a new start on the same data."""

    def __init__(self, folder: pathlib.Path, *flags: str, env: dict | None = None):
        self.folder = folder
        self.data = folder / "data"
        self.http = free_port()
        self.statsd = free_port()
        self.socket = folder / "dsd.socket"
        self.stream = folder / "dsd.stream"
        self.apm, self.otlp_grpc, self.otlp_http = free_port(), free_port(), free_port()
        self.syslog = free_port()
        # A server with --tls-cert is `https`, and `verify` names its certificate.
        self.scheme, self.verify = "http", True
        self.flags = flags
        self.extra_env = env or {}
        self.log = open(folder / "oriel.log", "ab")
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.http}"

    @property
    def headers(self) -> dict:
        return {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}

    def start(self) -> "Oriel":
        env = dict(os.environ, ORIEL_API_KEY=API_KEY, ORIEL_APP_KEY=APP_KEY, ORIEL_ADMIN_PASSWORD=PASSWORD, **self.extra_env)
        command = [
            oriel_binary(), "server", "--data", str(self.data), "--http", f"127.0.0.1:{self.http}",
            "--statsd", f"127.0.0.1:{self.statsd}", "--statsd-socket", str(self.socket),
            "--statsd-stream-socket", str(self.stream), *local_listeners(self), *self.flags,
        ]
        if "--hostname" not in self.flags:
            command += ["--hostname", "test-host"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=env)
        self.wait_ready()
        return self

    def wait_ready(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"oriel ended with {self.process.returncode}:\n{self.read_log()[-4000:]}")
            try:
                if requests.get(self.url + "/health", timeout=2, verify=self.verify).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"oriel is not ready after {seconds} s:\n{self.read_log()[-4000:]}")

    def read_log(self) -> str:
        self.log.flush()
        return (self.folder / "oriel.log").read_text(errors="replace")

    def stop(self, kill: bool = False) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("oriel did not leave within 30 s of SIGTERM")

    def restart(self, kill: bool = False) -> None:
        self.stop(kill)
        self.start()

    def get(self, path: str, **params) -> requests.Response:
        return requests.get(self.url + path, params=params, headers=self.headers, timeout=30, verify=self.verify)

    def post(self, path: str, **kw) -> requests.Response:
        headers = {**self.headers, **kw.pop("headers", {})}
        return requests.post(self.url + path, headers=headers, timeout=60, verify=self.verify, **kw)

    def put(self, path: str, **kw) -> requests.Response:
        return requests.put(self.url + path, headers=self.headers, timeout=60, verify=self.verify, **kw)

    def delete(self, path: str, **kw) -> requests.Response:
        return requests.delete(self.url + path, headers=self.headers, timeout=60, verify=self.verify, **kw)

    def query(self, text: str, start: float | None = None, end: float | None = None) -> list:
        """`series` of /api/v1/query."""
        end = int(end or time.time() + 60)
        answer = self.get("/api/v1/query", query=text, **{"from": int(start or end - 3600), "to": end})
        assert answer.status_code == 200, answer.text
        return answer.json()["series"]

    def wait_query(self, text: str, seconds: float = 30, start=None, end=None, until=lambda series: bool(series)) -> list:
        """Asks until the answer satisfies `until`."""
        stop = time.monotonic() + seconds
        while True:
            series = self.query(text, start, end)
            if until(series) or time.monotonic() > stop:
                return series
            time.sleep(0.25)


    def rows(self, signal: str, query: str, seconds: float = 30, least: int = 1, minutes: int = 60, **more) -> list[dict]:
        """Rows of the pages' search once there are `least`, newest first."""
        until = time.monotonic() + seconds
        while True:
            now = int(time.time() * 1000)
            body = {"signal": signal, "query": query, "from_ms": now - minutes * 60_000, "to_ms": now + 60_000, "limit": 1000, **more}
            answer = self.post("/api/ui/rows/search", json=body)
            assert answer.status_code == 200 and "error" not in answer.json(), answer.text
            rows = answer.json()["rows"]
            if len(rows) >= least or time.monotonic() > until:
                return rows
            time.sleep(0.25)


class Agent:
    """`oriel agent` alone, on another host name, forwarding to a server."""

    def __init__(self, folder: pathlib.Path, server: Oriel, *flags: str):
        self.folder, self.server, self.flags = folder, server, flags
        self.data = folder / "agent"
        self.statsd = free_port()
        self.apm, self.otlp_grpc, self.otlp_http = free_port(), free_port(), free_port()
        self.syslog = free_port()
        self.log = open(folder / "agent.log", "ab")
        self.process: subprocess.Popen | None = None

    def start(self) -> "Agent":
        command = [
            oriel_binary(), "agent", "--server", self.server.url, "--api-key", API_KEY, "--data", str(self.data),
            "--hostname", "relay-host", "--statsd", f"127.0.0.1:{self.statsd}", *local_listeners(self), *self.flags,
        ]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the agent ended:\n{self.read_log()[-4000:]}")
            try:
                if requests.get(f"http://127.0.0.1:{self.apm}/info", timeout=2).status_code == 200:
                    return self
            except requests.RequestException:
                time.sleep(0.05)
        raise RuntimeError(f"the agent is not ready:\n{self.read_log()[-4000:]}")

    def read_log(self) -> str:
        return (self.folder / "agent.log").read_text(errors="replace")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


def points(series: dict) -> list:
    """The points of a v1 series that have a value."""
    return [(t, v) for t, v in series["pointlist"] if v is not None]


@pytest.fixture
def make_oriel():
    """Starts servers and ends them with the test."""
    running, folders = [], []

    def make(*flags: str, env: dict | None = None) -> Oriel:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-test-"))
        folders.append(folder)
        server = Oriel(folder, *flags, env=env)
        running.append(server)
        return server.start()

    yield make
    for server in running:
        server.stop(kill=True)
        if server.process and os.environ.get("ORIEL_TEST_LOGS"):
            sys.stderr.write(server.read_log())
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def oriel(tmp_path_factory):
    """One server for a module, without the agent."""
    server = Oriel(tmp_path_factory.mktemp("oriel"), "--no-agent").start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["direct", "relayed"])
def way(request, tmp_path_factory):
    """A server and the process that applications talk to: the server itself, or an agent that relays. Yields (server, local)."""
    folder = tmp_path_factory.mktemp("way")
    server = Oriel(folder, "--no-agent").start()
    local = server if request.param == "direct" else Agent(folder, server).start()
    yield server, local
    if local is not server:
        local.stop()
    server.stop()
