import { describe, expect, test } from "vitest";
import type { Definition } from "./model";
import { chartRequests, foreignSources, scalarColumns } from "./requests";
import { readChoice, substitute, writeChoice } from "./variables";

const host = { name: "host", prefix: "host", defaults: ["*"] };
const fill = (query: string) =>
  substitute(query, [host, { name: "hostgroup", prefix: "group" }], { host: ["web-1"], hostgroup: ["a", "b"] });

describe("substitute", () => {
  test.each([
    ["avg:m{$host}", "avg:m{host:web-1}"],
    ["avg:m{$hostgroup,$host}", "avg:m{group IN (a,b),host:web-1}"],
    ["avg:m{name:$host.value}", "avg:m{name:web-1}"],
    ["avg:m{$hosts}", "avg:m{$hosts}"],
  ])("%s becomes %s", (query, expected) => expect(fill(query)).toBe(expected));

  test("all is a star, and a variable without a prefix its bare value", () => {
    expect(substitute("m{$host}", [host], { host: ["*"] })).toBe("m{*}");
    expect(substitute("m{$scope}", [{ name: "scope" }], { scope: ["env:prod"] })).toBe("m{env:prod}");
  });
});

test("a choice lives in the URL, the defaults apply without one", () => {
  const dashboard = {
    title: "",
    layout_type: "ordered",
    widgets: [],
    template_variables: [{ ...host, defaults: ["web-9"] }],
  };
  expect(readChoice(dashboard, new URLSearchParams())).toEqual({ host: ["web-9"] });
  const params = writeChoice(new URLSearchParams("range=1h"), "host", ["a", "b"]);
  expect(readChoice(dashboard, params)).toEqual({ host: ["a", "b"] });
});

test("both request forms become queries", () => {
  const definition: Definition = {
    type: "timeseries",
    requests: [
      { q: "avg:m{$host}", display_type: "bars", style: { line_type: "dashed" } },
      {
        queries: [{ data_source: "metrics", name: "a", query: "sum:n{*}" }],
        formulas: [{ formula: "a * 2", alias: "twice" }],
      },
      { queries: [{ data_source: "rum", name: "b" }], formulas: [{ formula: "b" }] },
    ],
  };
  const requests = chartRequests(definition, fill);
  expect(requests.map(({ spec }) => spec)).toEqual([
    { display: "bar", queries: [{ name: "a", query: "avg:m{host:web-1}" }] },
    { display: "line", queries: [{ name: "a", query: "sum:n{*}" }], formulas: [{ formula: "a * 2", alias: "twice" }] },
  ]);
  expect(requests[0].look).toMatchObject({ style: "bars", stacked: true, dash: [6, 4] });
  expect(foreignSources(definition)).toEqual(["rum"]);
});

test("figures name their column and how a series becomes one number", () => {
  const definition: Definition = {
    type: "query_table",
    requests: [
      { q: "avg:m{*} by {host}", alias: "cpu", aggregator: "max", limit: 5, cell_display_mode: ["bar"] },
      { queries: [{ name: "a", query: "sum:n{*}", aggregator: "sum" }], formulas: [{ formula: "a" }] },
    ],
  };
  const { columns } = scalarColumns(definition, fill);
  expect(columns[0][0]).toMatchObject({ title: "cpu", aggregator: "max", limit: 5, bar: true });
  expect(columns[1][0]).toMatchObject({ title: "sum:n{*}", aggregator: "sum", bar: false });
});
