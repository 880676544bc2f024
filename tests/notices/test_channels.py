"""What each channel gets when a monitor fires and recovers: bodies checked against what the services document, mails against what a reader sees."""

import email
import hashlib
import hmac
import json
import re
import ssl
import subprocess
import time
import urllib.parse

import pytest
import schemas
from aiosmtpd.smtp import AuthResult
from conftest import free_port
from mailbox import FastTime, Mailbox, Receiver

RATE = 20


class Alarm:
    """A monitor of a gauge by host that tells some handles; `fire` and `calm` send points until its status says so."""

    def __init__(self, server, clock, handles: str, **more):
        self.server, self.clock = server, clock
        self.metric = f"jobs.waiting.{free_port()}"
        message = more.pop("message", "{{#is_alert}}Jobs wait: {{value}} on {{host.name}}, **now**. {{/is_alert}}{{#is_recovery}}Over. {{/is_recovery}}")
        body = {
            "name": "Jobs wait on {{host.name}}", "type": "metric alert", "tags": ["team:shop"], "priority": 2,
            "query": f"max(last_1m):max:{self.metric}{{env:prod}} by {{host}} > 10", "message": f"{message} {handles}",
            "options": {"thresholds": {"critical": 10}, "require_full_window": False, "new_group_delay": 0, "notify_no_data": False}, **more,
        }
        answer = server.post("/api/v1/monitor", json=body)
        assert answer.status_code == 200, answer.text
        self.monitor = answer.json()

    def status(self) -> str:
        return self.server.get(f"/api/v1/monitor/{self.monitor['id']}").json()["overall_state"]

    def hold(self, value: float, status: str, seconds: float = 40) -> None:
        until = time.monotonic() + seconds
        while self.status() != status:
            assert time.monotonic() < until, f"the monitor is {self.status()}, not {status}"
            point = {"metric": self.metric, "type": "gauge", "host": "web-1", "tags": ["env:prod"], "points": [[int(self.clock.now_s()), value]]}
            assert self.server.post("/api/v1/series", json={"series": [point]}).status_code == 202
            time.sleep(0.2)

    def fire(self) -> None:
        self.hold(1, "OK", 20)
        self.hold(99.5, "Alert")

    def calm(self) -> None:
        self.hold(1, "OK")

    def deliveries(self) -> list[dict]:
        return self.server.get(f"/api/ui/monitors/{self.monitor['id']}/deliveries").json()["deliveries"]

    def wait_deliveries(self, until, seconds: float = 30) -> list[dict]:
        stop = time.monotonic() + seconds
        while True:
            found = self.deliveries()
            if until(found) or time.monotonic() > stop:
                return found
            time.sleep(0.1)


def open_server(make_oriel, **env):
    server = make_oriel("--no-agent", env={"ORIEL_TEST_CLOCK_RATE": str(RATE), "ORIEL_WEBHOOK_ALLOW_PRIVATE": "true", **env})
    return server, FastTime(server, RATE)


def channel(server, kind: str, name: str = "ops", **settings) -> dict:
    answer = server.post("/api/ui/channels", json={"kind": kind, "name": name, "settings": settings})
    assert answer.status_code == 200, answer.text
    return answer.json()


def set_mail(server, port: int, **more) -> dict:
    mail = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "Oriel <oriel@example.com>", **more}
    answer = server.put("/api/ui/mail", json=mail)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def receiver():
    made = Receiver().start()
    yield made
    made.stop()


@pytest.fixture
def mailbox():
    made = Mailbox().start()
    yield made
    made.stop()


