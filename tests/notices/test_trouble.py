"""Receivers that misbehave: mail servers that hang, refuse, or take a part; webhooks that never end; channels that are dead while others live."""

import asyncio
import datetime
import gzip
import http.server
import json
import socket
import ssl
import threading
import time

import pytest
from mailbox import Mailbox, Receiver
from test_channels import Alarm, certificate, channel, open_server, set_mail

HOOKS = "/api/v1/integration/webhooks/configuration/webhooks"


class Silent:
    """Takes TCP connections; says nothing, or what `say` gives, a byte a second; or does with them what `take` does."""

    def __init__(self, say: bytes = b"", take=None):
        self.say, self.taken = say, []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=take or self.accept, args=(self.socket,) if take else (), daemon=True).start()

    def accept(self):
        while True:
            try:
                taken, _ = self.socket.accept()
            except OSError:
                return
            self.taken.append(taken)
            if self.say:
                threading.Thread(target=self.drip, args=(taken,), daemon=True).start()

    def drip(self, taken):
        try:
            for byte in self.say:
                taken.send(bytes([byte]))
                time.sleep(1)
        except OSError:
            pass

    def stop(self):
        self.socket.close()
        for taken in self.taken:
            taken.close()


@pytest.fixture
def receiver():
    made = Receiver().start()
    yield made
    made.stop()


def states(found: list[dict]) -> dict[str, str]:
    return {d["handle"]: d["state"] for d in found}


@pytest.mark.timeout(180)
def test_two_hundred_addresses_behind_a_mail_server_that_says_nothing_leave_the_webhook_its_way(make_oriel, receiver):
    server, clock = open_server(make_oriel)
    silent = Silent()
    set_mail(server, silent.port)
    channel(server, "email", "all", to=[f"person{n}@example.com" for n in range(200)])
    assert server.post(HOOKS, json={"name": "fast", "url": receiver.url}).status_code == 201
    alarm = Alarm(server, clock, "@email-all @webhook-fast")
    alarm.fire()
    assert receiver.wait(1, 60), "the webhook waits for the mail"
    found = alarm.deliveries()
    assert len(found) >= 201 and states(found)["@webhook-fast"] in ("pending", "sent")
    assert not any(d["state"] == "sent" for d in found if d["channel"] == "email")
    # Somebody looks: the server hangs, nobody else does.
    assert server.get("/api/ui/monitors").status_code == 200
    silent.stop()


@pytest.mark.timeout(120)
def test_a_mail_server_that_drips_is_given_up_in_time_and_says_so(make_oriel):
    server = make_oriel("--no-agent")
    drip = Silent(b"220 " + b"x" * 200)
    set_mail(server, drip.port)
    outcome = server.post("/api/ui/mail/test", json={"to": "ada@example.com"}).json()
    assert not outcome["sent"] and "no answer within 30 s" in outcome["error"], outcome
    drip.stop()


@pytest.mark.timeout(180)
def test_each_address_of_a_channel_is_told_by_itself(make_oriel):
    server, clock = open_server(make_oriel)

    class Picky(Mailbox):
        busy = 0

        async def handle_RCPT(self, smtp, session, envelope, address, options):
            if address == "gone@example.com":
                return "550 5.1.1 no such user"
            if address == "busy@example.com" and self.busy < 2:
                self.busy += 1
                return "451 4.2.1 come back later"
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 yes"

    box = Picky().start()
    set_mail(server, box.port)
    channel(server, "email", "duty", to=["Ada <ada@example.com>", "gone@example.com", "busy@example.com"])
    # Who is named twice is told once.
    alarm = Alarm(server, clock, "@email-duty @ADA@example.com")
    alarm.fire()
    found = alarm.wait_deliveries(lambda all: len(all) == 3 and all_settled(all), 60)
    assert states(found) == {"@ada@example.com": "sent", "@gone@example.com": "failed", "@busy@example.com": "sent"}, found
    of = {d["handle"]: d for d in found}
    assert "550" in of["@gone@example.com"]["error"] and of["@busy@example.com"]["attempts"] == 3
    assert sorted(map(tuple, box.recipients)) == [("ada@example.com",), ("busy@example.com",)]
    # What is put right is told at a click.
    box.stop()


