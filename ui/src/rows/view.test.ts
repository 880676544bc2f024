import { expect, test } from "vitest";
import { parseCompute, readRowsView, writeRowsView, type RowsView } from "./view";

const view: RowsView = {
  query: "service:web @a:[1 TO 2]",
  tab: "group",
  columns: ["@http.method", "team"],
  sort: "-@duration",
  wrap: true,
  row: "l12",
  by: ["@usr.id", "service"],
  computes: [{ aggregation: "count" }, { aggregation: "pc95", field: "@duration" }],
  display: "toplist",
  limit: 20,
};

test("the URL holds the whole view and keeps the range", () => {
  const params = writeRowsView(new URLSearchParams("range=4h&query=old"), view, "logs");
  expect(params.get("range")).toBe("4h");
  expect(readRowsView(params, "logs")).toEqual(view);
});

test("a fresh view has a short address", () => {
  const fresh = readRowsView(new URLSearchParams(), "spans");
  expect(fresh.computes).toEqual([{ aggregation: "count" }, { aggregation: "pc95", field: "@duration" }]);
  expect(writeRowsView(new URLSearchParams(), fresh, "spans").toString()).toBe("");
});

test("a compute without its field, or of an unknown word, is none", () => {
  expect([parseCompute("pc95"), parseCompute("magic:@a"), parseCompute("count")]).toEqual([
    null,
    null,
    { aggregation: "count" },
  ]);
  expect(parseCompute("cardinality:@a:b")).toEqual({ aggregation: "cardinality", field: "@a:b" });
});
