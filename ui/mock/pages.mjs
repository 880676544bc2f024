/** Hosts, set-up, keys and settings of the mock. */
import { HOSTS } from "./catalog.mjs";
import { hash } from "./metrics.mjs";

const started = Date.now();
const ago = (seconds) => Date.now() - seconds * 1000;

export const me = () => ({ user: { name: "admin" }, org: { name: "default" }, version: "0.1.0", hostname: "web-1", first_run: process.env.MOCK_FIRST === "1", now_ms: Date.now() });

const rowOf = (name) => ({
  name,
  last_seen_ms: name === "build-1" ? ago(4200) : ago(4),
  up: name !== "build-1",
  cpu_pct: name === "build-1" ? null : 12 + hash(name) * 80,
  mem_used_pct: name === "build-1" ? null : 30 + hash(`${name}m`) * 65,
  disk_used_pct: 20 + hash(`${name}d`) * 74,
  load_1: hash(`${name}l`) * 4,
  tags: ["env:prod", `role:${name.split("-")[0]}`, "region:eu-1"],
  checks: { ok: 6, warning: name === "db-2" ? 1 : 0, critical: name === "web-1" ? 1 : 0, unknown: 0 },
});

export const hosts = (search) => ({ hosts: [...HOSTS, ...Array.from({ length: 120 }, (_, n) => `node-${n + 1}`)].filter((name) => name.includes(search)).map(rowOf) });

export function host(name) {
  const broken = Date.now() - started < 3_600_000;
  return {
    name,
    last_seen_ms: ago(3),
    up: true,
    meta: { platform: "Debian GNU/Linux 12", kernel: "6.1.0-28-amd64", cpu_cores: 8, cpu_model: "AMD EPYC 7B13", memory_total: 17179869184, agent_version: "0.1.0", python: "3.11.2" },
    tags_by_source: { "Oriel agent": ["env:prod", "role:web", "region:eu-1"], Users: ["owner:payments", "tier:1"] },
    service_checks: [
      { check: "postgres.can_connect", status: "ok", message: "", tags: ["db:app"], last_ms: ago(9) },
      { check: "http.can_connect", status: "critical", message: "connection refused: 127.0.0.1:9000", tags: ["url:http://127.0.0.1:9000"], last_ms: ago(11) },
      { check: "ntp.in_sync", status: "ok", message: "", tags: [], last_ms: ago(70) },
      { check: "disk.read_write", status: "warning", message: "/var is 91 % full", tags: ["device:/dev/vda1"], last_ms: ago(12) },
    ],
    agent_checks: [
      { name: "cpu", instance: null, status: "ok", message: null, file: null, line: null, hint: null, last_run_ms: ago(4), next_run_ms: ago(-11), interval_s: 15, runs: 4211, metrics: 7 },
      { name: "disk", instance: null, status: "ok", message: null, file: null, line: null, hint: null, last_run_ms: ago(6), next_run_ms: ago(-9), interval_s: 15, runs: 4211, metrics: 24 },
      { name: "postgres", instance: "localhost:5432", status: "warning", message: "pg_stat_statements is not installed: statement metrics are left out", file: null, line: null, hint: "CREATE EXTENSION pg_stat_statements; as a superuser.", last_run_ms: ago(2), next_run_ms: ago(-13), interval_s: 15, runs: 980, metrics: 61 },
      broken
        ? { name: "broken_import", instance: "0", status: "error", message: "ModuleNotFoundError: No module named 'requsts'", file: "/etc/oriel/checks.d/broken_import.py", line: 3, hint: "Did you mean `requests`? If it is right, install it: DATA/python/bin/pip install requsts", last_run_ms: ago(8), next_run_ms: ago(-7), interval_s: 15, runs: 12, metrics: 0 }
        : { name: "broken_import", instance: "0", status: "ok", message: null, file: null, line: null, hint: null, last_run_ms: ago(2), next_run_ms: ago(-13), interval_s: 15, runs: 13, metrics: 1 },
      { name: "my_metric", instance: "0", status: "pending", message: null, file: null, line: null, hint: null, last_run_ms: null, next_run_ms: ago(-30), interval_s: 45, runs: 0, metrics: 0 },
    ],
  };
}