@pytest.mark.timeout(180)
def test_every_chat_and_pager_gets_what_its_service_documents(make_oriel, receiver):
    server, clock = open_server(make_oriel)
    base = receiver.url
    channel(server, "slack", url=f"{base}/slack")
    channel(server, "teams", url=f"{base}/teams")
    channel(server, "discord", url=f"{base}/discord", username="Oriel")
    channel(server, "pagerduty", routing_key="0" * 32, base_url=f"{base}/pagerduty")
    channel(server, "opsgenie", api_key="genie-key", base_url=f"{base}/opsgenie")
    channel(server, "sns", topic_arn="arn:aws:sns:eu-west-1:123456789012:alerts", access_key_id="AKIDEXAMPLE", secret_access_key="secret", base_url=f"{base}/sns")
    channel(server, "telegram", bot_token="123:ABC", chat_id="-100", base_url=f"{base}/telegram")
    handles = "@slack-ops @teams-ops @discord-ops @pagerduty-ops @opsgenie-ops @sns-ops @telegram-ops"
    alarm = Alarm(server, clock, handles)
    alarm.fire()
    told = receiver.wait(7, 30)
    assert len(told) == 7, [(r["path"], r["body"][:200]) for r in told]
    log = alarm.wait_deliveries(lambda found: all(d["state"] == "sent" for d in found))
    assert [d["state"] for d in log] == ["sent"] * 7, log
    by = {r["path"].split("/")[1].split("?")[0]: r for r in receiver.requests}

    slack = json.loads(by["slack"]["body"])
    schemas.check(slack, schemas.SLACK)
    shown = json.dumps(slack, ensure_ascii=False)
    assert "Jobs wait: 99.5 on web-1, *now*." in shown and "[Triggered] Jobs wait on web-1" in slack["text"]

    teams = json.loads(by["teams"]["body"])
    schemas.check(teams, schemas.TEAMS)
    assert teams["attachments"][0]["content"]["body"][0]["text"].startswith("\\[Triggered\\] Jobs wait on web-1")

    discord = form(by["discord"])
    payload = json.loads(discord["payload_json"])
    schemas.check(payload, schemas.DISCORD)
    assert discord["files[0]"].startswith(b"\x89PNG") and payload["allowed_mentions"] == {"parse": []}

    event = json.loads(by["pagerduty"]["body"])
    schemas.check(event, schemas.PAGERDUTY)
    assert by["pagerduty"]["path"] == "/pagerduty/v2/enqueue"
    assert (event["event_action"], event["payload"]["severity"], event["payload"]["source"]) == ("trigger", "critical", "web-1")

    opsgenie = json.loads(by["opsgenie"]["body"])
    schemas.check(opsgenie, schemas.OPSGENIE)
    assert by["opsgenie"]["headers"]["authorization"] == "GenieKey genie-key" and opsgenie["priority"] == "P2"

    sns = dict(urllib.parse.parse_qsl(by["sns"]["body"].decode()))
    assert sns["Action"] == "Publish" and sns["TopicArn"].endswith(":alerts") and len(sns["Subject"]) <= 100
    check_sigv4(by["sns"], f"127.0.0.1:{receiver.port}", "secret")

    telegram = form(by["telegram"])
    assert by["telegram"]["path"] == "/telegram/bot123:ABC/sendPhoto"
    assert telegram["chat_id"] == b"-100" and telegram["photo"].startswith(b"\x89PNG") and len(telegram["caption"].decode()) <= 1024

    alarm.calm()
    assert len(receiver.wait(14, 30)) == 14
    after = {r["path"].split("/")[1].split("?")[0]: r for r in receiver.requests[7:]}
    resolve = json.loads(after["pagerduty"]["body"])
    schemas.check(resolve, schemas.PAGERDUTY)
    assert resolve["event_action"] == "resolve" and resolve["dedup_key"] == event["dedup_key"]
    assert after["opsgenie"]["path"] == f"/opsgenie/v2/alerts/{opsgenie['alias']}/close?identifierType=alias"
    schemas.check(json.loads(after["slack"]["body"]), schemas.SLACK)
    # Secrets are told to nobody: not in answers, not in the log.
    listed = server.get("/api/ui/channels").text + server.read_log()
    for secret in ("0" * 32, "genie-key", "123:ABC", f"{base}/slack"):
        assert secret not in listed


def form(request: dict) -> dict[str, bytes]:
    """The parts of a multipart form."""
    head = f"Content-Type: {request['headers'].get('content-type') or request['headers'].get('Content-Type')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request["body"])
    assert message.is_multipart()
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in message.get_payload()}


def check_sigv4(request: dict, host: str, secret: str) -> None:
    """Signature Version 4, worked out as its documentation says."""
    headers = {k.lower(): v for k, v in request["headers"].items()}
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/sns/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", headers["authorization"])
    assert found, headers["authorization"]
    key_id, day, region, signed, signature = found.groups()
    assert (key_id, region) == ("AKIDEXAMPLE", "eu-west-1")
    values = {**headers, "host": host}
    canonical_headers = "".join(f"{name}:{values[name].strip()}\n" for name in signed.split(";"))
    path, _, query = request["path"].partition("?")
    body_hash = hashlib.sha256(request["body"]).hexdigest()
    canonical = "\n".join(["POST", path, query, canonical_headers, signed, body_hash])
    scope = f"{day}/{region}/sns/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (day, region, "sns", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    assert hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest() == signature


