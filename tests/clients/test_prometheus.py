"""Debian's `prometheus` scraping itself and remote-writing into Oriel; the text import."""

import subprocess
import time

import pytest
from conftest import API_KEY, free_port, points


@pytest.fixture
def prometheus(oriel, tmp_path):
    port = free_port()
    (tmp_path / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: self
    static_configs: [{{targets: ["127.0.0.1:{port}"], labels: {{host: prom-1}}}}]
remote_write:
  - url: {oriel.url}/api/v1/write
    authorization: {{credentials: "{API_KEY}"}}
    queue_config: {{batch_send_deadline: 1s}}
""")
    log = open(tmp_path / "log", "wb")
    process = subprocess.Popen(
        ["prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
         f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    yield port
    process.terminate()
    process.wait(timeout=20)


def test_remote_write(oriel, prometheus):
    """Points of every scrape arrive; `host` fills the host slot, `instance` and `job` stay tags, counters are cumulative."""
    found = oriel.wait_query(
        "sum:prometheus_http_requests_total{job:self} by {host}", seconds=60, until=lambda s: s and len(points(s[0])) >= 2)
    assert found and found[0]["tag_set"] == ["host:prom-1"]
    up = oriel.query("min:up{host:prom-1} by {instance}")
    assert up[0]["tag_set"] == [f"instance:127.0.0.1:{prometheus}"]
    assert points(up[0])[-1][1] == 1
    time.sleep(3)
    increase = oriel.query("sum:prometheus_tsdb_head_samples_appended_total{*}.as_count()")
    assert sum(v for _, v in points(increase[0])) > 100
    refused = requests_failed(prometheus)
    assert refused == 0


def requests_failed(port: int) -> float:
    """What Prometheus itself counts as failed or dropped."""
    import requests

    total = 0.0
    for line in requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text.splitlines():
        if line.startswith(("prometheus_remote_storage_samples_failed_total", "prometheus_remote_storage_samples_dropped_total")):
            total += float(line.rsplit(" ", 1)[1])
    return total


def test_text_import(oriel):
    now = int(time.time() * 1000)
    body = f'imported_total{{host="i-1",path="a,b:c"}} 5 {now - 60000}\nimported_total{{host="i-1",path="a,b:c"}} 9 {now}\nbroken line{{\n'
    answer = oriel.post("/api/v1/import/prometheus", data=body)
    assert answer.status_code in (200, 202, 204), answer.text
    series = oriel.query("sum:imported_total{*} by {path}.as_count()")
    assert series[0]["tag_set"] == ["path:a,b:c"]
    assert sum(v for _, v in points(series[0])) == 4
