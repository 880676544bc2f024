/** The metrics of the mock: name, kind, unit, middle, swing, tag keys. */

const MIB = { family: "bytes", name: "mebibyte", short_name: "MiB", scale_factor: 1048576 };
const KIB = { family: "bytes", name: "kibibyte", short_name: "KiB", scale_factor: 1024 };
const BYTE = { family: "bytes", name: "byte", short_name: "B", scale_factor: 1 };
const BPS = { family: "bytes", name: "byte/second", short_name: "B/s", scale_factor: 1 };
const PCT = { family: "percentage", name: "percent", short_name: "%", scale_factor: 1 };
const FRACTION = { family: "percentage", name: "fraction", short_name: "", scale_factor: 1 };
const SECOND = { family: "time", name: "second", short_name: "s", scale_factor: 1 };
const MS = { family: "time", name: "millisecond", short_name: "ms", scale_factor: 0.001 };
const of = (name) => ({ family: "general", name, short_name: name, scale_factor: 1 });

export const HOSTS = ["web-1", "web-2", "web-3", "db-1", "db-2", "cache-1", "edge-1", "build-1"];

export const TAGS = {
  host: HOSTS,
  env: ["prod", "staging"],
  device: ["/dev/vda1", "/dev/vdb1", "tmpfs"],
  interface: ["eth0", "lo"],
  db: ["app", "billing", "postgres"],
  table: ["users", "orders", "invoices", "sessions", "audit_log"],
  route: ["/login", "/cart", "/api/items", "/api/orders", "/search", "/health"],
  status: ["200", "404", "500"],
  service: ["web", "checkout", "payments", "search", "auth", "mailer", "postgres", "redis", "elasticsearch", "kafka"],
  to_service: ["postgres", "redis", "search", "payments"],
  "http.status_class": ["2xx", "4xx", "5xx"],
  version: ["2.14.0", "2.13.4"],
};

const OPERATIONS = [
  "flask.request",
  "fastapi.request",
  "express.request",
  "grpc.request",
  "http.request",
  "kafka.consume",
  "postgres.query",
  "redis.command",
  "elasticsearch.query",
  "kafka.produce",
  "celery.run",
];

const metric = (name, kind, unit, middle, swing, tags, more = {}) => ({
  name,
  kind,
  unit,
  middle,
  swing,
  tags: ["host", "env", ...tags],
  ...more,
});

export const METRICS = [
  metric("system.cpu.user", "gauge", PCT, 24, 14, []),
  metric("system.cpu.system", "gauge", PCT, 7, 4, []),
  metric("system.cpu.iowait", "gauge", PCT, 2, 2, []),
  metric("system.cpu.idle", "gauge", PCT, 66, 16, []),
  metric("system.cpu.stolen", "gauge", PCT, 0.1, 0.1, []),
  metric("system.cpu.guest", "gauge", PCT, 0, 0, []),
  metric("system.load.1", "gauge", null, 1.4, 0.9, []),
  metric("system.load.5", "gauge", null, 1.2, 0.5, []),
  metric("system.load.15", "gauge", null, 1.1, 0.3, []),
  metric("system.mem.total", "gauge", MIB, 16384, 0, []),
  metric("system.mem.used", "gauge", MIB, 9800, 1500, []),
  metric("system.mem.free", "gauge", MIB, 2200, 600, []),
  metric("system.mem.cached", "gauge", MIB, 4100, 500, []),
  metric("system.mem.usable", "gauge", MIB, 6300, 900, []),
  metric("system.mem.pct_usable", "gauge", FRACTION, 0.4, 0.06, []),
  metric("system.swap.used", "gauge", MIB, 120, 40, []),
  metric("system.disk.used", "gauge", KIB, 48_000_000, 900_000, ["device"]),
  metric("system.disk.total", "gauge", KIB, 104_857_600, 0, ["device"]),
  metric("system.disk.in_use", "gauge", FRACTION, 0.46, 0.02, ["device"]),
  metric("system.io.rkb_s", "gauge", of("kB/s"), 900, 700, ["device"]),
  metric("system.io.wkb_s", "gauge", of("kB/s"), 2400, 1800, ["device"]),
  metric("system.io.util", "gauge", PCT, 14, 10, ["device"]),
  metric("system.net.bytes_rcvd", "gauge", BPS, 2_400_000, 1_900_000, ["interface"]),
  metric("system.net.bytes_sent", "gauge", BPS, 1_300_000, 900_000, ["interface"]),
  metric("system.uptime", "gauge", SECOND, 900_000, 0, []),
  metric("postgresql.connections", "gauge", of("connection"), 42, 14, ["db"]),
  metric("postgresql.commits", "rate", of("transaction/second"), 340, 120, ["db"]),
  metric("postgresql.rollbacks", "rate", of("transaction/second"), 3, 3, ["db"]),
  metric("postgresql.table_count", "gauge", of("table"), 24, 0.4, ["db"], { spiky: true }),
  metric("postgresql.table.count", "gauge", of("table"), 24, 0.4, ["db"], { spiky: true }),
  metric("postgresql.database_size", "gauge", BYTE, 8.1e9, 2e8, ["db"]),
  metric("postgresql.table_size", "gauge", BYTE, 4.1e8, 2e7, ["db", "table"]),
  metric("postgresql.locks", "gauge", of("lock"), 18, 9, ["db"]),
  metric("http.requests", "rate", of("request"), 120, 60, ["route", "status"]),
  metric("http.errors", "count", of("error"), 2, 3, ["route"], { sparse: 0.8 }),
  metric("http.request.duration", "distribution", SECOND, 0.11, 0.06, ["route"]),
  metric("queue.wait", "gauge", MS, 34, 30, []),
  metric("my_metric", "gauge", null, 0.5, 0.4, [], { sparse: 0.3 }),
  metric("oriel.intake.samples", "count", of("sample"), 9200, 2400, []),
  metric("oriel.wal.commit", "distribution", SECOND, 0.0021, 0.001, []),
  metric("oriel.memory.used", "gauge", BYTE, 9.2e7, 1.4e7, []),
  ...OPERATIONS.flatMap((name) => [
    metric(`trace.${name}.hits`, "count", of("request"), 240, 90, ["service", "version"]),
    metric(`trace.${name}.hits.by_http_status`, "count", of("request"), 120, 60, ["service", "http.status_class"]),
    metric(`trace.${name}.errors`, "count", of("error"), 3, 4, ["service", "version"], { sparse: 0.2 }),
    metric(`trace.${name}`, "distribution", SECOND, 0.08, 0.05, ["service", "version"]),
    metric(`trace.${name}.apdex`, "gauge", null, 0.93, 0.04, ["service", "version"]),
  ]),
  metric("oriel.trace.edge", "distribution", SECOND, 2.4, 1.8, ["from_service", "to_service"]),
  ...Array.from({ length: 400 }, (_, n) =>
    metric(
      `app.feature_${n % 20}.${["calls", "latency", "errors", "cache.hits", "queue.size"][n % 5]}_${n}`,
      ["count", "gauge", "rate"][n % 3],
      null,
      40 + n,
      20,
      [],
    ),
  ),
];