@pytest.mark.timeout(120)
def test_a_webhook_is_filled_in_signed_and_tried_again(make_oriel):
    server, clock = open_server(make_oriel)
    receiver = Receiver(answers=[503, 429]).start()
    variables = "/api/v1/integration/webhooks/configuration/custom-variables"
    assert server.post(variables, json={"name": "TOKEN", "value": "t0p", "is_secret": True}).json() == {"name": "TOKEN", "is_secret": True}
    payload = json.dumps({"title": "$EVENT_TITLE", "text": "$EVENT_MSG", "host": "$TAGS[host]", "id": "$ALERT_ID", "how": "$ALERT_TRANSITION",
                          "cycle": "$ALERT_CYCLE_KEY", "key": "$ID", "metric": "$ALERT_METRIC", "scope": "$ALERT_SCOPE", "p": "$ALERT_PRIORITY",
                          "tags": "$TAGS", "link": "$LINK", "type": "$ALERT_TYPE", "own": "$TOKEN", "left": "$NOBODY"})
    webhook = {"name": "ops", "url": f"{receiver.url}/hook", "payload": payload, "custom_headers": json.dumps({"X-Token": "$TOKEN"}), "encode_as": "json", "secret": "shh"}
    answer = server.post("/api/v1/integration/webhooks/configuration/webhooks", json=webhook)
    assert answer.status_code == 201 and answer.json()["secret"] == {"set": True}, answer.text
    alarm = Alarm(server, clock, "@webhook-ops", message="Say \"hi\"\\n on {{host.name}}")
    alarm.fire()
    first, second, third = receiver.wait(3, 40)
    log = alarm.wait_deliveries(lambda found: found[0]["state"] == "sent")
    assert (log[0]["state"], log[0]["attempts"], log[0]["error"]) == ("sent", 3, None)
    # What is sent again is the same, key and all.
    assert first["body"] == second["body"] == third["body"]
    assert {r["headers"]["x-oriel-notice"] for r in (first, second, third)} == {log[0]["key"]}
    body = json.loads(third["body"])
    assert body["title"].startswith("[Triggered] Jobs wait on web-1") and body["text"].startswith('Say "hi"\\n on web-1')
    assert (body["host"], body["id"], body["how"], body["type"]) == ("web-1", str(alarm.monitor["id"]), "Triggered", "error")
    assert body["metric"] == alarm.metric and "host:web-1" in body["scope"] and body["p"] == "P2" and "team:shop" in body["tags"]
    assert body["own"] == "t0p" and body["left"] == "$NOBODY" and body["key"] == log[0]["key"]
    headers = third["headers"]
    assert headers["x-token"] == "t0p"
    signed = hmac.new(b"shh", headers["x-oriel-timestamp"].encode() + b"." + third["body"], hashlib.sha256).hexdigest()
    assert headers["x-oriel-signature"] == f"sha256={signed}"
    alarm.calm()
    recovered = json.loads(receiver.wait(4, 30)[3]["body"])
    assert recovered["how"] == "Recovered" and recovered["cycle"] == body["cycle"] and recovered["key"] != body["key"]
    receiver.stop()


