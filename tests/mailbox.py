"""What notices go to in tests: a real SMTP server that keeps what it gets, a local HTTP receiver, and the server's fast clock."""

import email
import email.policy
import http.server
import json
import threading
import time

from aiosmtpd.controller import Controller
from conftest import Oriel, free_port


class Mailbox:
    """An SMTP server on a free port. `refuse` answers that many messages with a transient error first."""

    def __init__(self, refuse: int = 0, **options):
        self.messages: list[email.message.EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuse, self.refused = refuse, 0
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    async def handle_DATA(self, server, session, envelope):
        if self.refused < self.refuse:
            self.refused += 1
            return "451 4.3.0 not now"
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 2.0.0 taken"

    def start(self) -> "Mailbox":
        self.controller.start()
        return self

    def stop(self) -> None:
        self.controller.stop()

    def wait(self, n: int, seconds: float = 60) -> list[email.message.EmailMessage]:
        """Waits until there are `n` mails; gives those there are when it takes too long."""
        until = time.monotonic() + seconds
        while len(self.messages) < n and time.monotonic() < until:
            time.sleep(0.1)
        return list(self.messages)


class Receiver:
    """An HTTP server on a free port that keeps every request. `answers` are statuses for the first ones; then 200."""

    def __init__(self, answers: list[int] | None = None):
        self.requests: list[dict] = []
        self.answers = list(answers or [])
        self.port = free_port()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.requests.append({"path": self.path, "headers": dict(self.headers), "body": body, "at": time.time()})
                status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                answer = json.dumps({"ok": status < 300, "status": "success", "message": "Event processed", "dedup_key": "x"}).encode()
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Receiver":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def wait(self, n: int, seconds: float = 60) -> list[dict]:
        until = time.monotonic() + seconds
        while len(self.requests) < n and time.monotonic() < until:
            time.sleep(0.05)
        return list(self.requests)


class FastTime:
    """The time of a server that was started with ORIEL_TEST_CLOCK_RATE, told from an event that it stamps."""

    def __init__(self, server: Oriel, rate: int):
        self.rate = rate
        before = time.monotonic()
        answer = server.post("/api/v1/events", json={"title": "what time is it", "text": "asked by a test"})
        assert answer.status_code in (200, 202), answer.text
        self.real_s = (before + time.monotonic()) / 2
        self.start_s = float(answer.json()["event"]["date_happened"])

    def now_s(self) -> float:
        return self.start_s + (time.monotonic() - self.real_s) * self.rate

    def sleep(self, seconds: float) -> None:
        """Until the server's clock has gone on by so much."""
        time.sleep(seconds / self.rate)
