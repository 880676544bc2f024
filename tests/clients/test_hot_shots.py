"""npm `hot-shots` on Node."""

import pathlib
import subprocess
import time

import pytest
from conftest import points
from node_modules import node_modules

HERE = pathlib.Path(__file__).resolve().parent / "node"


@pytest.fixture(scope="module")
def modules():
    return node_modules()


def test_every_kind(oriel, modules):
    sent = time.time()
    subprocess.run(["node", str(HERE / "send.mjs"), str(modules), str(oriel.statsd)], check=True, timeout=30)
    scope = "{via:hot-shots}"
    counted = oriel.wait_query(f"sum:hs.count{scope}.as_count()", until=lambda s: s and sum(v for _, v in points(s[0])) == 2)
    assert sum(v for _, v in points(counted[0])) == 2
    for metric, value in {"hs.gauge": 12.5, "hs.histogram.max": 7, "hs.timing.avg": 120, "hs.set": 2}.items():
        found = oriel.wait_query(f"avg:{metric}{scope}")
        assert points(found[0])[-1][1] == value, metric
    assert points(oriel.wait_query(f"max:hs.distribution{scope}")[0])[-1][1] == 9
    events = oriel.get("/api/v1/events", start=int(sent - 60), end=int(sent + 60), tags="via:hot-shots").json()["events"]
    assert [(e["title"], e["text"]) for e in events] == [("hot event", "größer | text")]