@pytest.mark.timeout(120)
def test_a_form_the_usual_payload_and_what_never_works(make_oriel, receiver):
    server, clock = open_server(make_oriel)
    webhooks = "/api/v1/integration/webhooks/configuration/webhooks"
    for body in ({"name": "form", "url": f"{receiver.url}/form", "encode_as": "form"}, {"name": "usual", "url": f"{receiver.url}/usual"}):
        assert server.post(webhooks, json=body).status_code == 201
    gone = Receiver(answers=[404] * 9).start()
    assert server.post(webhooks, json={"name": "gone", "url": gone.url}).status_code == 201
    alarm = Alarm(server, clock, "@webhook-form @webhook-usual @webhook-gone @slack-nobody @jira-x")
    alarm.fire()
    receiver.wait(2, 30)
    log = {d["handle"]: d for d in alarm.wait_deliveries(lambda found: len(found) == 5 and all(d["state"] != "pending" for d in found))}
    by = {r["path"]: r for r in receiver.requests}
    usual = json.loads(by["/usual"]["body"])
    assert set(usual) == {"body", "last_updated", "event_type", "title", "date", "org", "id"} and usual["event_type"] == "metric_alert_monitor"
    fields = dict(urllib.parse.parse_qsl(by["/form"]["body"].decode()))
    assert fields["title"] == usual["title"] and json.loads(fields["org"])["id"] == "1"
    assert log["@webhook-usual"]["state"] == log["@webhook-form"]["state"] == "sent"
    assert log["@webhook-gone"]["state"] == "failed" and log["@webhook-gone"]["attempts"] == 1 and "404" in log["@webhook-gone"]["error"]
    assert log["@slack-nobody"]["state"] == "failed" and "nobody is @slack-nobody" in log["@slack-nobody"]["error"]
    assert log["@jira-x"]["state"] == "failed"
    # Put right, and tried again by hand.
    gone.answers.clear()
    key = log["@webhook-gone"]["key"]
    assert server.post(f"/api/ui/deliveries/{key}/{urllib.parse.quote('@webhook-gone')}/retry", json={}).status_code == 200
    log = {d["handle"]: d for d in alarm.wait_deliveries(lambda found: any(d["handle"] == "@webhook-gone" and d["state"] == "sent" for d in found))}
    assert log["@webhook-gone"]["state"] == "sent" and log["@webhook-gone"]["attempts"] == 2
    assert server.post(f"/api/ui/deliveries/{key}/{urllib.parse.quote('@webhook-gone')}/retry", json={}).status_code == 404
    gone.stop()


def test_private_addresses_are_out_of_reach_unless_allowed(make_oriel, receiver):
    server = make_oriel("--no-agent")
    for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
        name = re.sub(r"\W", "x", host)
        assert server.post("/api/ui/channels", json={"kind": "slack", "name": name, "settings": {"url": f"http://{host}:{receiver.port}/x"}}).status_code == 200
    for made in server.get("/api/ui/channels").json()["channels"]:
        outcome = server.post(f"/api/ui/channels/{made['id']}/test", json={}).json()
        assert not outcome["sent"] and "private address" in outcome["error"], (made, outcome)
    assert receiver.requests == []


def test_a_redirect_is_not_followed(make_oriel):
    server, _ = open_server(make_oriel)
    elsewhere = Receiver(answers=[302]).start()
    made = channel(server, "teams", url=f"{elsewhere.url}/x")
    outcome = server.post(f"/api/ui/channels/{made['id']}/test", json={}).json()
    assert not outcome["sent"] and outcome["status"] == 302 and len(elsewhere.requests) == 1
    assert server.post(f"/api/ui/channels/{made['id']}/test", json={}).json() == {"sent": True, "error": None, "status": None}
    elsewhere.stop()


