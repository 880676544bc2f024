/** What the API of monitors speaks of: the document, its states, and their history. */
import type { AskedQuery, QueryResult } from "./query";

export type Status = "OK" | "Warn" | "Alert" | "No Data" | "Unknown" | "Ignored" | "Skipped";

export interface Thresholds {
  critical?: number | null;
  warning?: number | null;
  ok?: number | null;
  unknown?: number | null;
  critical_recovery?: number | null;
  warning_recovery?: number | null;
  [extra: string]: unknown;
}

export interface MonitorOptions {
  thresholds?: Thresholds;
  threshold_windows?: { trigger_window?: string | null; recovery_window?: string | null } | null;
  evaluation_delay?: number | null;
  new_group_delay?: number | null;
  new_host_delay?: number | null;
  notify_no_data?: boolean;
  no_data_timeframe?: number | null;
  on_missing_data?: string;
  require_full_window?: boolean;
  renotify_interval?: number | null;
  renotify_occurrences?: number | null;
  renotify_statuses?: string[] | null;
  escalation_message?: string;
  group_retention_duration?: string;
  notify_by?: string[];
  include_tags?: boolean;
  enable_logs_sample?: boolean;
  notification_preset_name?: string;
  [extra: string]: unknown;
}

/** A document may hold fields that are not named here; the editor carries them along. */
export interface Monitor {
  id?: number;
  name: string;
  type: string;
  query: string;
  message: string;
  tags: string[];
  priority?: number | null;
  options: MonitorOptions;
  creator?: { name?: string | null; email?: string; handle?: string } | null;
  created?: string;
  modified?: string;
  [extra: string]: unknown;
}

export interface Muted {
  /** Null: until somebody unmutes it. */
  until_ms: number | null;
  downtime_id?: string | number | null;
  reason?: string;
}

export interface GroupCounts {
  alert: number;
  warn: number;
  ok: number;
  no_data: number;
  total: number;
}

export interface MonitorEntry {
  id: number;
  name: string;
  type: string;
  status: Status;
  priority: number | null;
  tags: string[];
  query: string;
  groups: GroupCounts;
  muted: Muted | null;
  last_triggered_ms: number | null;
  modified_ms: number | null;
  creator: string | null;
  builtin: boolean;
  evaluation: { last_ms: number | null; error: string | null };
}

export interface MonitorList {
  monitors: MonitorEntry[];
  counts: {
    status: Record<string, number>;
    type: Record<string, number>;
    tag: Record<string, number>;
    muted: number;
  };
  total: number;
}

/** What a chart of the monitor needs: the window, the thresholds, and queries as `/api/ui/query` takes them. */
export interface ParsedRule {
  kind: string;
  time_aggregation?: string | null;
  window_ms?: number | null;
  comparator: string;
  thresholds: Thresholds;
  group_by: string[];
  queries: (AskedQuery & { data_source?: string })[];
  formula?: string | null;
}

export interface GroupState {
  group: string;
  tags: [string, string][];
  status: Status;
  since_ms: number | null;
  value: number | null;
  last_seen_ms: number | null;
  last_triggered_ms: number | null;
  notified_ms: number | null;
  muted: Muted | null;
}

export interface MonitorDetail {
  monitor: Monitor;
  /** Null before the first evaluation. */
  status: Status | null;
  muted: Muted | null;
  groups: GroupState[];
  groups_total: number;
  counts: GroupCounts;
  evaluation: {
    last_ms: number | null;
    next_ms: number | null;
    lag_ms: number | null;
    took_ms: number | null;
    error: string | null;
    every_ms: number;
  };
  parsed: ParsedRule | null;
}

export interface Transition {
  at_ms: number;
  group: string;
  from: Status;
  to: Status;
  kind: string;
  value: number | null;
  notice_key: string | null;
  muted: string | null;
}

export interface Segment {
  from_ms: number;
  to_ms: number;
  status: Status;
}

export interface GroupHistory {
  group: string;
  segments: Segment[];
}

/** A stretch in which Oriel itself took nothing in. */
export interface Outage {
  from_ms: number;
  to_ms: number;
  reason: "down" | "refused";
}

export interface History {
  transitions: Transition[];
  groups: GroupHistory[];
  outages: Outage[];
}

/** What one thing was: a member of a composite, runs of a check, or the monitor itself. */
export interface StateRow {
  name: string;
  group: string;
  monitor: number | null;
  segments: Segment[];
}

/** What a monitor's chart shows: lines, or states. */
export interface MonitorPicture {
  results: QueryResult[];
  /** What the lines were worked out of. */
  raw: QueryResult[];
  states: StateRow[];
  /** What the lines are, where they are not the query's own. */
  caption: string;
  /** Whether the thresholds are lines of this chart. */
  compared: boolean;
}

export interface MonitorGraph extends MonitorPicture {
  name: string;
  status: Status;
  thresholds: Thresholds;
  comparator: string;
}
