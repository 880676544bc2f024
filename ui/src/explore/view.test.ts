import { expect, test } from "vitest";
import { readView, requestsOf, widgetOf, writeView, type View } from "./view";

const view: View = { queries: ["avg:a{*}", "sum:b{*}.as_count()"], formulas: ["a / b"], style: "bars", hidden: ["b"] };

test("the URL holds the whole view", () => {
  expect(readView(writeView(new URLSearchParams("range=1h&q=old"), view))).toEqual(view);
});

test("hidden queries feed formulas and are not drawn", () => {
  const requests = requestsOf(view);
  expect(requests.map(({ spec }) => spec)).toEqual([
    { display: "bar", queries: [{ name: "a", query: "avg:a{*}" }] },
    {
      display: "bar",
      queries: [
        { name: "a", query: "avg:a{*}" },
        { name: "b", query: "sum:b{*}.as_count()" },
      ],
      formulas: [{ formula: "a / b" }],
    },
  ]);
});

test("a saved widget draws the same", () => {
  expect(widgetOf(view, "t").requests?.[0].formulas).toEqual([{ formula: "a" }, { formula: "a / b" }]);
});
