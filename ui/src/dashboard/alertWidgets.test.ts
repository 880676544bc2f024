import { expect, test } from "vitest";
import type { MonitorEntry, MonitorList } from "../api/monitorModel";
import type { SloEntry } from "../api/slos";
import { countsOf, sortedSlos, sortOf, withAlert, worstOf } from "./alertWidgets";

const monitor = (alert: number, ok: number) =>
  ({ groups: { alert, warn: 0, ok, no_data: 0, total: alert + ok } }) as MonitorEntry;
const LIST: MonitorList = {
  monitors: [monitor(2, 3), monitor(0, 5)],
  counts: { status: { Alert: 1, OK: 1 }, type: {}, tag: {}, muted: 1 },
  total: 2,
};

test("monitors are counted, or their groups", () => {
  const of = (summary: "monitors" | "groups") =>
    countsOf(LIST, summary, true).map(({ status, count }) => `${status} ${count}`);
  expect(of("monitors")).toEqual(["Alert 1", "OK 1", "Muted 1"]);
  expect(of("groups")).toEqual(["Alert 2", "OK 8", "Muted 1"]);
  expect(countsOf(LIST, "monitors", false).map(({ status }) => status)).toEqual([
    "Alert",
    "Warn",
    "No Data",
    "OK",
    "Muted",
  ]);
  expect(worstOf(countsOf(LIST, "monitors", true))).toBe("Alert");
  expect(worstOf([{ status: "Muted", count: 3 }])).toBe(null);
});

test("orders without a direction are read", () => {
  expect(sortOf({ type: "manage_status", sort: "triggered" })).toBe("triggered,asc");
  expect(sortOf({ type: "manage_status", sort: "name,desc" })).toBe("name,desc");
  expect(sortOf({ type: "manage_status" })).toBe("status,asc");
});

test("objectives with the least budget come first", () => {
  const slo = (name: string, left: number | null) => ({ name, error_budget_remaining: left, sli: 99 }) as SloEntry;
  const all = [slo("b", 60), slo("c", null), slo("a", -5)];
  expect(sortedSlos(all, {}).map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect(sortedSlos(all, { sort: [{ column: "name", order: "desc" }], limit: 2 }).map(({ name }) => name)).toEqual([
    "c",
    "b",
  ]);
});

test("a widget that turns into another keeps its title and leaves its queries", () => {
  const made = withAlert({ type: "timeseries", title: "T", requests: [{ q: "a" }] }, "slo");
  expect(made).toMatchObject({ type: "slo", title: "T", view_type: "detail" });
  expect(made.requests).toBe(undefined);
  expect(withAlert({ type: "slo_list" }, "slo_list").requests).toHaveLength(1);
});
