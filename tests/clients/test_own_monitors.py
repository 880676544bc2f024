"""Monitors on Oriel itself, each made to fire on the real binary: they can't be deleted, and a fresh install asks whom to tell.
Importing many monitors at once, with a report."""

import os
import signal
import subprocess
import time

import pytest
from conftest import Oriel
from mailbox import Mailbox

RATE = 20


def own(oriel) -> dict:
    return {m["name"]: m for m in oriel.get("/api/ui/monitors/own").json()["monitors"]}


def state(oriel, id) -> str:
    return oriel.get(f"/api/v1/monitor/{id}").json()["overall_state"]


def wait(oriel, id, wanted, seconds=120) -> None:
    until = time.monotonic() + seconds
    while state(oriel, id) != wanted and time.monotonic() < until:
        time.sleep(0.2)
    assert state(oriel, id) == wanted


@pytest.fixture
def told(tmp_path):
    """A server at 20 × that mails what it tells, and its mailbox."""
    mailbox = Mailbox().start()
    server = Oriel(tmp_path, "--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(RATE)}).start()
    mail = {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "from": "oriel@example.com"}
    assert server.put("/api/ui/mail", json=mail).status_code == 200
    yield server, mailbox
    server.stop()
    mailbox.stop()


def test_they_stay_and_somebody_is_told(oriel):
    before = own(oriel)
    assert len(before) == 6 and all(m["handles"] == [] for m in before.values())
    wrong = oriel.post("/api/ui/monitors/own", json={"handles": ["ops"]})
    assert wrong.status_code == 400 and '"ops" is no handle' in wrong.json()["errors"][0]
    assert oriel.post("/api/ui/monitors/own", json={"handles": ["@ops@example.com", "@slack-ops"]}).status_code == 200
    assert all(m["handles"] == ["@ops@example.com", "@slack-ops"] for m in own(oriel).values())
    # What tells somebody already is left as it is.
    oriel.post("/api/ui/monitors/own", json={"handles": ["@late@example.com"]})
    assert all(m["handles"] == ["@ops@example.com", "@slack-ops"] for m in own(oriel).values())
    id = before["Monitors are evaluated late"]["id"]
    for answer in (oriel.delete(f"/api/v1/monitor/{id}"), oriel.delete(f"/api/v1/monitor/{id}?force=true")):
        assert answer.status_code == 400 and "is built in: it watches Oriel itself" in answer.json()["errors"][0]
    bulk = oriel.post("/api/ui/monitors/bulk", json={"ids": [id], "action": "delete"}).json()
    assert bulk["done"] == [] and "is built in" in bulk["failed"][0]["error"]
    assert oriel.get("/api/v1/monitor/can_delete", monitor_ids=id).status_code == 409
    assert oriel.post(f"/api/v1/monitor/{id}/mute").status_code == 200


@pytest.mark.timeout(180)
def test_refused_rows_and_late_evaluations_are_told(told):
    server, mailbox = told
    assert server.post("/api/ui/monitors/own", json={"handles": ["@ops@example.com"]}).status_code == 200
    monitors = own(server)
    refused, late = monitors["Oriel refuses what it is sent"]["id"], monitors["Monitors are evaluated late"]["id"]
    wait(server, refused, "OK")
    wait(server, late, "OK")
    rows = [{"metric": "", "points": [[int(time.time()), 1]]}] * 300
    server.post("/api/v1/series", json={"series": rows})
    wait(server, refused, "Alert")
    # Nothing is evaluated while the process stands still: ten seconds are more than three minutes of its clock.
    os.kill(server.process.pid, signal.SIGSTOP)
    time.sleep(10)
    os.kill(server.process.pid, signal.SIGCONT)
    wait(server, late, "Alert")
    wait(server, late, "OK")
    wait(server, refused, "OK")
    subjects = "\n".join(m["Subject"] for m in mailbox.wait(4))
    assert "Oriel refuses what it is sent" in subjects and "Monitors are evaluated late" in subjects, subjects


@pytest.mark.timeout(180)
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_disk_that_fills_up_is_told(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(disk)], check=True)
    server = Oriel(disk, "--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(RATE)})
    try:
        server.start()
        id = own(server)["The disk of Oriel's data fills up"]["id"]
        wait(server, id, "OK")
        ballast, size = disk / "ballast", os.statvfs(disk)
        with open(ballast, "wb") as file:
            file.write(bytes(int(size.f_bavail * size.f_frsize - 0.1 * 200 * 2**20)))
        wait(server, id, "Warn")
        with open(ballast, "ab") as file:
            file.write(bytes(int(0.06 * 200 * 2**20)))
        wait(server, id, "Alert")
        ballast.unlink()
        wait(server, id, "OK")
    finally:
        server.stop()
        subprocess.run(["umount", "-l", str(disk)], check=True)


METRIC = {"id": 11, "name": "busy", "type": "query alert", "query": "avg(last_5m):avg:import.load{*} > 8", "message": "x",
          "options": {"thresholds": {"critical": 8}}, "overall_state": "OK", "creator": {"name": "a"}}
SILENT = {**METRIC, "id": 22, "name": "silent", "query": "avg(last_5m):avg:import.load{env:b} < 1", "options": {"thresholds": {"critical": 1}}}
BOTH = {"id": 33, "name": "both", "type": "composite", "query": "11 && !22", "message": "x", "options": {}}
ODD = {**METRIC, "id": 44, "name": "odd", "type": "cost alert"}
LOST = {"id": 55, "name": "lost", "type": "composite", "query": "11 && 99999", "message": "x", "options": {}}
TEST = {"id": 66, "name": "[Synthetics] x", "type": "synthetics alert", "query": "no_query", "message": "", "options": {"synthetics_check_id": "abc"}}


def test_an_export_of_many_is_imported_with_a_report(oriel):
    everything = [BOTH, ODD, LOST, TEST, METRIC, SILENT]
    count = lambda: len(oriel.get("/api/v1/monitor").json())
    before = count()
    dry = oriel.post("/api/ui/monitors/import?dry=true", json=everything)
    assert dry.status_code == 200, dry.text
    assert [t["name"] for t in dry.json()["taken"]] == ["busy", "silent", "both"] and count() == before
    lost = next(r for r in dry.json()["refused"] if r["from_id"] == 55)
    assert lost["errors"] == ["query: monitor 99999 does not exist here; give the ids that it has here"]
    answer = oriel.post("/api/ui/monitors/import?muted=true", json={"monitors": everything}).json()
    ids = {t["from_id"]: t["id"] for t in answer["taken"]}
    assert set(ids) == {11, 22, 33} and count() == before + 3
    refused = {r["from_id"]: r["errors"] for r in answer["refused"]}
    assert set(refused) == {44, 55, 66}
    assert "cost alert" in refused[44][0] and "monitor 99999 does not exist here" in refused[55][0] and "synthetic test" in refused[66][0]
    both = oriel.get(f"/api/v1/monitor/{ids[33]}").json()
    assert both["query"] == f"{ids[11]} && !{ids[22]}" and both["id"] == ids[33]
    muted = {m["id"] for m in oriel.get("/api/ui/monitors", query="muted:true").json()["monitors"]}
    assert set(ids.values()) <= muted
    # A second time nothing is doubled, and what refers to it is found.
    again = oriel.post("/api/ui/monitors/import", json=everything).json()
    assert again["taken"] == [] and {k["from_id"]: k["id"] for k in again["known"]} == ids and count() == before + 3
    assert oriel.post("/api/ui/monitors/import", json="x").status_code == 400