export function setup() {
  const seen = (after) => (Date.now() - started > after ? started + after : null);
  const client = (id, title, lines, after, see) => ({ id, title, lines: lines.map(([label, text]) => ({ label, text })), seen_ms: seen(after), see });
  return {
    base_url: "http://127.0.0.1:8080",
    statsd_addr: "127.0.0.1:8125",
    statsd_socket: null,
    api_key_hint: "…3f9a",
    clients: [
      client("host", "This host", [["Nothing to do", "the agent runs inside the server"]], 0, "/dashboard/system?tpl_var_host=web-1"),
      client("dogstatsd", "DogStatsD", [["Shell", "printf 'hello.oriel:1|c' >/dev/udp/127.0.0.1/8125"], ["Python", "from datadog import initialize, statsd\ninitialize(statsd_host='127.0.0.1', statsd_port=8125)\nstatsd.increment('hello.oriel')"]], 15000, "/metrics/explore?q=sum:hello.oriel{*}.as_count()"),
      client("api", "Datadog API", [["curl", "curl -X POST http://127.0.0.1:8080/api/v2/series \\\n  -H 'DD-API-KEY: YOUR_KEY' -H 'Content-Type: application/json' \\\n  -d '{\"series\":[{\"metric\":\"hello.api\",\"type\":3,\"points\":[{\"timestamp\":'$(date +%s)',\"value\":1}]}]}'"]], 1e9, "/metrics/explore"),
      client("agent", "Datadog agent", [["datadog.yaml", "dd_url: http://127.0.0.1:8080\napi_key: YOUR_KEY"]], 1e9, "/hosts"),
      client("prometheus", "Prometheus remote write", [["prometheus.yml", "remote_write:\n  - url: http://127.0.0.1:8080/api/v1/write\n    authorization: {credentials: YOUR_KEY}"]], 1e9, "/metrics/summary"),
      client("python", "A Python check", [["checks.d/hello.py", "from datadog_checks.base import AgentCheck\nclass Hello(AgentCheck):\n    def check(self, instance):\n        self.gauge('hello.check', 1)"], ["conf.d/hello.yaml", "instances: [{}]"]], 1e9, "/hosts/web-1"),
    ],
  };
}

const kept = [
  { id: "k1", name: "first key", kind: "api", hint: "…3f9a", created_ms: ago(90000), last_used_ms: ago(3) },
  { id: "k2", name: "dashboards as code", kind: "app", hint: "…77b0", created_ms: ago(60000), last_used_ms: null },
];

export const keys = {
  list: () => ({ keys: kept }),
  create({ name, kind }) {
    const id = `k${kept.length + 1}`;
    const key = Array.from({ length: 32 }, (_, n) => "0123456789abcdef"[Math.floor(hash(`${name}${n}`) * 16)]).join("");
    kept.push({ id, name, kind, hint: `…${key.slice(-4)}`, created_ms: Date.now(), last_used_ms: null });
    return { id, name, kind, key };
  },
  revoke(id) {
    kept.splice(kept.findIndex((key) => key.id === id), 1);
    return {};
  },
};

export const settings = () => ({
  retention: { metrics: "15mo", logs: "30d", spans: "30d", events: "30d" },
  memory: { limit_bytes: 4294967296, pools: [{ name: "ingest", used_bytes: 41943040, limit_bytes: 1073741824 }, { name: "seal", used_bytes: 0, limit_bytes: 536870912 }, { name: "compact", used_bytes: 209715200, limit_bytes: 536870912 }, { name: "query", used_bytes: 73400320, limit_bytes: 1073741824 }, { name: "caches", used_bytes: 933232640, limit_bytes: 1073741824 }] },
  disk: { data_bytes: 2_840_000_000, wal_bytes: 134_217_728, free_bytes: 61_000_000_000 },
  listeners: [{ name: "http", addr: "127.0.0.1:8080", state: "listening", error: null }, { name: "statsd (udp)", addr: "127.0.0.1:8125", state: "failed", error: "address in use by datadog-agent (pid 811); stop it or pass --statsd" }, { name: "statsd (unix)", addr: "off", state: "off", error: null }],
  refused: [{ source: "dogstatsd", reason: "no value in the line", count: 14, examples: ["page.views:|c", "oops"] }, { source: "api v2 series", reason: "more than 100 tags", count: 2, examples: ["app.requests{…}"] }],
  unknown_agent_paths: [{ path: "/api/v2/netpath", count: 31, last_ms: ago(40) }, { path: "/api/v2/contimage", count: 4, last_ms: ago(4000) }],
  figures: [{ name: "series", value: 10140 }, { name: "samples a second", value: 1014 }, { name: "files", value: 42 }, { name: "bytes a sample", value: 0.39 }],
});

export function events(start, end) {
  const middle = Math.floor((start + (end - start) * 0.62) / 60) * 60;
  return { events: [{ id: 1, title: "Deployed shop 2.14.0", text: "by payments", date_happened: middle, alert_type: "info", tags: ["service:shop"] }, { id: 2, title: "Postgres restarted on db-1", text: "", date_happened: middle - Math.floor((end - start) * 0.3), alert_type: "error", tags: ["host:db-1"] }].filter((event) => event.date_happened >= start) };
}
