"""What is watched in the pictures: monitors of most types, of which some fire, objectives, downtimes, channels, synthetic tests, and a
dashboard of them. Mail goes to a real SMTP server."""

import json
import threading
import time

from conftest import Oriel, free_port
from mailbox import Mailbox
from night import HOSTS, line, points

MESSAGE = (
    "{{#is_alert}}\nCheckout takes **{{value}} ms** on {{host.name}}; {{threshold}} ms is what people wait for.\n\n"
    "Runbook: [restart the payment gateway](https://wiki.example.com/gateway)\n{{/is_alert}}\n"
    "{{#is_recovery}}Checkout is well again on {{host.name}}.{{/is_recovery}}\n@oncall@example.com"
)


def monitors() -> list[dict]:
    def one(name, kind, query, critical, warning=None, message="@oncall@example.com", tags=("team:shop", "env:prod"), **options):
        thresholds = {"critical": critical, **({"warning": warning} if warning is not None else {})}
        options = {"thresholds": thresholds, "include_tags": True, "new_group_delay": 0, **options}
        return {"name": name, "type": kind, "query": query, "message": message, "tags": list(tags), "options": options}

    return [
        {**one("Checkout is slow", "query alert", "avg(last_1m):avg:checkout.latency{env:prod} by {host} > 800", 800, 500, MESSAGE), "priority": 2},
        one("Payments are declined", "query alert", "sum(last_5m):sum:shop.payments{status:declined}.as_count() > 100000", 100000, 1, "@slack-shop"),
        one("Checkout logs errors", "log alert", 'logs("service:checkout status:error").index("*").rollup("count").by("host").last("5m") > 10', 10, 5, "@slack-shop"),
        one("PostgreSQL can be reached", "service check", '"postgres.can_connect".over("*").by("host").last(2).count_by_status()', 1, None, "@oncall@example.com", ("team:platform",)),
        one("Load of the hosts", "query alert", "avg(last_5m):avg:system.load.1{*} by {host} > 1000", 1000, 500, "@oncall@example.com", ("team:platform",)),
        one("Latency is unusual", "query alert", "avg(last_1h):anomalies(avg:shop.latency{*}, 'basic', 3) >= 1", 1, None, "@slack-shop"),
        one("Queue of the nightly import", "query alert", "avg(last_5m):avg:import.queue{*} > 10", 10, None, "@oncall@example.com", ("team:data",), on_missing_data="show_no_data"),
    ]


