/** A dashboard about rows: one widget of each kind that shows logs, spans and events. */
import { at } from "./system.mjs";

const query = (name, source, search, aggregation, facets = [], metric = undefined) => ({
  data_source: source,
  name,
  search: { query: search },
  indexes: ["*"],
  compute: { aggregation, ...(metric ? { metric } : {}) },
  group_by: facets.map((facet) => ({ facet, limit: 10, sort: { aggregation, order: "desc" } })),
});

const formulas = (...names) => names.map((formula) => ({ formula }));

export const rowsBoard = {
  id: "rows",
  title: "Shop: logs, traces, events",
  description: "What the shop says",
  layout_type: "ordered",
  is_read_only: false,
  template_variables: [{ name: "service", prefix: "service", defaults: ["*"] }],
  widgets: [
    at(
      {
        type: "timeseries",
        title: "Logs by status",
        requests: [
          {
            response_format: "timeseries",
            queries: [query("a", "logs", "$service", "count", ["status"])],
            formulas: formulas("a"),
            display_type: "bars",
          },
        ],
      },
      0,
      0,
      6,
      3,
    ),
    at(
      {
        type: "query_value",
        title: "Share of errors",
        custom_unit: "%",
        precision: 2,
        requests: [
          {
            response_format: "scalar",
            queries: [query("e", "logs", "status:error $service", "count"), query("n", "logs", "$service", "count")],
            formulas: formulas("e / n * 100"),
          },
        ],
      },
      6,
      0,
      3,
      3,
    ),
    at(
      {
        type: "toplist",
        title: "p95 by resource",
        requests: [
          {
            response_format: "scalar",
            queries: [query("p", "spans", "", "pc95", ["resource_name"], "@duration")],
            formulas: formulas("p"),
          },
        ],
      },
      9,
      0,
      3,
      3,
    ),
    at(
      {
        type: "query_table",
        title: "By service",
        requests: [
          {
            response_format: "scalar",
            queries: [
              query("c", "logs", "$service", "count", ["service"]),
              query("e", "logs", "status:error $service", "count", ["service"]),
            ],
            formulas: [
              { formula: "c", alias: "logs" },
              { formula: "e / c * 100", alias: "errors %" },
            ],
          },
        ],
      },
      0,
      3,
      4,
      3,
    ),
    at({ type: "event_timeline", title: "Events", query: "", tags_execution: "and" }, 4, 3, 4, 3),
    at({ type: "event_stream", title: "Deployments", query: "source:deploy", event_size: "s" }, 8, 3, 4, 3),
    at(
      {
        type: "log_stream",
        title: "Errors and warnings",
        query: "status:(error OR warn) $service",
        indexes: ["*"],
        columns: ["core_service", "@http.status_code"],
        message_display: "inline",
        show_date_column: true,
        show_message_column: true,
        sort: { column: "time", order: "desc" },
      },
      0,
      6,
      12,
      4,
    ),
  ],
};
