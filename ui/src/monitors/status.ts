/** What a status is called, and how it looks: one place for lists, time lines and charts. */
import type { GroupCounts, Status } from "../api/monitorModel";

export type StatusTone = "bad" | "warn" | "ok" | "none" | "unknown";

const TONES: Record<Status, StatusTone> = {
  Alert: "bad",
  Warn: "warn",
  OK: "ok",
  "No Data": "none",
  Unknown: "unknown",
  Ignored: "unknown",
  Skipped: "unknown",
};

export const toneOfStatus = (status: Status): StatusTone => TONES[status] ?? "unknown";

/** The worst first, as lists sort them. */
export const STATUSES: Status[] = ["Alert", "Warn", "No Data", "Unknown", "OK"];

export const severity = (status: Status) => {
  const at = STATUSES.indexOf(status);
  return at < 0 ? 0 : STATUSES.length - at;
};

const KINDS: Record<string, string> = {
  alert: "Alert",
  warning: "Warning",
  warning_to_alert: "Warning to alert",
  alert_to_warning: "Alert to warning",
  alert_recovery: "Recovered from alert",
  warning_recovery: "Recovered from warning",
  no_data: "No data",
  no_data_recovery: "Data is back",
  unknown: "Unknown",
  unknown_recovery: "Known again",
  renotify: "Told again",
};

export const kindText = (kind: string) => KINDS[kind] ?? kind.replaceAll("_", " ");

const TYPES: Record<string, string> = {
  "metric alert": "Metric",
  "query alert": "Query",
  "service check": "Service check",
  "event alert": "Event",
  "event-v2 alert": "Event",
  "log alert": "Log",
  "trace-analytics alert": "Trace",
  "process alert": "Process",
  "slo alert": "SLO",
  "synthetics alert": "Synthetic",
  composite: "Composite",
};

export const typeText = (type: string) => TYPES[type] ?? type.replace(/ alert$/, "");

/** Parts of the bar of a monitor's groups: how many of which status, the worst first. */
export function barParts(counts: GroupCounts): { tone: StatusTone; status: Status; count: number }[] {
  const { alert, warn, no_data, ok, total } = counts;
  const rest = Math.max(0, total - alert - warn - no_data - ok);
  const all: [Status, number][] = [
    ["Alert", alert],
    ["Warn", warn],
    ["No Data", no_data],
    ["Unknown", rest],
    ["OK", ok],
  ];
  return all.filter(([, count]) => count > 0).map(([status, count]) => ({ status, count, tone: toneOfStatus(status) }));
}

/** `3 alert, 12 ok`: the bar to a screen reader. */
export const barText = (counts: GroupCounts) =>
  barParts(counts)
    .map(({ status, count }) => `${count} ${status.toLowerCase()}`)
    .join(", ") || "no groups yet";

/** A group's key for a person: `*` is all there is. */
export const groupText = (group: string) => (group === "" || group === "*" ? "all" : group.replaceAll(",", ", "));
