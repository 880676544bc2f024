/** Logs, spans and events: one set of calls for all three, under `/api/ui/rows/`. Times are ms; exact ones are ns as text. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Span } from "../time/range";
import { call } from "./client";
import type { QueryProblem } from "./query";

export type Signal = "logs" | "spans" | "events";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** One log, span or event; what is empty is left out. */
export interface Row {
  id: string;
  time_ns: string;
  time_ms: number;
  service?: string;
  host?: string;
  env?: string;
  status?: string;
  source?: string;
  version?: string;
  name?: string;
  resource?: string;
  type?: string;
  message?: string;
  trace_id?: string;
  span_id?: string;
  parent_id?: string;
  duration_ns?: number;
  tags?: Record<string, string | string[]>;
  attributes?: Record<string, Json>;
}

/** What every call asks about. */
export interface Scope extends Span {
  signal: Signal;
  query: string;
}

export interface ScanStats {
  rows_scanned: number;
  rows_matched: number;
  blocks_read: number;
  blocks_pruned: number;
}

/** A query that can't be read is no failure: the answer names the place. */
export interface Refusable {
  error?: QueryProblem | null;
}

export interface SearchAnswer extends Refusable {
  rows: Row[];
  next: string | null;
  elapsed_ms: number;
  stats?: ScanStats;
}

export interface HistogramAnswer extends Refusable {
  step_ms: number;
  times: number[];
  series: { name: string; values: (number | null)[] }[];
  total: number;
}

export interface Facet {
  field: string;
  title: string;
  kind: "text" | "number" | "bool";
  core: boolean;
  values: { value: string | number | boolean; count: number }[];
  min?: number;
  max?: number;
  more: boolean;
}

export interface FacetsAnswer extends Refusable {
  facets: Facet[];
}

export const AGGREGATIONS = [
  "count",
  "cardinality",
  "sum",
  "avg",
  "min",
  "max",
  "median",
  "pc75",
  "pc90",
  "pc95",
  "pc98",
  "pc99",
] as const;

export type Aggregation = (typeof AGGREGATIONS)[number];

export interface Compute {
  aggregation: Aggregation;
  field?: string;
}

export interface Grouping {
  group_by: { field: string; limit?: number }[];
  computes: Compute[];
  sort?: { compute: number; order: "asc" | "desc" };
}

export interface TableAnswer extends Refusable {
  groups: { by: [string, string][]; values: (number | null)[] }[];
  total_groups: number;
}

export interface SeriesAnswer extends Refusable {
  step_ms: number;
  times: number[];
  series: { by: [string, string][]; compute: number; values: (number | null)[] }[];
}

export interface PatternPart {
  text?: string;
  kind?: string;
  examples?: string[];
}

export interface Pattern {
  pattern: string;
  parts: PatternPart[];
  count: number;
  status: Record<string, number>;
  services: string[];
  example: Row;
}

export interface PatternsAnswer extends Refusable {
  sampled: number;
  total: number;
  patterns: Pattern[];
}

export interface AroundAnswer {
  before: Row[];
  row: Row;
  after: Row[];
}

export interface HeatmapAnswer extends Refusable {
  times: number[];
  step_ms: number;
  bounds_ns: number[];
  counts: number[][];
  errors: number[][];
}

export interface Selection {
  from_ms: number;
  to_ms: number;
  duration_min_ns?: number;
  duration_max_ns?: number;
  query?: string;
}

export interface CompareAnswer extends Refusable {
  selected: number;
  rest: number;
  attributes: { field: string; score: number; values: { value: string; selected: number; rest: number }[] }[];
}

const bodyOf = ({ signal, query, fromMs, toMs }: Scope) => ({
  signal,
  query,
  from_ms: Math.round(fromMs),
  to_ms: Math.round(toMs),
});

const ask = <T>(what: string, scope: Scope, more: object, signal?: AbortSignal) =>
  call<T>("POST", `/api/ui/rows/${what}`, { ...bodyOf(scope), ...more }, signal);

/** The prefix "query" makes a change of the page's range cancel what is under way. */
const key = (what: string, scope: Scope, more: unknown = null) => ["query", "rows", what, bodyOf(scope), more];

/** Old answers of a moving range are of no use to anybody. */
const SHORT = { placeholderData: keepPreviousData, gcTime: 60_000, staleTime: 60_000, retry: 1 } as const;

function answerTo<T>(what: string, scope: Scope, more: object = {}) {
  return queryOptions({
    queryKey: key(what, scope, more),
    queryFn: ({ signal }) => ask<T>(what, scope, more, signal),
    ...SHORT,
  });
}

export const PAGE_ROWS = 200;

/** An answer that only tells the query's fault has no rows. */
const NO_ROWS: SearchAnswer = { rows: [], next: null, elapsed_ms: 0 };

async function askRows(scope: Scope, more: object, signal?: AbortSignal): Promise<SearchAnswer> {
  return { ...NO_ROWS, ...(await ask<Partial<SearchAnswer>>("search", scope, more, signal)) };
}

/** Rows in pages: each page's cursor leads to the next. */
export function rowPages(scope: Scope, sort = "-timestamp", limit = PAGE_ROWS) {
  return infiniteQueryOptions({
    queryKey: key("search", scope, [sort, limit]),
    queryFn: ({ pageParam, signal }) =>
      askRows(scope, { sort, limit, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    ...SHORT,
  });
}

/** One page of rows, for what needs no more: widgets and exports. */
export const rowPage = (scope: Scope, sort: string, limit: number, cursor?: string, signal?: AbortSignal) =>
  askRows(scope, { sort, limit, ...(cursor ? { cursor } : {}) }, signal);

export const histogram = (scope: Scope, split?: string) =>
  answerTo<HistogramAnswer>("histogram", scope, { display: "bar", ...(split ? { split } : {}) });

export const facets = (scope: Scope, fields?: string[], search?: string) =>
  answerTo<FacetsAnswer>("facets", scope, { ...(fields ? { fields } : {}), ...(search ? { search } : {}) });

export const groupTable = (scope: Scope, grouping: Grouping, display: "table" | "toplist" = "table") =>
  answerTo<TableAnswer>("aggregate", scope, { ...grouping, display });

export const groupSeries = (scope: Scope, grouping: Grouping) =>
  answerTo<SeriesAnswer>("aggregate", scope, { ...grouping, display: "timeseries" });

export const patterns = (scope: Scope) => answerTo<PatternsAnswer>("patterns", scope);

export const heatmap = (scope: Scope) => answerTo<HeatmapAnswer>("heatmap", scope);

export const compare = (scope: Scope, selection: Selection) => answerTo<CompareAnswer>("compare", scope, { selection });

export function around(signal: Signal, id: string, limit = 20) {
  return queryOptions({
    queryKey: ["query", "rows", "around", signal, id, limit],
    queryFn: ({ signal: abort }) => call<AroundAnswer>("POST", "/api/ui/rows/around", { signal, id, limit }, abort),
    staleTime: 60_000,
    retry: 1,
  });
}
