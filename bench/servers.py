"""The two servers under test, started on free ports with a folder of their own and ended by process id."""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.parse

API_KEY = "0123456789abcdef0123456789abcdef"
APP_KEY = "0123456789abcdef0123456789abcdef01234567"
TICKS = os.sysconf("SC_CLK_TCK")


def free_port(kind=socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A process with one kept-alive connection."""

    headers: dict = {}

    def __init__(self, folder: pathlib.Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.log = open(folder / "log", "ab")
        self.process = None

    def command(self) -> tuple[list[str], dict]:
        raise NotImplementedError

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> float:
        """Seconds from exec to the first healthy answer."""
        command, env = self.command()
        begin = time.perf_counter()
        self.process = subprocess.Popen(command, env={**os.environ, **env}, stdout=self.log, stderr=self.log)
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
                if self.request("GET", "/health")[0] == 200:
                    self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return time.perf_counter() - begin
            except OSError:
                time.sleep(0.005)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> tuple[int, bytes]:
        """One request; a connection that idled while the other server worked may have been closed meanwhile."""
        for last in (False, True):
            try:
                self.connection.request(method, path, body, {**self.headers, **(headers or {})})
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection.close()
                if last:
                    raise
        raise AssertionError("the second try answers or raises")

    def post_text(self, body: bytes) -> None:
        for _ in range(200):
            status, text = self.request("POST", "/api/v1/import/prometheus", body)
            if status != 429:
                break
            time.sleep(0.05)
        if status >= 300:
            raise RuntimeError(f"import answered {status}: {text[:500]!r}")

    def cpu_s(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_bytes(self) -> int:
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def disk_bytes(self) -> int:
        """What files say of their length; preallocated WAL and reserve left out."""
        return sum(f.stat().st_size for f in self.data.rglob("*") if f.is_file() and self.counts(f))

    def counts(self, _: pathlib.Path) -> bool:
        return True


class Oriel(Server):
    headers = {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}
    flags: list[str] = []

    def __init__(self, folder: pathlib.Path):
        super().__init__(folder)
        self.statsd = free_port(socket.SOCK_DGRAM)

    def command(self):
        binary = os.environ["ORIEL_BIN"]
        env = {"ORIEL_API_KEY": API_KEY, "ORIEL_APP_KEY": APP_KEY, "ORIEL_ADMIN_PASSWORD": "bench"}
        return [binary, "server", "--no-agent", "--data", str(self.data), "--http", f"127.0.0.1:{self.port}",
                "--statsd", f"127.0.0.1:{self.statsd}", *self.flags], env

    def settle(self) -> None:
        subprocess.run([os.environ["ORIEL_BIN"], "compact", "--server", f"http://127.0.0.1:{self.port}", "--api-key", API_KEY],
                       check=True, stdout=subprocess.DEVNULL)

    def counts(self, file: pathlib.Path) -> bool:
        return "wal" not in file.relative_to(self.data).parts and "reserve" not in file.name

    def ask_raw(self, query: str, start: int, end: int) -> bytes:
        path = "/api/v1/query?" + urllib.parse.urlencode({"from": start, "to": end, "query": query})
        status, body = self.request("GET", path)
        if status != 200:
            raise RuntimeError(f"{query}: {status} {body[:500]!r}")
        return body

    def ask(self, query: str, start: int, end: int) -> dict:
        """{group: {second: value}}"""
        answer = json.loads(self.ask_raw(query, start, end))
        return {
            ",".join(sorted(s["tag_set"])): {int(t // 1000): v for t, v in s["pointlist"] if v is not None} for s in answer["series"]
        }


class Peer(Server):
    """VictoriaMetrics, response cache off."""

    def command(self):
        return ["victoria-metrics", f"-storageDataPath={self.data}", f"-httpListenAddr=127.0.0.1:{self.port}",
                "-retentionPeriod=15", "-search.disableCache", "-search.latencyOffset=0s", "-loggerLevel=ERROR"], {}

    def settle(self) -> None:
        self.request("GET", "/internal/force_flush")
        self.request("GET", "/internal/force_merge")
        quiet, last = 0, -1.0
        while quiet < 4:
            time.sleep(0.5)
            now = self.cpu_s()
            quiet = quiet + 1 if now - last < 0.05 else 0
            last = now

    def ask_raw(self, query: str, start: int, end: int, step: int) -> bytes:
        arguments = {"query": query, "start": start, "end": end, "step": step, "nocache": 1}
        status, body = self.request("GET", "/api/v1/query_range?" + urllib.parse.urlencode(arguments))
        if status != 200:
            raise RuntimeError(f"{query}: {status} {body[:500]!r}")
        return body

    def ask(self, query: str, start: int, end: int, step: int) -> dict:
        answer = json.loads(self.ask_raw(query, start, end, step))
        return {
            ",".join(sorted(f"{k}:{v}" for k, v in s["metric"].items() if k != "__name__")): {int(t): float(v) for t, v in s["values"]}
            for s in answer["data"]["result"]
        }
