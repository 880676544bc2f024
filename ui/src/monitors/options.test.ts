import { describe, expect, test } from "vitest";
import type { Monitor, MonitorOptions } from "../api/monitorModel";
import { withForm, withOptions, withThreshold } from "./edit";
import { isJudged, type Form } from "./form";
import { notifyByOf, turnedKey, withNotifyBy } from "./notifyBy";
import { readQuery } from "./readQuery";
import { evaluationWindowOf, firstSchedule, scheduleOf, withEvaluationWindow, withSchedule } from "./schedule";
import { optionWords } from "./words";

/** Every option that is known, some with more in them than a form shows, and a few that nobody knows. */
const OPTIONS: MonitorOptions = {
  thresholds: { critical: 5, warning: 3, critical_recovery: 4, warning_recovery: 2, ok: 1, unknown: 9 },
  evaluation_delay: 900,
  new_group_delay: 60,
  new_host_delay: 300,
  require_full_window: false,
  notify_no_data: true,
  no_data_timeframe: 10,
  renotify_interval: 60,
  renotify_occurrences: 3,
  renotify_statuses: ["alert"],
  escalation_message: "still",
  timeout_h: 4,
  group_retention_duration: "6h",
  notify_by: ["host"],
  include_tags: false,
  enable_logs_sample: true,
  notification_preset_name: "hide_query",
  notify_audit: true,
  locked: true,
  min_failure_duration: 60,
  min_location_failed: 2,
  silenced: { "*": null },
  synthetics_check_id: "x",
  variables: [{ a: 1 }],
  scheduling_options: {
    custom_schedule: {
      recurrences: [
        { rrule: "FREQ=DAILY", start: "2026-01-01T09:13:20", timezone: "Asia/Tokyo", note: "kept" },
        { rrule: "FREQ=MONTHLY;BYDAY=1MO", timezone: "UTC" },
      ],
      more: true,
    },
    evaluation_window: { day_starts: "04:00", timezone: "Asia/Tokyo", more: 1 },
    more: "kept",
  },
};

const QUERIES: [string, string][] = [
  ["query alert", "avg(last_5m):avg:a{*} by {host} > 5"],
  ["query alert", "sum(current_1mo):sum:a{*} > 5"],
  ["query alert", "pct_change(avg(last_5m),last_1h):avg:a{*} > 5"],
  ["query alert", "avg(last_4h):anomalies(avg:a{*}, 'agile', 2, direction='both', interval=60, timezone='utc') >= 5"],
  ["query alert", "avg(last_30m):outliers(avg:a{*} by {host}, 'DBSCAN', 3) > 5"],
  ["query alert", "max(next_1w):forecast(avg:a{*}, 'linear', 1, interval='60m', history='1w') >= 5"],
  ["log alert", 'logs("status:error").index("main").rollup("count").by("host").last("current_1d") > 5'],
  ["trace-analytics alert", 'trace-analytics("env:prod").rollup("count").last("5m") > 5'],
  ["event-v2 alert", 'events("source:deploy").rollup("count").last("5m") > 5'],
  ["process alert", 'processes("nginx").over("host:a").rollup("count").last("5m") < 5'],
  ["slo alert", 'error_budget("abc").over("7d") > 5'],
];