def all_settled(found: list[dict]) -> bool:
    return all(d["state"] != "pending" for d in found)


def test_what_is_wrong_with_a_mail_server_is_said_in_words(make_oriel, tmp_path):
    server = make_oriel("--no-agent")
    test = lambda to="ada@example.com": server.post("/api/ui/mail/test", json={"to": to}).json()
    plain = Mailbox().start()
    # STARTTLS is asked for and not offered: the letter does not go in the open.
    set_mail(server, plain.port, tls="starttls")
    assert "STARTTLS is not supported" in test()["error"]
    set_mail(server, plain.port, user="ada", password="x")
    assert "authentication mechanism" in test()["error"]
    set_mail(server, plain.port)
    # Letters beyond a to z: a host is written as servers know it, a name needs a server that knows it.
    assert test("ada@münchen.example")["sent"] and plain.recipients[-1] == ["ada@xn--mnchen-3ya.example"]
    unknown = test("jürgen@example.com")
    assert unknown["sent"] or "SMTPUTF8" in unknown["error"], unknown
    plain.stop()
    # Nobody listens any more.
    assert not test()["sent"]
    # A certificate whose time is over.
    context, pem = certificate(tmp_path)
    key, old = tmp_path / "key.pem", tmp_path / "old.pem"
    expired(key, old)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(old, key)
    greeter = Silent(take=lambda listening: shake_hands(listening, context))
    set_mail(server, greeter.port, host="localhost", tls="tls", ca=old.read_text())
    assert "expired" in test()["error"].lower(), test()
    greeter.stop()


def shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            context.wrap_socket(listening.accept()[0], server_side=True).close()
        except ssl.SSLError:
            continue
        except OSError:
            return


