import { expect, test } from "vitest";
import { importOf } from "./import";
import { notDrawn } from "./model";

test("an export becomes a new dashboard with every field kept", () => {
  const exported = {
    id: "abc",
    url: "/x",
    title: "Shop",
    layout_type: "ordered",
    reflow_type: "fixed",
    widgets: [{ definition: { type: "hostmap", requests: { fill: {} } } }],
  };
  const read = importOf(JSON.stringify(exported));
  expect(read).toEqual({
    board: {
      title: "Shop",
      layout_type: "ordered",
      is_read_only: false,
      reflow_type: "fixed",
      widgets: exported.widgets,
    },
  });
});

test.each([
  ["{", "This is not JSON"],
  ["[]", "A dashboard is an object"],
  ['{"title":"x"}', "no list `widgets`"],
  ['{"widgets":[{}]}', "widgets[0] has no definition"],
])("%s is refused with the reason", (text, reason) => {
  const read = importOf(text);
  expect("problem" in read && read.problem).toContain(reason);
});

test("types that are not drawn are counted, also inside groups", () => {
  const widgets = [
    {
      definition: {
        type: "group",
        widgets: [{ definition: { type: "sunburst" } }, { definition: { type: "timeseries" } }],
      },
    },
    { definition: { type: "sunburst" } },
  ];
  expect([...notDrawn(widgets)]).toEqual([["sunburst", 2]]);
});
