import { expect, test } from "vitest";
import { fillSearch, groupPage, rowsQueryOf, rowsTitle, streamOf } from "./rowsSource";

const plain = (text: string) => text;

test("both ways of writing groups are read, and what has no source of rows is none", () => {
  const base = { data_source: "logs", name: "a", search: { query: "status:error" }, compute: { aggregation: "count" } };
  const query = rowsQueryOf({ ...base, group_by: { fields: ["service", "@usr.id"], limit: 5 } }, plain);
  expect(query?.group_by).toEqual([
    { facet: "service", limit: 5 },
    { facet: "@usr.id", limit: 5 },
  ]);
  expect(rowsTitle(query!)).toBe("logs · status:error by service, @usr.id");
  expect(groupPage([query!])).toBe("/logs?query=status%3Aerror&view=group&by=service&by=%40usr.id&m=count");
  expect(rowsQueryOf({ data_source: "metrics", name: "a", query: "avg:a{*}" }, plain)).toBeNull();
});

test("a variable of several values becomes alternatives", () => {
  expect(fillSearch("status:error $service", (text) => text.replace("$service", "service IN (web,api)"))).toBe(
    "status:error service:(web OR api)",
  );
});

test("streams of every type come to one form", () => {
  const list = {
    type: "list_stream",
    requests: [
      {
        query: { data_source: "logs_stream", query_string: "a" },
        columns: [{ field: "timestamp" }, { field: "host" }],
      },
    ],
  };
  expect(streamOf(list as never, plain)).toMatchObject({ signal: "logs", query: "a", columns: ["host"] });
  const log = {
    type: "log_stream",
    query: "b",
    columns: ["core_host", "@x"],
    message_display: "expanded-lg",
    sort: { column: "time", order: "asc" },
  };
  expect(streamOf(log, plain)).toEqual({
    signal: "logs",
    query: "b",
    columns: ["host", "@x"],
    sort: "timestamp",
    wrap: true,
  });
  expect(streamOf({ type: "list_stream", requests: [] }, plain)).toBeNull();
});
