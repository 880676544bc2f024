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

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
