"""Pictures of every page from live data: a server with its agent, a custom check, a PostgreSQL under load,
a DogStatsD client, a shop that is traced and logs, and what is watched there.

    python tests/browser/images.py OUT [SECONDS [PAGE …]]
"""

import contextlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

import psycopg  # noqa: E402
from conftest import API_KEY, APP_KEY, PASSWORD, Oriel  # noqa: E402
from datadog.dogstatsd import DogStatsd  # noqa: E402
from test_agent import postgres_cluster  # noqa: E402
from traffic import Traffic  # noqa: E402
from watched import Watched  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ACCEPTANCE = HERE.parent / "acceptance"


def prepare(server: Oriel, port: int) -> None:
    config = server.data / "agent"
    (config / "conf.d/postgres.d").mkdir(parents=True)
    (config / "checks.d").mkdir()
    for name, folder in (("my_metric.py", "checks.d"), ("broken_import.py", "checks.d"), ("my_metric.yaml", "conf.d")):
        shutil.copy(ACCEPTANCE / name, config / folder / name)
    (config / "conf.d/broken_import.yaml").write_text("init_config:\ninstances:\n  - {}\n")
    (config / "conf.d/postgres.d/conf.yaml").write_text(
        f"init_config:\ninstances:\n  - host: 127.0.0.1\n    port: {port}\n    username: oriel\n    password: watch\n    dbname: postgres\n")


def load(server: Oriel, dsn: str, seconds: float) -> None:
    """Requests of a shop, and tables that come and go."""
    client = DogStatsd(host="127.0.0.1", port=server.statsd, disable_telemetry=True, constant_tags=["env:prod", "service:shop"])
    rng, until, tables = random.Random(7), time.monotonic() + seconds, 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < until:
            for path in ("/cart", "/search", "/pay"):
                client.increment("shop.requests", rng.randint(1, 20), tags=[f"path:{path}"])
                client.distribution("shop.latency", rng.lognormvariate(3, 0.6), tags=[f"path:{path}"])
            if rng.random() < 0.2:
                connection.execute(f"CREATE TABLE IF NOT EXISTS t{tables} AS SELECT generate_series(1, 1000)")
                tables += 1
            connection.execute("SELECT count(*) FROM pg_class")
            time.sleep(0.25)


def main() -> int:
    out, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 300
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-images-"))
    server = Oriel(folder)
    with contextlib.contextmanager(postgres_cluster)() as (port, dsn, _):
        prepare(server, port)
        server.start()
        try:
            board = (ACCEPTANCE / "dashboard.json").read_text().replace("host:web-1", "host:test-host")
            server.post("/api/v1/dashboard", data=board, headers={"Content-Type": "application/json"}).raise_for_status()
            watched = Watched(server)
            watched.set_up(seconds, port)
            traffic = Traffic(server, release_s=seconds * 0.6)
            traffic.start()
            load(server, dsn, seconds)
            traffic.stop()
            env = {
                **os.environ, "ORIEL_URL": server.url, "ORIEL_PASSWORD": PASSWORD, "ORIEL_API_KEY": API_KEY, "ORIEL_APP_KEY": APP_KEY,
                "ORIEL_MAIL": watched.mail_html(folder), "ORIEL_MONITOR": str(watched.ids["Checkout is slow"]), "ORIEL_SLO": watched.slo,
            }
            # What is watched goes on while the pictures are taken.
            done = subprocess.run(["node", str(HERE / "images.mjs"), out, *sys.argv[3:]], env=env).returncode
            watched.stop()
            return done
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