/** Paths at which two documents differ. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const plain = (value: unknown) => typeof value !== "object" || value === null;
  if (plain(a) || plain(b)) return [path];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.flatMap((name) => differences(left[name], right[name], path === "" ? name : `${path}.${name}`));
}

describe("an edit changes what it edits and nothing else", () => {
  test.each(QUERIES)("%s: %s", (type, query) => {
    const document: Monitor = {
      ...{ id: 7, name: "n", type, query, message: "m", tags: ["a:b"], priority: 2, options: OPTIONS },
      ...{ draft_status: "draft", restricted_roles: ["r"], assets: [{ a: 1 }], creator: { name: "x" } },
    };
    const form = readQuery(type, query);
    if (!form || !isJudged(form)) throw new Error("no form");
    const untouched = differences(document, withForm(document, form)).filter((path) => !/^query$/.test(path));
    expect(untouched).toEqual([]);
    const higher = withForm(document, { ...form, threshold: 8 } as Form);
    expect(differences(document, higher)).toEqual(["query", "options.thresholds.critical"]);
    expect(differences(document, withThreshold(document, "warning", 4))).toEqual(["options.thresholds.warning"]);
    const set = (part: Partial<MonitorOptions>) => differences(document, withOptions(document, part));
    expect(set({ timeout_h: 5 })).toEqual(["options.timeout_h"]);
    expect(set({ scheduling_options: withSchedule(OPTIONS, scheduleOf(OPTIONS)) })).toEqual([]);
    const later = { ...scheduleOf(OPTIONS)!, zone: "UTC" };
    expect(set({ scheduling_options: withSchedule(OPTIONS, later) })).toEqual([
      "options.scheduling_options.custom_schedule.recurrences.0.timezone",
    ]);
    expect(set({ scheduling_options: withEvaluationWindow(OPTIONS, { month_starts: 3 }) })).toEqual([
      "options.scheduling_options.evaluation_window.month_starts",
    ]);
    expect(set(withNotifyBy(OPTIONS, "groups"))).toEqual(["options.notify_by"]);
  });
});

test("a schedule goes round through its fields; without one nothing is left of it", () => {
  const first = firstSchedule("2026-11-20T22:00", "Europe/Berlin");
  const options = { scheduling_options: withSchedule({}, first) } as MonitorOptions;
  expect(options.scheduling_options).toEqual({
    custom_schedule: {
      recurrences: [{ rrule: "FREQ=DAILY;INTERVAL=1", timezone: "Europe/Berlin", start: "2026-11-20T09:00" }],
    },
  });
  expect(scheduleOf(options)).toEqual(first);
  expect(withSchedule(options, null)).toBeUndefined();
  expect(withSchedule({ scheduling_options: { evaluation_window: { hour_starts: 5 } } }, null)).toEqual({
    evaluation_window: { hour_starts: 5 },
  });
  const ruled = withSchedule(options, { ...first, ruleText: "FREQ=DAILY;BYHOUR=9,17", start: "" });
  expect(scheduleOf({ scheduling_options: ruled })).toMatchObject({ ruleText: "FREQ=DAILY;BYHOUR=9,17", start: "" });
  expect(scheduleOf({})).toBeNull();
  expect(scheduleOf({ scheduling_options: { custom_schedule: null } })).toBeNull();
});

test("a window that begins as usual leaves no trace", () => {
  const at4 = withEvaluationWindow({}, { day_starts: "04:00" });
  expect(at4).toEqual({ evaluation_window: { day_starts: "04:00" } });
  expect(evaluationWindowOf({ scheduling_options: at4 })).toEqual({ day_starts: "04:00" });
  expect(withEvaluationWindow({ scheduling_options: at4 }, { day_starts: undefined })).toBeUndefined();
});

test("one notice for each group, for some keys, or for all", () => {
  expect(notifyByOf({})).toBe("groups");
  expect(notifyByOf({ notify_by: ["*"] })).toBe("all");
  expect(notifyByOf({ groupby_simple_monitor: true })).toBe("all");
  expect(notifyByOf({ notify_by: ["host"], groupby_simple_monitor: true })).toEqual(["host"]);
  expect(withNotifyBy({ groupby_simple_monitor: true }, "groups")).toEqual({
    groupby_simple_monitor: false,
    notify_by: undefined,
  });
  expect(turnedKey("all", "host")).toEqual(["host"]);
  expect(turnedKey(["host", "env"], "host")).toEqual(["env"]);
  expect(turnedKey(["host"], "host")).toBe("groups");
});

test("what is special is said in words while it is folded", () => {
  expect(optionWords("query alert", {})).toEqual([]);
  expect(optionWords("query alert", OPTIONS)).toEqual([
    "no data for 10 min: shown and told",
    "told again every 1 h, at most 3 times",
    "evaluated only every day at 09:13, Asia/Tokyo, and at the times of 1 more rule",
    "evaluated 15 min late, for data that comes late",
    "new groups wait 1 min",
    "one notice for each host",
    "trouble without data for 4 h is resolved",
    "groups are kept 6h after their last data",
    "notices are shorter (hide query)",
    "the subject does not name the group",
  ]);
  expect(optionWords("query alert", { notify_no_data: true })).toEqual(["no data for two windows: shown and told"]);
});
