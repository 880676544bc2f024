import { expect, test } from "vitest";
import { copyOf, EMPTY, monitorOf, unread } from "./draft";
import { partOf, turned, withForm, withOptions, withThreshold } from "./edit";
import { STARTS } from "./form";
import { pairsOf, searchOf } from "./links";
import { prefilled } from "./prefill";
import { readQuery } from "./readQuery";
import { axisFor, marksOf } from "./thresholds";

const EXPORTED = `{"id": 1, "name": "busy", "type": "metric alert", "query": "avg(last_5m):avg:m{*} > 800",
  "message": "m", "tags": [], "created": "x", "overall_state": "Alert", "restricted_roles": null,
  "options": {"renotify_interval": "0", "locked": false, "thresholds": {"critical": 800}}}`;

test("an exported monitor is read with every field; a copy leaves out what is the server's", () => {
  const read = monitorOf(EXPORTED);
  if (!("monitor" in read)) throw new Error(read.problem);
  expect(read.monitor.options).toEqual({ renotify_interval: "0", locked: false, thresholds: { critical: 800 } });
  const copy = copyOf(read.monitor, "again");
  expect(copy).toMatchObject({ name: "again", restricted_roles: null });
  expect(copy.id).toBeUndefined();
  expect(copy.overall_state).toBeUndefined();
});

test("what is no monitor says why", () => {
  expect(monitorOf("{")).toHaveProperty("problem");
  expect(monitorOf('{"widgets": []}')).toEqual({ problem: expect.stringContaining("`type`") as string });
  expect(monitorOf(`[${EXPORTED}]`)).toHaveProperty("monitor");
});

test("the alert threshold is one number in two places", () => {
  const monitor = withForm(EMPTY, { ...STARTS.threshold, query: "avg:a{*}", threshold: 5 } as never);
  expect(monitor.query).toBe("avg(last_5m):avg:a{*} > 5");
  expect(monitor.options.thresholds).toEqual({ critical: 5 });
});

test("another kind has its own thresholds and windows, and goes back without them", () => {
  const form = readQuery("metric alert", "avg(last_5m):avg:a{*} > 5");
  const start = withThreshold(withForm(EMPTY, form!), "warning", 3);
  const anomaly = turned(start, form, "anomaly");
  expect(anomaly.monitor.options.thresholds).toEqual({ critical: 1, critical_recovery: 0 });
  expect(anomaly.monitor.options.threshold_windows).toEqual({
    trigger_window: "last_15m",
    recovery_window: "last_15m",
  });
  const back = turned(anomaly.monitor, anomaly.form, "threshold");
  expect(back.monitor.options.threshold_windows).toBeUndefined();
  expect(back.monitor.query).toBe("avg(last_5m):avg:a{*} > 0");
});

test("what is taken away leaves the document", () => {
  expect(withThreshold(withThreshold(EMPTY, "warning", 3), "warning", null).options.thresholds).toEqual({});
  expect("renotify_interval" in withOptions(EMPTY, { renotify_interval: undefined }).options).toBe(false);
});

test("problems stand beside their fields", () => {
  expect(
    ["query", "options.thresholds.critical", "options.renotify_interval", "message", "name", "x"].map(partOf),
  ).toEqual(["query", "condition", "options", "message", "details", "other"]);
});

test("a search of an explorer becomes its kind of monitor", () => {
  const logs = prefilled(new URLSearchParams({ kind: "logs", q: 'status:error "a b"', by: "service" }));
  expect(logs?.query).toBe('logs("status:error \\"a b\\"").index("*").rollup("count").by("service").last("5m") > 10');
  expect(logs?.type).toBe("log alert");
  expect(prefilled(new URLSearchParams("draft=x"))).toBeNull();
});

test("a group is a search; a comma inside of a value stays in it", () => {
  expect(pairsOf("host:web-1,url:http://a,b")).toEqual([
    ["host", "web-1"],
    ["url", "http://a,b"],
  ]);
  expect(searchOf("host:web-1,url:http://a,b")).toBe('host:web-1 url:"http://a,b"');
  expect(searchOf("*")).toBe("");
});

test("thresholds are shaded on the side of trouble, and the axis reaches them", () => {
  const [critical, recovery] = marksOf({ critical: 10, critical_recovery: 12 }, "<");
  expect(critical).toMatchObject({ low: -Infinity, high: 10, tone: "bad" });
  expect(recovery).toMatchObject({ line: true, label: "alert recovers > 12" });
  const stats = { avg: 1, min: 0, max: 3, sum: 3, last: 1 };
  const results = [{ series: [{ stats }] }] as never;
  expect(Number(axisFor({ critical: 100 }, results).max)).toBeGreaterThan(100);
  expect(axisFor({ critical: 1 }, results).max).toBeUndefined();
});

test("fields that nothing reads are named, empty ones and the server's own are not", () => {
  const monitor = { ...EMPTY, id: 1, multi: true, restriction_policy: { a: 1 }, restricted_roles: null, assets: [] };
  const options = { ...EMPTY.options, synthetics_check_id: "x", locked: false, silenced: {} };
  expect(unread({ ...monitor, options })).toEqual(["restriction_policy", "options.synthetics_check_id"]);
});
