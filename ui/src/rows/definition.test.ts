import { expect, test } from "vitest";
import { groupDefinition, streamDefinition } from "./definition";
import { readRowsView } from "./view";

const view = readRowsView(
  new URLSearchParams("query=status:error&view=group&by=service&m=count&m=pc95:@duration&top=5"),
  "spans",
);

test("over time, counts are bars and figures lines, each in a widget of its own", () => {
  const [counts, figures] = groupDefinition(view, "spans", "t");
  expect([counts.type, counts.title, figures.title]).toEqual(["timeseries", "t: count", "t: p95 of @duration"]);
  expect([counts, figures].map(({ requests }) => requests?.[0].display_type)).toEqual(["bars", "line"]);
  expect(figures.requests?.[0].queries?.[0]).toMatchObject({
    data_source: "spans",
    search: { query: "status:error" },
    compute: { aggregation: "pc95", metric: "@duration" },
    group_by: [{ facet: "service", limit: 5, sort: { aggregation: "pc95", metric: "@duration", order: "desc" } }],
  });
});

test("a table has a column for each figure, a top list the first alone", () => {
  const [table] = groupDefinition({ ...view, display: "table" }, "spans", "t");
  expect(table.type).toBe("query_table");
  expect(table.requests?.[0].formulas?.map(({ alias }) => alias)).toEqual(["count", "p95 of @duration"]);
  const [top] = groupDefinition({ ...view, display: "toplist" }, "spans", "t");
  expect([top.type, top.requests?.[0].queries?.length]).toEqual(["toplist", 1]);
});

test("a list becomes the stream of its signal", () => {
  expect(streamDefinition(view, "logs", "t", ["host"])).toMatchObject({ type: "log_stream", columns: ["host"] });
  expect(streamDefinition(view, "events", "t", [])).toMatchObject({ type: "event_stream", query: "status:error" });
  expect(streamDefinition(view, "spans", "t", [])).toMatchObject({ type: "list_stream" });
});