@pytest.mark.timeout(180)
def test_a_mail_is_html_with_the_chart_plain_text_and_a_thread(make_oriel, mailbox):
    server, clock = open_server(make_oriel)
    set_mail(server, mailbox.port, reply_to="team@example.com")
    now = int(clock.now_s() * 1000)
    logs = [{"message": f"payment {n} <b>refused</b>", "service": "shop", "hostname": "web-1", "status": "error", "timestamp": now - 1000 * n} for n in range(8)]
    alarm = Alarm(server, clock, "@ada@example.com @email-duty", message="{{#is_alert}}See [the runbook](https://wiki.example.com/a) <script>x</script>{{/is_alert}} {{nope.name}}")
    channel(server, "email", "duty", to=["grace@example.com", "joan@example.com"])
    alarm.hold(1, "OK", 20)
    assert server.post("/api/v2/logs", json=logs).status_code == 202
    alarm.hold(99.5, "Alert")
    alarm.wait_deliveries(lambda found: len(found) == 3 and all(d["state"] == "sent" for d in found))
    mails = mailbox.wait(3, 10)
    # Each by itself; a repeat to one of them would bear the same id.
    assert len({m["Message-ID"] for m in mails}) == 1
    assert sorted(sum(mailbox.recipients, [])) == ["ada@example.com", "grace@example.com", "joan@example.com"]
    mail = mails[mailbox.recipients.index(["ada@example.com"])]
    assert mail.get_content_type() == "multipart/alternative" and mail["Reply-To"] == "team@example.com"
    assert mail["Subject"] == "[Triggered] Jobs wait on web-1 on {host:web-1,env:prod}" and mail["Auto-Submitted"] == "auto-generated"
    log = alarm.deliveries()
    assert mail["Message-ID"] == f"<{log[0]['key']}@example.com>" and mail["X-Oriel-Notice"] == log[0]["key"]
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    # An unknown variable is never blank; markup of the message is text; its links are links.
    assert "⚠{{nope.name}}" in text and "⚠{{nope.name}}" in html
    assert "<script" not in html and "&lt;script&gt;" in html and '<a href="https://wiki.example.com/a">the runbook</a>' in html
    assert "99.5 > 10" in text and "Notified: @ada@example.com, @email-duty" in text
    assert "payment 1 <b>refused</b>" in text and "payment 1 &lt;b&gt;refused&lt;/b&gt;" in html
    cid = re.search(r'src="cid:([^"]+)"', html).group(1)
    (image,) = [p for p in mail.walk() if p.get("Content-ID", "").strip("<>") == cid]
    assert image.get_content_disposition() == "inline" and image.get_content().startswith(b"\x89PNG")
    # The page shows the same, and programs that can't log in fetch the same picture.
    notice = server.get(f"/api/ui/notices/{log[0]['key']}").json()
    assert notice["subject"] == mail["Subject"] and notice["text"].split() == text.split() and len(notice["logs"]) == 5
    import requests
    picture = requests.get(notice["chart_url"], timeout=10)
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/png" and picture.content == image.get_content()
    assert requests.get(notice["chart_url"].replace(".png", "0.png"), timeout=10).status_code == 404
    link = re.search(r"See it as it was: (\S+)", text).group(1)
    assert re.search(rf"/monitors/{alarm.monitor['id']}\?group=host%3Aweb-1&at=\d+&from_ms=\d+&to_ms=\d+&notice={log[0]['key']}$", link)
    alarm.calm()
    recovery = next(m for m in mailbox.wait(6, 30) if m["Subject"].startswith("[Recovered]"))
    assert recovery["References"] == mail["References"] and recovery["In-Reply-To"] == mail["In-Reply-To"] and recovery["Message-ID"] != mail["Message-ID"]


@pytest.mark.timeout(240)
def test_mail_waits_for_a_server_that_refuses_and_for_one_that_is_down_over_a_restart(make_oriel):
    server, clock = open_server(make_oriel)
    box = Mailbox(refuse=2)
    set_mail(server, box.port)
    alarm = Alarm(server, clock, "@ada@example.com")
    alarm.fire()
    log = alarm.wait_deliveries(lambda found: found and found[0]["attempts"] >= 1)
    assert log[0]["state"] == "pending" and log[0]["error"], log
    server.restart(kill=True)
    box.start()
    # The fast clock begins anew at a start, so the monitor may have more to tell meanwhile: look at this notice alone.
    first = lambda found: next(d for d in found if d["key"] == log[0]["key"])
    found = first(alarm.wait_deliveries(lambda found: first(found)["state"] == "sent", 120))
    assert found["state"] == "sent" and found["attempts"] >= 2 and box.refused == 2, found
    assert [m["Message-ID"] for m in box.messages].count(f"<{found['key']}@example.com>") == 1
    box.stop()


