/** From a widget's requests, in either form, to what the page asks the server. */
import type { ChartRequest } from "../chart/ChartPanel";
import type { Look } from "../chart/plot";
import type { AskedQuery, QuerySpec } from "../api/query";
import { queryTitle, rowsQueryOf, rowsTitle, signalOf } from "./rowsSource";
import { splitQueries } from "./split";
import type { ConditionalFormat, Definition, WidgetQuery, WidgetRequest } from "./model";

export type Fill = (query: string) => string;

const DASHES = { solid: [], dashed: [6, 4], dotted: [2, 3] };
const WIDTHS = { thin: 1, normal: 1.5, thick: 3 };

function lookOf(request: WidgetRequest, fill: Fill): Look {
  const style = request.display_type === "bars" || request.display_type === "area" ? request.display_type : "line";
  const { line_type, line_width, palette } = request.style ?? {};
  const named = (request.metadata ?? []).filter(({ alias_name }) => alias_name);
  return {
    style,
    stacked: style !== "line",
    palette: palette === "dog_classic" ? undefined : palette,
    width: WIDTHS[line_width ?? "normal"] ?? 1.5,
    dash: DASHES[line_type ?? "solid"] ?? [],
    aliases: Object.fromEntries(named.map(({ expression, alias_name }) => [fill(expression), alias_name!])),
  };
}

/** Sources that are kept elsewhere, or nowhere: named in the widget's place. */
export function foreignSources(definition: Definition): string[] {
  const found = new Set<string>();
  for (const request of requestsOf(definition)) {
    for (const { data_source } of request.queries ?? []) {
      if (data_source && data_source !== "metrics" && !signalOf(data_source)) found.add(data_source);
    }
    if (!request.q && !request.queries) {
      for (const key of Object.keys(request)) if (key.endsWith("_query")) found.add(key.slice(0, -"_query".length));
    }
  }
  return [...found];
}

/** Some widget types keep an object here; only lists are requests of ours. */
export function requestsOf({ requests }: Definition): WidgetRequest[] {
  return Array.isArray(requests) ? requests : [];
}

export function specOf(request: WidgetRequest, display: QuerySpec["display"], fill: Fill): QuerySpec | null {
  if (request.q) {
    const queries = splitQueries(fill(request.q)).map((query, index) => ({
      name: index === 0 ? "a" : `a${index}`,
      query,
    }));
    return queries.length > 0 ? { display, queries } : null;
  }
  const queries = (request.queries ?? []).flatMap((query): AskedQuery[] => {
    if (isMetrics(query)) return [{ name: query.name, query: fill(query.query!) }];
    const rows = rowsQueryOf(query, fill);
    return rows ? [rows] : [];
  });
  if (queries.length === 0) return null;
  const formulas = request.formulas?.map(({ formula, alias }) => (alias ? { formula, alias } : { formula }));
  return formulas?.length ? { display, queries, formulas } : { display, queries };
}

function isMetrics({ data_source, query }: WidgetQuery): boolean {
  return (data_source ?? "metrics") === "metrics" && typeof query === "string" && query !== "";
}

export function chartRequests(definition: Definition, fill: Fill): ChartRequest[] {
  return requestsOf(definition).flatMap((request) => {
    const spec = specOf(request, request.display_type === "bars" ? "bar" : "line", fill);
    return spec ? [{ spec, look: lookOf(request, fill) }] : [];
  });
}

export type Aggregator = "avg" | "min" | "max" | "sum" | "last";

/** Words for reducing a series to one number; percentiles of buckets would mislead, so they fall back to avg. */
export function aggregatorOf(word: string | undefined): Aggregator {
  return word === "min" || word === "max" || word === "sum" || word === "last" ? word : "avg";
}

/** One column of figures: a plain query, or one formula. */
export interface Column {
  title: string;
  aggregator: Aggregator;
  formats: ConditionalFormat[];
  bar: boolean;
  limit: number | null;
  order: "asc" | "desc";
}

export interface Columns {
  specs: QuerySpec[];
  /** For each spec, the columns of its results, in their order. */
  columns: Column[][];
}

export function scalarColumns(definition: Definition, fill: Fill): Columns {
  const specs: QuerySpec[] = [];
  const columns: Column[][] = [];
  for (const request of requestsOf(definition)) {
    const spec = specOf(request, "line", fill);
    if (!spec) continue;
    specs.push(spec);
    columns.push(
      spec.formulas
        ? formulaColumns(request)
        : spec.queries.map((query, index) => plainColumn(request, queryTitle(query), index)),
    );
  }
  return { specs, columns };
}

function plainColumn(request: WidgetRequest, query: string, index: number): Column {
  const word = request.aggregator ?? request.queries?.[index]?.aggregator;
  return {
    title: request.alias ?? query,
    aggregator: aggregatorOf(word),
    formats: request.conditional_formats ?? [],
    bar: hasBar(request.cell_display_mode),
    limit: request.limit ?? null,
    order: request.order ?? "desc",
  };
}

function formulaColumns(request: WidgetRequest): Column[] {
  const aggregator = aggregatorOf(request.queries?.find((query) => query.aggregator)?.aggregator ?? request.aggregator);
  return (request.formulas ?? []).map((formula) => ({
    title: formula.alias ?? titleOf(formula.formula, request.queries ?? []),
    aggregator,
    formats: formula.conditional_formats ?? request.conditional_formats ?? [],
    bar: hasBar(formula.cell_display_mode ?? request.cell_display_mode),
    limit: formula.limit?.count ?? request.limit ?? null,
    order: formula.limit?.order ?? request.order ?? "desc",
  }));
}

function titleOf(formula: string, queries: WidgetQuery[]): string {
  const query = queries.find(({ name }) => name === formula);
  if (!query) return formula;
  const rows = rowsQueryOf(query, (text) => text);
  return rows ? rowsTitle(rows) : (query.query ?? formula);
}

function hasBar(mode: string | string[] | undefined): boolean {
  return mode === "bar" || (Array.isArray(mode) && mode.includes("bar"));
}
