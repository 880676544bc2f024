/** A group of rows as a dashboard's widget, in the form that Datadog writes. */
import type { Compute, Signal } from "../api/rows";
import type { Definition, WidgetQuery, WidgetRequest } from "../dashboard/model";
import { computeLabel, type RowsView } from "./view";

const queryOf = (view: RowsView, signal: Signal, { aggregation, field }: Compute, index: number): WidgetQuery => ({
  data_source: signal,
  name: `query${index + 1}`,
  search: { query: view.query },
  indexes: ["*"],
  compute: field ? { aggregation, metric: field } : { aggregation },
  group_by: view.by.map((facet) => ({
    facet,
    limit: view.limit,
    sort: field ? { aggregation, metric: field, order: "desc" } : { aggregation, order: "desc" },
  })),
});

/** Over time each figure has a widget of its own: a count and a duration on one axis hide each other. */
export function groupDefinition(view: RowsView, signal: Signal, title: string): Definition[] {
  const queries = view.computes.map((compute, index) => queryOf(view, signal, compute, index));
  const formulas = view.computes.map((compute, index) => ({
    formula: `query${index + 1}`,
    ...(view.computes.length > 1 ? { alias: computeLabel(compute) } : {}),
    limit: { count: view.limit, order: "desc" as const },
  }));
  if (view.display === "timeseries") {
    return queries.map((query, index) => {
      const { aggregation } = view.computes[index];
      const bars = aggregation === "count" || aggregation === "sum";
      const request: WidgetRequest = {
        response_format: "timeseries",
        queries: [query],
        formulas: [{ formula: query.name }],
        display_type: bars ? "bars" : "line",
      };
      const own = queries.length > 1 ? `${title}: ${computeLabel(view.computes[index])}` : title;
      return { type: "timeseries", title: own, requests: [request] };
    });
  }
  const request: WidgetRequest = { response_format: "scalar", queries, formulas };
  if (view.display === "toplist")
    return [{ type: "toplist", title, requests: [{ ...request, queries: [queries[0]], formulas: [formulas[0]] }] }];
  return [{ type: "query_table", title, requests: [request] }];
}

export function streamDefinition(view: RowsView, signal: Signal, title: string, columns: string[]): Definition {
  if (signal === "logs")
    return {
      type: "log_stream",
      title,
      query: view.query,
      indexes: ["*"],
      columns,
      message_display: view.wrap ? "expanded-md" : "inline",
      show_date_column: true,
      show_message_column: true,
      sort: { column: "time", order: view.sort === "timestamp" ? "asc" : "desc" },
    };
  if (signal === "events")
    return { type: "event_stream", title, query: view.query, event_size: "s", tags_execution: "and" };
  return {
    type: "list_stream",
    title,
    requests: [
      {
        response_format: "event_list",
        query: { data_source: "trace_stream", query_string: view.query },
        columns: columns.map((field) => ({ field, width: "auto" })),
      } as unknown as WidgetRequest,
    ],
  };
}

export function groupTitle(view: RowsView, signal: Signal): string {
  const by = view.by.length > 0 ? ` by ${view.by.join(", ")}` : "";
  // Widgets that are made one a figure say it themselves.
  const split = view.display === "timeseries" && view.computes.length > 1;
  return split ? `${signal}${by}` : `${view.computes.map(computeLabel).join(", ")}${by}`;
}
