/** Widgets about logs, spans and events: their queries read, named, and led to the pages that show the rows. */
import { isRowsQuery, type AskedQuery, type RowsQuery } from "../api/query";
import { AGGREGATIONS, type Compute, type Signal } from "../api/rows";
import { computeLabel, computeText } from "../rows/view";
import type { Definition, WidgetQuery } from "./model";

type Fill = (text: string) => string;

const SIGNALS: Record<string, Signal> = {
  logs: "logs",
  logs_stream: "logs",
  spans: "spans",
  apm: "spans",
  trace_stream: "spans",
  events: "events",
  event_stream: "events",
};

export const signalOf = (source: string | undefined): Signal | null => SIGNALS[source ?? ""] ?? null;

/** A variable of several values is written as metric queries want it: rows say it otherwise. */
export function fillSearch(text: string, fill: Fill): string {
  return fill(text).replace(/([\w.@-]+) IN \(([^()]*)\)/g, (_match, field: string, values: string) => {
    return `${field}:(${values.split(",").join(" OR ")})`;
  });
}

interface RawQuery {
  search?: { query?: string };
  compute?: { aggregation?: string; metric?: string; interval?: number };
  group_by?: RowsQuery["group_by"] | { fields?: string[]; limit?: number };
}

export function rowsQueryOf(query: WidgetQuery, fill: Fill): RowsQuery | null {
  const signal = signalOf(query.data_source);
  if (!signal) return null;
  const { search, compute, group_by } = query as RawQuery;
  const groups = Array.isArray(group_by)
    ? group_by
    : (group_by?.fields ?? []).map((facet) => ({ facet, limit: group_by?.limit }));
  return {
    name: query.name,
    data_source: signal,
    search: { query: fillSearch(search?.query ?? "", fill) },
    compute: { ...compute, aggregation: compute?.aggregation ?? "count" },
    group_by: groups,
  };
}

export function computeOf({ compute }: RowsQuery): Compute {
  const aggregation = AGGREGATIONS.find((each) => each === compute.aggregation) ?? "count";
  return compute.metric ? { aggregation, field: compute.metric } : { aggregation };
}

/** `p95 of @duration, service:web`: what a query without a name of its own is called. */
export function rowsTitle(query: RowsQuery): string {
  const what = query.compute.metric ? computeLabel(computeOf(query)) : `${query.data_source}`;
  const search = query.search.query.trim();
  const by = query.group_by.map(({ facet }) => facet).join(", ");
  return `${what}${search && search !== "*" ? ` · ${search}` : ""}${by ? ` by ${by}` : ""}`;
}

export const queryTitle = (query: AskedQuery) => (isRowsQuery(query) ? rowsTitle(query) : query.query);

const PAGES: Record<Signal, string> = { logs: "/logs", spans: "/apm/traces", events: "/events" };

/** The page that groups the same rows the same way. */
export function groupPage(queries: RowsQuery[]): string {
  const [first] = queries;
  if (!first) return "/logs?view=group";
  const params = new URLSearchParams({ query: first.search.query, view: "group" });
  for (const { facet } of first.group_by) params.append("by", facet);
  for (const text of new Set(queries.map((query) => computeText(computeOf(query))))) params.append("m", text);
  return `${PAGES[signalOf(first.data_source) ?? "logs"]}?${params}`;
}

export interface Stream {
  signal: Signal;
  query: string;
  columns: string[];
  sort: string;
  wrap: boolean;
}

interface ListRequest {
  query?: { data_source?: string; query_string?: string };
  columns?: { field: string }[];
}

/** What `log_stream`, `event_stream`, `event_timeline` and `list_stream` ask for, in one form. */
export function streamOf(definition: Definition, fill: Fill): Stream | null {
  const { type } = definition;
  if (type === "list_stream") {
    const [request] = (definition.requests ?? []) as unknown as ListRequest[];
    const signal = signalOf(request?.query?.data_source);
    if (!signal) return null;
    const columns = (request.columns ?? []).map(({ field }) => field).filter((field) => !OWN.has(field));
    const query = fillSearch(request.query?.query_string ?? "", fill);
    return { signal, query, columns, sort: "-timestamp", wrap: false };
  }
  const text = typeof definition.query === "string" ? definition.query : "";
  const query = fillSearch(text, fill);
  if (type === "event_stream" || type === "event_timeline")
    return { signal: "events", query, columns: [], sort: "-timestamp", wrap: false };
  if (type !== "log_stream") return null;
  const columns = Array.isArray(definition.columns) ? (definition.columns as string[]) : ["service", "host"];
  const sort = definition.sort as { column?: string; order?: string } | undefined;
  return {
    signal: "logs",
    query,
    columns: columns
      .filter((field) => !OWN.has(field))
      .map((field) => (field.startsWith("core_") ? field.slice(5) : field)),
    sort: sort?.column === "time" && sort.order === "asc" ? "timestamp" : "-timestamp",
    wrap: typeof definition.message_display === "string" && definition.message_display.startsWith("expanded"),
  };
}

/** Columns that every list has of itself. */
const OWN = new Set([
  "timestamp",
  "content",
  "message",
  "status_line",
  "title",
  "core_message",
  "core_timestamp",
  "time",
]);

export function streamPage({ signal, query, columns }: Stream): string {
  const params = new URLSearchParams({ query });
  if (columns.length > 0) params.set("cols", columns.join(","));
  return `${PAGES[signal]}?${params}`;
}
