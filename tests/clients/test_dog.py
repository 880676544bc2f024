"""The shell of the older package: each verb of `dog monitor`, `dog downtime` and `dog service_check` once, as people type it."""

import json
import pathlib
import re
import subprocess
import sys
import time

import pytest
from conftest import API_KEY, APP_KEY

DOG = pathlib.Path(sys.executable).with_name("dog")


@pytest.fixture
def dog(oriel, tmp_path):
    """Runs a command line; its output is JSON where the verb prints some."""
    config = tmp_path / "dogrc"
    config.write_text(f"[Connection]\napikey = {API_KEY}\nappkey = {APP_KEY}\n")

    def run(*words, fails=False):
        command = [str(DOG), "--config", str(config), "--api-key", API_KEY, "--application-key", APP_KEY, "--api_host", oriel.url, "--raw", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"dog {words}: {said}"
        assert "Traceback" not in said, said
        found = re.search(r"[\[{].*[\]}]", done.stdout, re.S)
        return json.loads(found.group()) if found and not fails else said

    return run


QUERY = "avg(last_5m):avg:dog.load{env:prod} by {host} > 5"


def test_monitors(dog, tmp_path):
    made = dog("monitor", "post", "metric alert", QUERY, "--name", "by dog", "--message", "m @oncall@example.com", "--tags", "team:dog,env:prod",
               "--priority", "2", "--options", '{"thresholds": {"critical": 5}, "notify_no_data": true, "no_data_timeframe": 20}')
    assert made["name"] == "by dog" and set(made["tags"]) == {"team:dog", "env:prod"} and made["options"]["no_data_timeframe"] == 20
    id = made["id"]
    assert dog("monitor", "show", id)["query"] == QUERY
    assert dog("monitor", "show_all", "--name", "by dog", "--monitor_tags", "team:dog", "--group_states", "all")[0]["id"] == id
    # The shell writes a description beside the document; what it does not know is kept.
    file = tmp_path / "monitor.json"
    file.write_text(json.dumps({"type": "metric alert", "query": QUERY, "name": "of a file", "message": "", "tags": [], "options": {"thresholds": {"critical": 5}}}))
    other = dog("monitor", "fpost", file)
    assert other["name"] == "of a file"
    file.write_text(json.dumps({**other, "name": "of a file again"}))
    assert dog("monitor", "fupdate", file)["name"] == "of a file again"
    assert dog("monitor", "update", id, "metric alert", QUERY, "--name", "changed by dog", "--options", '{"thresholds": {"critical": 5}}')["name"] == "changed by dog"
    dog("monitor", "validate", "metric alert", QUERY, "--name", "n", "--options", '{"thresholds": {"critical": 5}}')
    refused = dog("monitor", "validate", "metric alert", QUERY, "--name", "n", "--options", '{"thresholds": {"critical": 6}}')
    assert "options.thresholds.critical is 6" in refused["errors"][0]
    assert "query" in dog("monitor", "post", "metric alert", "nonsense", fails=True)
    muted = dog("monitor", "mute", id, "--scope", "host:web-1", "--end", int(time.time()) + 600)
    assert "host:web-1" in muted["options"]["silenced"]
    assert "host:web-1" not in (dog("monitor", "unmute", id, "--scope", "host:web-1")["options"].get("silenced") or {})
    dog("monitor", "mute", id)
    dog("monitor", "unmute", id, "--all_scopes")
    assert dog("monitor", "mute_all")["active"] is True
    dog("monitor", "unmute_all")
    assert dog("monitor", "can_delete", f"{id},{other['id']}")["data"]["ok"] == [id, other["id"]]
    dog("monitor", "delete", id)
    dog("monitor", "delete", other["id"])
    assert f"monitor {id} does not exist" in dog("monitor", "show", id, fails=True)


def test_downtimes(dog):
    now = int(time.time())
    made = dog("downtime", "post", "env:dog", now + 60, "--end", now + 600, "--message", "by dog")
    assert made["scope"] == ["env:dog"] and made["message"] == "by dog"
    assert dog("downtime", "show", made["id"])["end"] == now + 600
    assert made["id"] in [d["id"] for d in dog("downtime", "show_all")]
    dog("downtime", "show_all", "--current_only", "true")
    assert dog("downtime", "update", made["id"], "--scope", "env:dog", "--end", now + 700, "--message", "longer")["end"] == now + 700
    assert dog("downtime", "cancel_by_scope", "env:dog")["cancelled_ids"] == [made["id"]]
    dog("downtime", "delete", made["id"])


def test_service_checks(dog, oriel):
    dog("service_check", "check", "dog.up", "web-1", "2", "--message", "down", "--tags", "env:dog")
    made = dog("monitor", "post", "service check", '"dog.up".over("env:dog").by("host").last(2).count_by_status()', "--name", "dog is up", "--options",
               '{"thresholds": {"critical": 1, "ok": 1}}')
    assert dog("monitor", "show", made["id"])["type"] == "service check"
    assert oriel.get("/api/ui/checks", check="dog.up").status_code == 200
    dog("monitor", "delete", made["id"])