class Watched:
    def __init__(self, server: Oriel):
        self.server, self.box = server, Mailbox().start()
        self.ids: dict[str, int] = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def post(self, path: str, body: dict) -> dict:
        answer = self.server.post(path, json=body)
        assert answer.status_code in (200, 201, 202), f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def set_up(self, seconds: float, postgres: int) -> None:
        """Trouble comes at 0.4 of the time."""
        mail = {"host": "127.0.0.1", "port": self.box.port, "tls": "none", "from": "oriel@example.com"}
        assert self.server.put("/api/ui/mail", json=mail).status_code == 200
        channel = lambda kind, name, **settings: self.post("/api/ui/channels", {"kind": kind, "name": name, "settings": settings})  # noqa: E731
        channel("slack", "shop", url="https://hooks.slack.com.invalid/services/T0/B0/x")
        channel("pagerduty", "primary", routing_key="0" * 32)
        channel("webhook", "tickets", url="https://tickets.example.com/hook", payload='{"title": "$EVENT_TITLE", "link": "$LINK"}')
        channel("email", "leads", to="ada@example.com, grace@example.com")
        self.start_s, self.trouble_s = time.time() - 3500, time.time() + seconds * 0.4
        self.send(self.start_s, time.time())
        self.thread.start()
        for body in monitors():
            self.ids[body["name"]] = self.post("/api/v1/monitor", body)["id"]
        self.objectives()
        self.downtimes()
        self.tests(postgres)
        self.board()

    def objectives(self) -> None:
        targets = [{"timeframe": "7d", "target": 99, "warning": 99.5}, {"timeframe": "30d", "target": 99}]
        ratio = {"numerator": "sum:shop.payments{status:ok}.as_count()", "denominator": "sum:shop.payments{*}.as_count()"}
        slo = lambda **body: self.post("/api/v1/slo", {"thresholds": targets, **body})["data"][0]["id"]  # noqa: E731
        self.slo = slo(name="Payments go through", type="metric", query=ratio, tags=["team:shop"], description="Card payments that the gateway answers.")
        slo(name="The shop is up", type="monitor", monitor_ids=[self.ids["Checkout is slow"], self.ids["PostgreSQL can be reached"]], tags=["team:shop"])
        queries = [{"data_source": "metrics", "name": "query1", "query": "avg:checkout.latency{env:prod}"}]
        slice_of = {"comparator": "<", "query_interval_seconds": 60, "threshold": 600, "query": {"formulas": [{"formula": "query1"}], "queries": queries}}
        slo(name="Checkout is fast", type="time_slice", sli_specification={"time_slice": slice_of}, tags=["team:shop"])

    def downtimes(self) -> None:
        now = time.time()
        iso = lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))  # noqa: E731
        make = lambda **attributes: self.post("/api/v2/downtime", {"data": {"type": "downtime", "attributes": attributes}})  # noqa: E731
        make(scope="*", monitor_identifier={"monitor_id": self.ids["Load of the hosts"]}, message="Kernel upgrade; ask @ada", schedule={"start": None, "end": iso(now + 7200)})
        weekly = {"rrule": "FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,SU", "duration": "4h", "start": time.strftime("%Y-%m-%dT22:00", time.gmtime(now + 86400))}
        make(scope="env:prod", monitor_identifier={"monitor_tags": ["team:data"]}, message="The weekly import", schedule={"recurrences": [weekly], "timezone": "Europe/Berlin"})

    def tests(self, postgres: int) -> None:
        def one(name, subtype, request, assertions, message="@oncall@example.com"):
            options = {"tick_every": 10, "min_location_failed": 1}
            body = {"name": name, "type": "api", "subtype": subtype, "status": "live", "message": message, "tags": ["team:shop"], "locations": [], "options": options}
            self.post("/api/v1/synthetics/tests/api", {**body, "config": {"request": request, "assertions": assertions}})

        quick = {"type": "responseTime", "operator": "lessThan", "target": 1000}
        one("The shop answers", "http", {"method": "GET", "url": f"{self.server.url}/health"}, [{"type": "statusCode", "operator": "is", "target": 200}, quick])
        one("The database takes connections", "tcp", {"host": "127.0.0.1", "port": postgres}, [quick])
        one("The old gateway", "tcp", {"host": "127.0.0.1", "port": free_port()}, [quick])

    def board(self) -> None:
        slow, at = str(self.ids["Checkout is slow"]), 0

        def place(width, height, x, y, **definition):
            nonlocal at
            at += 1
            return {"id": at, "definition": definition, "layout": {"x": x, "y": y, "width": width, "height": height}}

        widgets = [
            place(6, 4, 0, 0, type="manage_status", title="Monitors", query="", display_format="countsAndList", color_preference="background",
                  summary_type="combined", hide_zero_counts=False, show_last_triggered=True, show_priority=True),
            place(6, 4, 6, 0, type="alert_graph", title="Checkout", alert_id=slow, viz_type="timeseries"),
            place(3, 3, 0, 4, type="alert_value", title="Slowest checkout", alert_id=slow, precision=0, unit="ms", text_align="center"),
            place(3, 3, 3, 4, type="check_status", title="Synthetic tests", check="synthetics.test", grouping="cluster", group_by=["test_id"], tags=["*"]),
            place(6, 3, 6, 4, type="alert_graph", title="By host", alert_id=slow, viz_type="toplist"),
            place(5, 3, 0, 7, type="slo", title="Payments", slo_id=self.slo, view_type="detail", view_mode="overall", time_windows=["7d", "30d"], show_error_budget=True),
            place(7, 3, 5, 7, type="slo_list", title="Objectives", requests=[{"request_type": "slo_list", "query": {"query_string": "", "limit": 20}}]),
        ]
        self.post("/api/v1/dashboard", {"title": "Watching", "layout_type": "ordered", "widgets": widgets})

    def send(self, start: float, end: float) -> None:
        bad = lambda t, host: t >= self.trouble_s and host == "web-1"  # noqa: E731
        series = [points(host, start, end, 2600 if bad(end, host) else 240) for host in HOSTS]
        count = max(1, int(end - start))
        for status, n in (("ok", 40 * count), ("declined", (8 if end >= self.trouble_s else 1) * count // 8)):
            body = {"metric": "shop.payments", "type": "count", "interval": 10, "tags": [f"status:{status}"], "points": [[int(end), n]]}
            series.append(body)
        assert self.server.post("/api/v1/series", json={"series": series}).status_code == 202
        step = max(1, count // 120)
        rows = [line(host, t, bad(t, host), n) for n, t in enumerate(range(int(start), int(end), step)) for host in HOSTS]
        if rows:
            headers = {"Content-Type": "application/json"}
            assert self.server.post("/api/v2/logs", data=json.dumps(rows), headers=headers).status_code == 202

    def run(self) -> None:
        sent = time.time()
        while not self.over.wait(5):
            now = time.time()
            self.send(sent, now)
            sent = now

    def mail_html(self, folder) -> str:
        """The first mail about the checkout, its picture in it, as a file for the browser."""
        import base64

        mails = [m for m in self.box.messages if "Checkout is slow" in m["Subject"]] or self.box.messages
        if not mails:
            return ""
        html = mails[0].get_body(("html",)).get_content()
        for part in mails[0].walk():
            cid = part.get("Content-ID", "").strip("<>")
            if cid:
                image = base64.b64encode(part.get_content()).decode()
                html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{image}")
        path = folder / "mail.html"
        path.write_text(html)
        return str(path)

    def stop(self) -> None:
        self.over.set()
        self.thread.join()
        self.box.stop()
