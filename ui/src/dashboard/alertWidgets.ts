/** What the widgets about monitors and objectives mean by their fields, apart from how they are drawn. */
import type { MonitorEntry, MonitorList, Status } from "../api/monitorModel";
import type { SloEntry } from "../api/slos";
import { severity, STATUSES } from "../monitors/status";
import type { Definition } from "./model";

export const ALERT_TYPES: Record<string, string> = {
  alert_graph: "Monitor graph",
  alert_value: "Monitor value",
  manage_status: "Monitor summary",
  slo: "Objective",
  slo_list: "List of objectives",
  check_status: "Check status",
};

/** What a new widget of the type can't do without. */
const FIRST: Record<string, Partial<Definition>> = {
  alert_graph: { alert_id: "", viz_type: "timeseries" },
  alert_value: { alert_id: "", precision: 2, unit: "auto", text_align: "left" },
  manage_status: {
    query: "",
    sort: "status,asc",
    display_format: "countsAndList",
    color_preference: "text",
    summary_type: "monitors",
    hide_zero_counts: true,
    show_last_triggered: true,
    show_priority: false,
  },
  slo: { slo_id: "", view_type: "detail", view_mode: "overall", time_windows: ["7d", "30d"], show_error_budget: true },
  slo_list: {
    requests: [
      { request_type: "slo_list", query: { query_string: "", limit: 100, sort: [] } },
    ] as Definition["requests"],
  },
  check_status: { check: "", grouping: "cluster", group_by: [], tags: [] },
};

/** Fields of the type before stay where the new one has none of that name. */
export function withAlert(definition: Definition, type: string): Definition {
  const { requests, ...rest } = definition;
  const kept = type === "slo_list" && definition.type === type && requests ? { requests } : {};
  return { ...FIRST[type], ...rest, ...kept, type } as Definition;
}

export const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** Monitors, groups or both of a summary. */
export type Summary = "monitors" | "groups" | "combined";

export function summaryOf({ summary_type }: Definition): Summary {
  return summary_type === "groups" || summary_type === "combined" ? summary_type : "monitors";
}

export interface Count {
  status: Status | "Muted";
  count: number;
}

/** How many monitors, or groups of monitors, are in which status; muted ones are counted beside. */
export function countsOf({ monitors, counts }: MonitorList, summary: Summary, hideZero: boolean): Count[] {
  const made: Count[] = STATUSES.map((status) => ({
    status,
    count: summary === "groups" ? groupsIn(monitors, status) : (counts.status[status] ?? 0),
  }));
  made.push({ status: "Muted", count: counts.muted });
  return hideZero
    ? made.filter(({ count }) => count > 0)
    : made.filter(({ status, count }) => status !== "Unknown" || count > 0);
}

const FIELD: Partial<Record<Status, "alert" | "warn" | "ok" | "no_data">> = {
  Alert: "alert",
  Warn: "warn",
  OK: "ok",
  "No Data": "no_data",
};

function groupsIn(monitors: MonitorEntry[], status: Status): number {
  const field = FIELD[status];
  return field ? monitors.reduce((sum, { groups }) => sum + groups[field], 0) : 0;
}

/** The worst of what is counted: the colour of a whole tile. */
export function worstOf(counts: Count[]): Status | null {
  const found = counts.filter((each): each is Count & { status: Status } => each.status !== "Muted" && each.count > 0);
  return found.sort((a, b) => severity(b.status) - severity(a.status))[0]?.status ?? null;
}

/** `status,asc` as the list of monitors takes it; older widgets leave the direction out. */
export function sortOf({ sort }: Definition): string {
  const [field = "status", order = "asc"] = text(sort).split(",");
  return `${field || "status"},${order}`;
}

/** `{field: "status"|"name"|"error_budget_remaining"|…, order}` of a list of objectives. */
interface FieldSort {
  column?: string;
  order?: string;
}

interface SloQuery {
  query_string?: string;
  limit?: number;
  sort?: FieldSort[];
}

export function sloQueryOf({ requests }: Definition): SloQuery {
  const query = (Array.isArray(requests) ? requests[0] : undefined)?.query as SloQuery | undefined;
  return query ?? {};
}

const COLUMNS: Record<string, (entry: SloEntry) => number | string> = {
  "status.sli": ({ sli }) => sli ?? -1,
  "status.error_budget_remaining": ({ error_budget_remaining: left }) => left ?? Infinity,
  name: ({ name }) => name.toLowerCase(),
};

/** As asked; else the least budget first: what is spent is what a list is looked at for. */
export function sortedSlos(entries: SloEntry[], { sort, limit }: SloQuery): SloEntry[] {
  const [first] = sort ?? [];
  const key = COLUMNS[first?.column ?? ""] ?? COLUMNS["status.error_budget_remaining"];
  const sign = first?.order === "desc" ? -1 : 1;
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
  return sorted.slice(0, limit && limit > 0 ? limit : sorted.length);
}
