/** Set-up, keys, settings and events of the mock. */
import { hash } from "./metrics.mjs";

const started = Date.now();
const ago = (seconds) => Date.now() - seconds * 1000;

export function setup() {
  const seen = (after) => (Date.now() - started > after ? started + after : null);
  const client = (id, title, lines, after, see) => ({
    id,
    title,
    lines: lines.map(([label, text]) => ({ label, text })),
    seen_ms: seen(after),
    see,
  });
  return {
    base_url: "http://127.0.0.1:8080",
    statsd_addr: "127.0.0.1:8125",
    statsd_socket: null,
    api_key_hint: "…3f9a",
    clients: [
      client(
        "host",
        "This host",
        [["Nothing to do", "the agent runs inside the server"]],
        0,
        "/dashboard/system?tpl_var_host=web-1",
      ),
      client(
        "dogstatsd",
        "DogStatsD",
        [
          ["Shell", "printf 'hello.oriel:1|c' >/dev/udp/127.0.0.1/8125"],
          [
            "Python",
            "from datadog import initialize, statsd\ninitialize(statsd_host='127.0.0.1', statsd_port=8125)\nstatsd.increment('hello.oriel')",
          ],
        ],
        15000,
        "/metrics/explore?q=sum:hello.oriel{*}.as_count()",
      ),
      client(
        "api",
        "Datadog API",
        [
          [
            "curl",
            'curl -X POST http://127.0.0.1:8080/api/v2/series \\\n  -H \'DD-API-KEY: YOUR_KEY\' -H \'Content-Type: application/json\' \\\n  -d \'{"series":[{"metric":"hello.api","type":3,"points":[{"timestamp":\'$(date +%s)\',"value":1}]}]}\'',
          ],
        ],
        1e9,
        "/metrics/explore",
      ),
      client(
        "agent",
        "Datadog agent",
        [["datadog.yaml", "dd_url: http://127.0.0.1:8080\napi_key: YOUR_KEY"]],
        1e9,
        "/hosts",
      ),
      client(
        "prometheus",
        "Prometheus remote write",
        [
          [
            "prometheus.yml",
            "remote_write:\n  - url: http://127.0.0.1:8080/api/v1/write\n    authorization: {credentials: YOUR_KEY}",
          ],
        ],
        1e9,
        "/metrics/summary",
      ),
      client(
        "python",
        "A Python check",
        [
          [
            "checks.d/hello.py",
            "from datadog_checks.base import AgentCheck\nclass Hello(AgentCheck):\n    def check(self, instance):\n        self.gauge('hello.check', 1)",
          ],
          ["conf.d/hello.yaml", "instances: [{}]"],
        ],
        1e9,
        "/hosts/web-1",
      ),
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
    kept.splice(
      kept.findIndex((key) => key.id === id),
      1,
    );
    return {};
  },
};

export const settings = () => ({
  retention: { metrics: "15mo", logs: "30d", spans: "30d", events: "30d" },
  memory: {
    limit_bytes: 4294967296,
    pools: [
      { name: "ingest", used_bytes: 41943040, limit_bytes: 1073741824 },
      { name: "seal", used_bytes: 0, limit_bytes: 536870912 },
      { name: "compact", used_bytes: 209715200, limit_bytes: 536870912 },
      { name: "query", used_bytes: 73400320, limit_bytes: 1073741824 },
      { name: "caches", used_bytes: 933232640, limit_bytes: 1073741824 },
    ],
  },
  disk: { data_bytes: 2_840_000_000, wal_bytes: 134_217_728, free_bytes: 61_000_000_000 },
  listeners: [
    { name: "http", addr: "127.0.0.1:8080", state: "listening", error: null },
    {
      name: "statsd (udp)",
      addr: "127.0.0.1:8125",
      state: "failed",
      error: "address in use by datadog-agent (pid 811); stop it or pass --statsd",
    },
    { name: "statsd (unix)", addr: "off", state: "off", error: null },
  ],
  refused: [
    { source: "dogstatsd", reason: "no value in the line", count: 14, examples: ["page.views:|c", "oops"] },
    { source: "api v2 series", reason: "more than 100 tags", count: 2, examples: ["app.requests{…}"] },
  ],
  unknown_agent_paths: [
    { path: "/api/v2/netpath", count: 31, last_ms: ago(40) },
    { path: "/api/v2/contimage", count: 4, last_ms: ago(4000) },
  ],
  figures: [
    { name: "series", value: 10140 },
    { name: "samples a second", value: 1014 },
    { name: "files", value: 42 },
    { name: "bytes a sample", value: 0.39 },
  ],
});

export function events(start, end) {
  const middle = Math.floor((start + (end - start) * 0.62) / 60) * 60;
  return {
    events: [
      {
        id: 1,
        title: "Deployed shop 2.14.0",
        text: "by payments",
        date_happened: middle,
        alert_type: "info",
        tags: ["service:shop"],
      },
      {
        id: 2,
        title: "Postgres restarted on db-1",
        text: "",
        date_happened: middle - Math.floor((end - start) * 0.3),
        alert_type: "error",
        tags: ["host:db-1"],
      },
    ].filter((event) => event.date_happened >= start),
  };
}
