/** Drafts of monitors: kept in the tab until they are saved or thrown away, so that back and forward lose nothing. */
import type { Monitor } from "../api/monitorModel";

const PREFIX = "oriel.monitor.";

export const EMPTY: Monitor = {
  name: "",
  type: "metric alert",
  query: "",
  message: "",
  tags: [],
  options: { thresholds: {}, include_tags: true, on_missing_data: "default", require_full_window: false },
};

export function keptDraft(key: string): Monitor | null {
  try {
    const text = sessionStorage.getItem(PREFIX + key);
    return text ? (JSON.parse(text) as Monitor) : null;
  } catch {
    return null;
  }
}

export function keepDraft(key: string, monitor: Monitor): void {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(monitor));
  } catch {
    // A full or forbidden storage: the page works on, only the way back is lost.
  }
}

export const dropDraft = (key: string) => sessionStorage.removeItem(PREFIX + key);

/** The address of the editor with this draft in it. */
export function editorWith(monitor: Monitor): string {
  const key = Math.random().toString(36).slice(2, 10);
  keepDraft(key, monitor);
  return `/monitors/new?draft=${key}`;
}

export type Pasted = { monitor: Monitor } | { problem: string };

/** An exported monitor: Datadog's JSON, also as the only one of a list or inside `{"monitor": …}`. */
export function monitorOf(text: string): Pasted {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (Array.isArray(value) && value.length === 1) [value] = value as unknown[];
  if (isObject(value) && isObject(value.monitor)) value = value.monitor;
  if (!isObject(value)) return { problem: "A monitor is an object with a type and a query." };
  for (const field of ["type", "query"] as const)
    if (typeof value[field] !== "string")
      return { problem: `There is no text \`${field}\` in it: is it a monitor’s export?` };
  return { monitor: completed(value) };
}

/** What every monitor has; all else stays as it was. */
export function completed(value: Record<string, unknown>): Monitor {
  const text = (name: string, other: string) => (typeof value[name] === "string" ? value[name] : other);
  return {
    ...value,
    name: text("name", ""),
    type: text("type", "metric alert"),
    query: text("query", ""),
    message: text("message", ""),
    tags: Array.isArray(value.tags) ? value.tags.map(String) : [],
    options: isObject(value.options) ? value.options : {},
  };
}

/** What belongs to the server and not to a copy. */
const OWNED = [
  "id",
  "org_id",
  "created",
  "created_at",
  "modified",
  "deleted",
  "creator",
  "overall_state",
  "overall_state_modified",
  "state",
  "matching_downtimes",
  "multi",
];

export function copyOf(monitor: Monitor, name: string): Monitor {
  const copy: Monitor = { ...monitor, name };
  for (const field of OWNED) delete copy[field];
  return copy;
}

/** What is read of a document, or said of it by the server: anything else is kept and exported, and named before it is saved. */
const READ = new Set(["name", "type", "query", "message", "tags", "priority", "options", "draft_status", ...OWNED]);

const OPTIONS_READ = new Set(
  (
    "thresholds threshold_windows evaluation_delay new_group_delay new_host_delay notify_no_data no_data_timeframe " +
    "on_missing_data require_full_window renotify_interval renotify_occurrences renotify_statuses escalation_message " +
    "timeout_h group_retention_duration notify_by include_tags groupby_simple_monitor enable_logs_sample enable_samples " +
    "min_failure_duration min_location_failed scheduling_options notification_preset_name silenced variables " +
    "aggregation device_ids locked notify_audit restricted_roles"
  ).split(" "),
);

export function unread({ options, ...monitor }: Monitor): string[] {
  const said = (value: unknown) =>
    value !== null && value !== undefined && value !== false && value !== "" && JSON.stringify(value) !== "[]";
  const names = (all: object, known: Set<string>, prefix: string) =>
    Object.entries(all).flatMap(([name, value]) => (!known.has(name) && said(value) ? [prefix + name] : []));
  return [...names(monitor, READ, ""), ...names(options, OPTIONS_READ, "options.")];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