def expired(key, path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    private = serialization.load_pem_private_key(key.read_bytes(), None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(1)
    made = made.not_valid_before(now - datetime.timedelta(days=9)).not_valid_after(now - datetime.timedelta(days=2))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    path.write_bytes(made.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


@pytest.mark.timeout(180)
def test_a_name_with_line_ends_writes_no_headers_and_a_long_message_is_a_mail_that_is_read(make_oriel):
    server, clock = open_server(make_oriel)
    box = Mailbox().start()
    set_mail(server, box.port)
    long = "{{#is_alert}}" + "A very long story about größe & <b>co</b>. " * 1200 + "{{/is_alert}}"
    alarm = Alarm(server, clock, "@ada@example.com", name="🔥 up\r\nBcc: evil@example.org\r\n\r\nx {{host.name}}", message=long)
    alarm.fire()
    mail = box.wait(1, 60)[0]
    assert box.recipients[0] == ["ada@example.com"] and mail["Bcc"] is None
    assert mail["Subject"] == "[Triggered] 🔥 up Bcc: evil@example.org x web-1 on {host:web-1,env:prod}"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail["Importance"]) == ("auto-generated", "All", "high")
    assert "monitors.example.com" in mail["List-Id"] and mail["Date"] and mail["References"] == mail["In-Reply-To"]
    # Alternatives, and the picture belongs to the second: what all mail programs know.
    assert mail.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "multipart/related"]
    assert [p.get_content_type() for p in list(mail.iter_parts())[1].iter_parts()] == ["text/html", "image/png"]
    html = mail.get_body(("html",)).get_content()
    text = mail.get_body(("plain",)).get_content()
    assert len(html.encode()) < 102_000 and "longer than mails show" in html
    assert html.index("See it as it was") < html.index("A very long story"), "the link comes first"
    assert text.index("See it as it was") < text.index("A very long story")
    assert all(len(line) <= 80 or "http" in line for line in text.splitlines()), [line for line in text.splitlines() if len(line) > 80]
    assert 'alt="Chart of' in html and 'width="600"' in html and 'height="' in html
    box.stop()


class Endless(http.server.ThreadingHTTPServer):
    """Answers by path: 200 with a body that never ends, 500 with a small body that unpacks to a gigabyte, 429 for the first one."""

    def __init__(self):
        server = self
        self.hits: list[tuple[str, float]] = []
        bomb = gzip.compress(b"\0" * 50_000_000)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.hits.append((self.path, time.time()))
                if self.path == "/endless":
                    self.send_response(200)
                    self.send_header("Content-Length", str(1 << 40))
                    self.end_headers()
                    try:
                        while True:
                            self.wfile.write(b"x")
                            time.sleep(0.2)
                    except OSError:
                        return
                if self.path == "/bomb":
                    self.send_response(400)
                    self.send_header("Content-Encoding", "gzip")
                    self.send_header("Content-Length", str(len(bomb)))
                    self.end_headers()
                    self.wfile.write(bomb)
                    return
                status = 429 if self.path == "/limited" and [p for p, _ in server.hits].count("/limited") == 1 else 200
                answer = json.dumps({"ok": False, "parameters": {"retry_after": 40}}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.mark.timeout(180)
def test_answers_that_never_end_unpack_without_end_or_ask_for_rest(make_oriel):
    server, clock = open_server(make_oriel)
    endless = Endless()
    url = f"http://127.0.0.1:{endless.server_address[1]}"
    for name in ("endless", "bomb", "limited"):
        assert server.post(HOOKS, json={"name": name, "url": f"{url}/{name}"}).status_code == 201
    alarm = Alarm(server, clock, "@webhook-endless @webhook-bomb @webhook-limited")
    alarm.fire()
    found = alarm.wait_deliveries(lambda all: len(all) == 3 and all_settled(all), 60)
    assert states(found) == {"@webhook-endless": "sent", "@webhook-bomb": "failed", "@webhook-limited": "sent"}, found
    of = {d["handle"]: d for d in found}
    assert len(of["@webhook-bomb"]["error"]) < 500 and of["@webhook-limited"]["attempts"] == 2
    # It asked for 40 s, which are two of the fast clock's.
    first, second = [at for path, at in endless.hits if path == "/limited"]
    assert second - first >= 1.9
    endless.shutdown()


def test_a_webhook_that_could_not_be_sent_is_refused_when_it_is_made(make_oriel):
    server = make_oriel("--no-agent")
    for headers in ('{"Content-Length": "5"}', '{"a b": "c"}', '{"X-A": "b\\nc"}', "[1]"):
        answer = server.post("/api/ui/channels", json={"kind": "webhook", "name": "x", "settings": {"url": "https://example.com", "custom_headers": headers}})
        assert answer.status_code == 400 and "custom_headers" in answer.text, (headers, answer.text)


@pytest.mark.timeout(240)
def test_that_one_channel_is_dead_is_told_through_another(make_oriel, receiver):
    server, clock = open_server(make_oriel)
    box = Mailbox()
    box.handle_RCPT = refuse
    box.start()
    set_mail(server, box.port)
    assert server.post(HOOKS, json={"name": "other", "url": receiver.url}).status_code == 201
    mine = next(m for m in server.get("/api/v1/monitor", monitor_tags="oriel:built-in").json() if "get through" in m["name"])
    answer = server.put(f"/api/v1/monitor/{mine['id']}", json={"message": mine["message"] + " @webhook-other"})
    assert answer.status_code == 200, answer.text
    alarm = Alarm(server, clock, "@ada@example.com")
    alarm.fire()
    assert states(alarm.wait_deliveries(lambda all: all and all_settled(all), 60)) == {"@ada@example.com": "failed"}
    told = receiver.wait(1, 120)
    assert told, "nobody is told that mail fails"
    body = json.loads(told[0]["body"])
    assert "Notices don't get through" in body["title"] and "channel:email" in body["title"] and "by email" in body["body"], body
    box.stop()


async def refuse(smtp, session, envelope, address, options):
    await asyncio.sleep(0)
    return "550 5.1.1 no such user"
