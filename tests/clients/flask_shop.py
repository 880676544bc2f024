"""The Flask shop as a process: started under `ddtrace-run`, ended by its id."""

import os
import pathlib
import subprocess
import sys
import time

import requests
from conftest import free_port

HERE = pathlib.Path(__file__).resolve().parent


def wait_up(url: str, process: subprocess.Popen, log: pathlib.Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            requests.get(url, timeout=5)
            return
        except requests.RequestException:
            assert process.poll() is None and time.monotonic() < until, log.read_text(errors="replace")
            time.sleep(0.2)


def environment(local, service: str, **more: str) -> dict:
    """What a person sets to point a tracer at the server or agent `local`."""
    return {
        **os.environ, "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{local.apm}", "DD_DOGSTATSD_URL": f"udp://127.0.0.1:{local.statsd}",
        "DD_SERVICE": service, "DD_ENV": "test", "DD_VERSION": "1.4.2", "DD_LOGS_INJECTION": "true", "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false", **more,
    }


class Shop:
    """`with Shop(local, "shop", tmp_path) as shop: shop.get("/items/1")`; its log lines are in `shop.lines`."""

    def __init__(self, local, service: str, folder: pathlib.Path, **env: str):
        self.port, self.lines, self.out = free_port(), folder / "shop.log", folder / "shop.out"
        run = [sys.executable, "-m", "ddtrace.commands.ddtrace_run", sys.executable, str(HERE / "apps/flask_shop.py"), str(self.port), str(self.lines)]
        self.run, self.env = run, environment(local, service, **env)

    def __enter__(self) -> "Shop":
        with open(self.out, "ab") as sink:
            self.process = subprocess.Popen(self.run, env=self.env, stdout=sink, stderr=sink)
        wait_up(f"http://127.0.0.1:{self.port}/nothing", self.process, self.out)
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def get(self, path: str) -> int:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=20).status_code
