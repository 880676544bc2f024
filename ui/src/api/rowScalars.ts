/** Single figures about rows for widgets: each query asked once over the whole range, then the formulas over them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { computeOf, signalOf } from "../dashboard/rowsSource";
import { evaluate, type Figures } from "../rows/arithmetic";
import { unitOfField } from "../rows/value";
import { call } from "./client";
import {
  isRowsQuery,
  run,
  type Answers,
  type QueryResult,
  type QuerySeries,
  type QuerySpec,
  type RowsQuery,
} from "./query";
import type { TableAnswer } from "./rows";

/** Groups of a query that names no limit. */
const GROUPS = 100;

export const isRowsSpec = ({ queries }: QuerySpec) => queries.length > 0 && queries.every(isRowsQuery);

type Groups = Map<string, { by: [string, string][]; value: number | null }>;

async function askGroups(query: RowsQuery, fromMs: number, toMs: number, signal: AbortSignal): Promise<Groups> {
  const [first] = query.group_by;
  const body = {
    signal: signalOf(query.data_source),
    query: query.search.query,
    from_ms: Math.round(fromMs),
    to_ms: Math.round(toMs),
    group_by: query.group_by.map(({ facet, limit }) => ({ field: facet, limit: limit ?? GROUPS })),
    computes: [computeOf(query)],
    display: "table",
    sort: { compute: 0, order: first?.sort?.order ?? "desc" },
  };
  const answer = await call<TableAnswer>("POST", "/api/ui/rows/aggregate", body, signal);
  if (answer.error) throw new Error(answer.error.message);
  return new Map(answer.groups.map(({ by, values }) => [JSON.stringify(by), { by, value: values[0] ?? null }]));
}

function figuresOf(queries: RowsQuery[], groups: Groups[], key: string): Figures {
  // A query without groups stands for all of them: a share of the whole.
  const of = (index: number) =>
    queries[index].group_by.length === 0 ? groups[index].get("[]") : groups[index].get(key);
  return Object.fromEntries(queries.map(({ name }, index) => [name, of(index)?.value ?? null]));
}

function seriesOf(
  formula: string,
  by: [string, string][],
  value: number | null,
  query: RowsQuery | undefined,
): QuerySeries {
  const unit = query ? unitOfField(signalOf(query.data_source) ?? "logs", query.compute.metric) : null;
  const scope = by.map(([field, text]) => `${field}:${text}`).join(", ");
  const stats = { avg: value, min: value, max: value, sum: value, last: value };
  return { name: formula, scope, expression: formula, group: by, kind: "count", unit, values: [], band: null, stats };
}

export function combine(queries: RowsQuery[], groups: Groups[], formulas: string[]): QueryResult[] | null {
  const grouped = groups.filter((_, index) => queries[index].group_by.length > 0);
  const all = new Map((grouped.length > 0 ? grouped : groups).flatMap((each) => [...each]));
  const results: QueryResult[] = [];
  for (const formula of formulas) {
    const query = queries.find(({ name }) => name === formula);
    const series: QuerySeries[] = [];
    for (const [key, { by }] of all) {
      const value = evaluate(formula, figuresOf(queries, groups, key));
      if (value === undefined) return null;
      if (value !== null) series.push(seriesOf(formula, by, value, query));
    }
    const base = {
      name: formula,
      query: formula,
      error: null,
      step_ms: 0,
      incomplete_from_ms: null,
      times: [],
      notes: [],
    };
    results.push({ ...base, series });
  }
  return results;
}

async function askSpec(spec: QuerySpec, fromMs: number, toMs: number, signal: AbortSignal): Promise<QueryResult[]> {
  const queries = spec.queries.filter(isRowsQuery);
  const formulas = spec.formulas?.map(({ formula }) => formula) ?? queries.map(({ name }) => name);
  if (isRowsSpec(spec)) {
    const groups = await Promise.all(queries.map((query) => askGroups(query, fromMs, toMs, signal)));
    const results = combine(queries, groups, formulas);
    if (results) return results;
  }
  return (await run([spec], fromMs, toMs, signal))[0];
}

export function rowScalars(specs: QuerySpec[], fromMs: number, toMs: number, enabled = true) {
  return queryOptions({
    queryKey: ["query", "scalars", specs, fromMs, toMs],
    queryFn: ({ signal }): Promise<Answers> => Promise.all(specs.map((spec) => askSpec(spec, fromMs, toMs, signal))),
    enabled: enabled && specs.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 60_000,
    retry: 1,
  });
}
