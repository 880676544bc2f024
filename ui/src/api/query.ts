import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call } from "./client";

export type Values = (number | null)[];

export interface Unit {
  family: string;
  name: string;
  short_name: string;
  scale_factor: number;
}

export interface Stats {
  avg: number | null;
  min: number | null;
  max: number | null;
  sum: number | null;
  last: number | null;
}

/** The expected range of a line. Points count as anomalies past either edge, or past that of one side. */
export interface Band {
  lower: Values;
  upper: Values;
  side?: "above" | "below";
}

export interface QuerySeries {
  name: string;
  scope: string;
  expression: string;
  group: [string, string][];
  kind: string;
  unit: Unit | null;
  values: Values;
  band: Band | null;
  /** Whether outliers() set the line apart; absent where it was not asked. */
  outlier?: boolean;
  stats: Stats;
}

export interface QueryProblem {
  message: string;
  position: number;
  expected: string[];
}

export interface QueryResult {
  name: string;
  query: string;
  error: QueryProblem | null;
  step_ms: number;
  incomplete_from_ms: number | null;
  times: number[];
  series: QuerySeries[];
  notes: string[];
}

export interface MetricQuery {
  name: string;
  query: string;
}

/** A question about logs, spans or events, in the form that Datadog's widgets have. */
export interface RowsQuery {
  name: string;
  data_source: string;
  search: { query: string };
  compute: { aggregation: string; metric?: string; interval?: number };
  group_by: {
    facet: string;
    limit?: number;
    sort?: { aggregation: string; metric?: string; order?: "asc" | "desc" };
  }[];
  indexes?: string[];
}

export type AskedQuery = MetricQuery | RowsQuery;

export const isRowsQuery = (query: AskedQuery): query is RowsQuery => "search" in query;

export interface QuerySpec {
  display: "line" | "bar";
  step_s?: number;
  queries: AskedQuery[];
  formulas?: { formula: string; alias?: string }[];
}

export interface QueryAnswer {
  results: QueryResult[];
  elapsed_ms: number;
}

/** Answers in the order of the specs they belong to. */
export type Answers = QueryResult[][];

const mergeable = (spec: QuerySpec) => !spec.formulas?.length;
const sameGrid = (a: QuerySpec, b: QuerySpec) => a.display === b.display && a.step_s === b.step_s;

interface Batch {
  spec: QuerySpec;
  /** Which spec each result of the answer belongs to; null: all to the first of `members`. */
  members: number[];
}

/** Plain queries on one grid travel in one request; formulas keep their own, because their answer names only formulas. */
export function batches(specs: QuerySpec[]): Batch[] {
  const made: Batch[] = [];
  for (const [index, spec] of specs.entries()) {
    const open = mergeable(spec) && made.find((batch) => mergeable(batch.spec) && sameGrid(batch.spec, spec));
    const batch = open || { spec: { ...spec, queries: [] }, members: [] };
    if (!open) made.push(batch);
    for (const query of spec.queries) {
      batch.spec.queries.push(mergeable(spec) ? { ...query, name: `q${batch.members.length}` } : query);
      batch.members.push(index);
    }
  }
  return made;
}

export async function run(specs: QuerySpec[], fromMs: number, toMs: number, signal: AbortSignal): Promise<Answers> {
  const answers: Answers = specs.map(() => []);
  const ask = async ({ spec, members }: Batch) => {
    const body = { from_ms: Math.round(fromMs), to_ms: Math.round(toMs), ...spec };
    const { results } = await call<QueryAnswer>("POST", "/api/ui/query", body, signal);
    for (const [index, result] of results.entries())
      answers[mergeable(spec) ? members[index] : members[0]].push(result);
  };
  await Promise.all(batches(specs).map(ask));
  return answers;
}

/** Everything with the prefix "query" is cancelled together when the range of the page changes. */
export function frames(specs: QuerySpec[], fromMs: number, toMs: number, enabled = true) {
  return queryOptions({
    queryKey: ["query", specs, fromMs, toMs],
    queryFn: ({ signal }) => run(specs, fromMs, toMs, signal),
    enabled: enabled && specs.some(({ queries }) => queries.length > 0),
    placeholderData: keepPreviousData,
    // Live pages ask for a new range every few seconds; old answers are of no use to anybody.
    gcTime: 60_000,
    staleTime: 60_000,
    retry: 1,
  });
}
