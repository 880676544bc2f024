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

export function groupDefinition(view: RowsView, signal: Signal, title: string): Definition {
  const queries = view.computes.map((compute, index) => queryOf(view, signal, compute, index));
  const formulas = view.computes.map((compute, index) => ({
    formula: `query${index + 1}`,
    ...(view.computes.length > 1 ? { alias: computeLabel(compute) } : {}),
    ...(view.display === "timeseries" ? {} : { limit: { count: view.limit, order: "desc" as const } }),
  }));
  if (view.display === "timeseries") {
    // Counts are bars and figures are lines: each has a request of its own, as they are drawn apart.
    const requests = queries.map((query, index): WidgetRequest => {
      const { aggregation } = view.computes[index];
      const bars = aggregation === "count" || aggregation === "sum";
      return {
        response_format: "timeseries",
        queries: [query],
        formulas: [formulas[index]],
        display_type: bars ? "bars" : "line",
      };
    });
    return { type: "timeseries", title, show_legend: false, requests };
  }
  const request: WidgetRequest = { response_format: "scalar", queries, formulas };
  if (view.display === "toplist")
    return { type: "toplist", title, requests: [{ ...request, queries: [queries[0]], formulas: [formulas[0]] }] };
  return { type: "query_table", title, requests: [request] };
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

export const groupTitle = (view: RowsView) =>
  `${view.computes.map(computeLabel).join(", ")}${view.by.length > 0 ? ` by ${view.by.join(", ")}` : ""}`;
