import { describe, expect, test } from "vitest";
import { readChain } from "./chain";
import { STARTS, turnedTo, TYPE_OF, type Kind } from "./form";
import { readQuery, readTail } from "./readQuery";
import { writeQuery } from "./writeQuery";

/** Queries as people's exports have them: reading and writing gives the same text. */
const SAME: [string, string][] = [
  ["metric alert", "avg(last_5m):avg:my_metric{host:web-1} > 800"],
  ["query alert", "max(last_1h):avg:system.disk.in_use{*} by {host,device} * 100 >= 90"],
  ["query alert", "sum(last_10m):sum:app.errors{env:prod}.as_count() / sum:app.hits{env:prod}.as_count() > 0.05"],
  ["query alert", "change(avg(last_5m),last_1h):avg:app.latency{*} by {service} > 20"],
  ["query alert", "pct_change(max(last_15m),last_1d):sum:app.hits{!env:dev}.as_rate() < -50"],
  [
    "query alert",
    "avg(last_4h):anomalies(avg:system.load.1{*} by {host}, 'agile', 2, direction='above', alert_window='last_15m', interval=60, count_default_zero='true', seasonality='daily') >= 1",
  ],
  ["query alert", "avg(last_30m):outliers(avg:app.latency{service:web} by {host}, 'scaledMAD', 3.5, 20) > 0"],
  [
    "query alert",
    "max(next_1w):forecast(avg:system.disk.in_use{*}, 'linear', 1, interval='60m', history='1w', model='default') >= 0.95",
  ],
  ["log alert", 'logs("service:web \\"took too long\\"").index("*").rollup("count").by("service,host").last("5m") > 5'],
  ["log alert", 'logs("status:error").index("main","audit").rollup("cardinality","@usr.id").last("1h") >= 100'],
  [
    "trace-analytics alert",
    'trace-analytics("env:prod @http.status_code:500").rollup("pc95","@duration").last("10m") > 1500000000',
  ],
  ["event-v2 alert", 'events("source:deploy").rollup("count").last("15m") > 0'],
  ["process alert", 'processes("postgres").over("host:db-1").rollup("count").by("host").last("5m") < 1'],
  ["service check", '"postgres.can_connect".over("*").by("host","port").last(4).count_by_status()'],
  [
    "service check",
    '"http.can_connect".over("env:prod").exclude("url:http://x/a,b").by("url").last(2).count_by_status()',
  ],
  ["slo alert", 'error_budget("abc123").over("7d") > 75'],
  ["slo alert", 'burn_rate("abc123").over("30d").long_window("1h").short_window("5m") > 14.4'],
  ["composite", "10000001 && (10000002 || !10000003)"],
];

describe("query text", () => {
  test.each(SAME)("%s: %s", (type, text) => {
    const form = readQuery(type, text);
    expect(form).not.toBeNull();
    expect(writeQuery(form!)).toBe(text);
  });

  test("fields are what they are called", () => {
    expect(readQuery("metric alert", "avg(last_5m):avg:my_metric{host:web-1} > 800")).toEqual({
      kind: "threshold",
      timeAgg: "avg",
      window: "last_5m",
      query: "avg:my_metric{host:web-1}",
      comparator: ">",
      threshold: 800,
    });
    const anomaly = readQuery("query alert", "avg(last_1d):anomalies(sum:a{x:y,z:w}, 'robust', 3) > 0.5");
    expect(anomaly).toMatchObject({ kind: "anomaly", query: "sum:a{x:y,z:w}", bounds: 3, threshold: 0.5 });
  });

  test("what no form can hold stays text", () => {
    expect(readQuery("log alert", 'formula("a / b").last("5m") > 1')).toBeNull();
    expect(readQuery("service check", '"a.b".over("*").by("*").last(2).pct_by_status()')).toBeNull();
    expect(readQuery("rum alert", 'rum("*").rollup("count").last("5m") > 1')).toBeNull();
    expect(readQuery("metric alert", "avg(last_5m):avg:a{*} != 3")).toBeNull();
    expect(readQuery("metric alert", "avg:a{*} > 3")).toBeNull();
  });

  test("an algorithm inside of arithmetic is an expression, not its form", () => {
    const text = "avg(last_1h):anomalies(avg:a{*}, 'basic', 2) + 1 > 1";
    expect(readQuery("query alert", text)).toMatchObject({ kind: "threshold" });
    expect(writeQuery(readQuery("query alert", text)!)).toBe(text);
  });
});

test("every kind's first form reads back as itself", () => {
  for (const kind of Object.keys(STARTS) as Kind[]) {
    const form = "query" in STARTS[kind] ? { ...STARTS[kind], query: "avg:a{*}" } : STARTS[kind];
    const text = writeQuery(form);
    const read = readQuery(TYPE_OF[kind], text);
    expect(read?.kind, text).toBe(kind);
    expect(writeQuery(read!)).toBe(text);
  }
});

test("the comparison is the last one, and negative and small numbers are read", () => {
  expect(readTail("a >= -1.5e-3")).toEqual({ body: "a", comparator: ">=", threshold: -0.0015 });
  expect(readTail('logs("@x:>5").last("5m") < 2')?.body).toBe('logs("@x:>5").last("5m")');
  expect(readTail("a")).toBeNull();
});

test("turning to another kind keeps the query or the search", () => {
  const metric = { ...STARTS.threshold, query: "avg:a{*}" };
  expect(turnedTo("anomaly", metric)).toMatchObject({ kind: "anomaly", query: "avg:a{*}" });
  const logs = { ...STARTS.logs, search: "status:error", by: ["service"] };
  expect(turnedTo("traces", logs)).toMatchObject({ kind: "traces", search: "status:error", by: ["service"] });
  expect(turnedTo("slo", metric)).toEqual(STARTS.slo);
});

test("chains end where they end", () => {
  expect(readChain('a("x").b()')?.calls).toEqual([{ name: "b", args: [] }]);
  expect(readChain('a("x") b()')).toBeNull();
  expect(readChain('a("x"')).toBeNull();
  expect(readChain('a("\\"(")')?.head.args).toEqual([{ text: '"(', quoted: true }]);
});