def certificate(folder, name: str = "localhost"):
    """A certificate for the machine itself, and what checks it."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert.read_text()


def authenticator(server, session, envelope, mechanism, data):
    good = getattr(data, "login", b"") == b"oriel" and getattr(data, "password", b"") == b"p@ss+word"
    return AuthResult(success=good, handled=good)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_over_tls_with_a_login(make_oriel, tmp_path, tls):
    context, pem = certificate(tmp_path)
    options = {"authenticator": authenticator, "auth_required": True}
    options |= {"tls_context": context, "require_starttls": True} if tls == "starttls" else {"ssl_context": context, "auth_require_tls": False}
    box = Mailbox(**options).start()
    server = make_oriel("--no-agent")
    settings = {"host": "localhost", "tls": tls, "user": "oriel", "password": "p@ss+word"}
    set_mail(server, box.port, **settings)
    test = lambda: server.post("/api/ui/mail/test", json={"to": "ada@example.com"}).json()
    outcome = test()
    assert not outcome["sent"] and "certificate" in outcome["error"].lower(), outcome
    kept = set_mail(server, box.port, **settings, ca=pem)
    assert kept["password"] == {"set": True}
    assert test() == {"sent": True, "error": None, "status": None}
    assert box.messages[0]["To"] == "ada@example.com" and "nothing is wrong" in box.messages[0].get_body(("plain",)).get_content()
    # A password that is not typed anew stays; a wrong one is told.
    set_mail(server, box.port, host="localhost", tls=tls, user="oriel", password={"set": True})
    assert test()["sent"]
    set_mail(server, box.port, host="localhost", tls=tls, user="oriel", password="wrong")
    assert not test()["sent"]
    assert "p@ss+word" not in server.get("/api/ui/mail").text + server.read_log()
    box.stop()


def test_mail_settings_of_the_command_line(make_oriel, mailbox):
    server = make_oriel("--no-agent", "--smtp-url", f"smtp://127.0.0.1:{mailbox.port}?from=alerts@example.org")
    assert server.get("/api/ui/mail").json()["from"] == "alerts@example.org"
    assert server.post("/api/ui/mail/test", json={"to": "ada@example.com"}).json()["sent"]
    assert mailbox.messages[0]["From"] == "alerts@example.org"


@pytest.mark.timeout(180)
def test_a_slow_server_holds_up_nobody_else_and_kill_repeats_only_what_was_in_flight(make_oriel, receiver):
    server, clock = open_server(make_oriel)

    class Slow(Mailbox):
        async def handle_DATA(self, *args):
            import asyncio
            await asyncio.sleep(3)
            return await super().handle_DATA(*args)

    box = Slow().start()
    set_mail(server, box.port)
    assert server.post("/api/v1/integration/webhooks/configuration/webhooks", json={"name": "fast", "url": receiver.url}).status_code == 201
    alarm = Alarm(server, clock, "@ada@example.com @webhook-fast")
    alarm.fire()
    assert len(receiver.wait(1, 5)) == 1
    key = receiver.requests[0]["headers"]["x-oriel-notice"]
    server.restart(kill=True)
    of_key = lambda found: [d for d in found if d["key"] == key]
    log = of_key(alarm.wait_deliveries(lambda found: all(d["state"] == "sent" for d in of_key(found)), 60))
    assert [d["state"] for d in log] == ["sent", "sent"]
    time.sleep(4)
    # The webhook was told once; the mail was in flight, and a repeat bears the same id.
    assert [r["headers"]["x-oriel-notice"] for r in receiver.requests].count(key) == 1
    assert [m["Message-ID"] for m in box.messages].count(f"<{key}@example.com>") in (1, 2)
    box.stop()


def test_a_preview_says_whom_a_message_tells_and_what_nobody_knows(make_oriel):
    server = make_oriel("--no-agent")
    channel(server, "slack", url="https://hooks.example.com/x")
    message = "{{#is_alert}}up {{value}} of {{service.name}} @slack-ops @pagerduty-shop{{/is_alert}}{{#is_recovery}}down @ada@example.com{{/is_recovery}}{{hots.name}} {{eval \"valeu\"}} @slack-{{service.name}}"
    monitor = {"name": "n", "type": "query alert", "query": "avg(last_5m):avg:a.b{*} by {service} > 10", "message": message, "options": {"thresholds": {"critical": 10}}}
    answer = server.post("/api/ui/monitors/message", json={"monitor": monitor, "transition": "alert", "group": "service:web"})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["subject"] == "[Triggered] n on {service:web}" and "up 11 of web" in shown["text"]
    assert [(i["name"], message[i["position"]:i["position"] + 2]) for i in shown["unknown"]] == [("hots.name", "{{"), ("valeu", "{{")]
    handles = {h["handle"]: (h["channel"], h["known"], h["when"]) for h in shown["handles"]}
    assert handles["@slack-ops"] == ("slack", True, ["is_alert"]) and handles["@pagerduty-shop"] == ("pagerduty", False, ["is_alert"])
    assert handles["@ada@example.com"] == ("email", True, ["is_recovery"]) and handles["@slack-web"] == ("slack", False, [])
    recovery = server.post("/api/ui/monitors/message", json={"monitor": monitor, "transition": "recovery"}).json()
    assert recovery["subject"].startswith("[Recovered]") and "down @ada@example.com" in recovery["text"]
    assert server.post("/api/ui/monitors/message", json={"monitor": monitor, "transition": "boo"}).status_code == 400
    found = server.get("/api/ui/handles", text="sl").json()["handles"]
    assert found == [{"handle": "@slack-ops", "channel": "slack"}]
