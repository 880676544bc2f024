import { describe, expect, test } from "vitest";
import { addWidget, copyOf, duplicateWidget, moveWidgets, removeWidget, replaceWidget, widgetAt } from "./edit";
import { bottomOf, compact, placeAll, placeFree, roomFor } from "./layout";
import type { Dashboard, Widget } from "./model";

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });
const chart = (title: string, layout = box(0, 0, 0, 0)): Widget => ({
  definition: { type: "timeseries", title, requests: [] },
  layout,
});

const board = (): Dashboard => ({
  title: "t",
  layout_type: "ordered",
  notify_list: ["someone"],
  widgets: [
    { ...chart("a", box(0, 0, 6, 3)), id: 7, kept: { as: "it is" } },
    {
      definition: {
        type: "group",
        title: "g",
        banner_img: "x",
        widgets: [chart("b", box(0, 0, 6, 2)), { ...chart("c", box(6, 0, 6, 2)), id: 9 }],
      },
      layout: box(0, 3, 12, 3),
    },
  ],
});

describe("changes", () => {
  test("leave what they don't touch as it was", () => {
    const before = board();
    const after = replaceWidget(before, [1, 0], chart("new"));
    expect(widgetAt(after, [1, 0])?.definition.title).toBe("new");
    expect(after.widgets[0]).toBe(before.widgets[0]);
    expect(after.notify_list).toEqual(["someone"]);
    expect(after.widgets[1].definition.banner_img).toBe("x");
    expect(before).toEqual(board());
  });

  test("add, copy and remove", () => {
    expect(addWidget(board(), { type: "note" }).widgets[2].layout).toEqual(box(0, 6, 4, 3));
    const copied = duplicateWidget(board(), [0]);
    expect(copied.widgets[2]).toMatchObject({ kept: { as: "it is" }, layout: box(0, 6, 6, 3) });
    expect(copied.widgets[2].id).toBeUndefined();
    expect(widgetAt(removeWidget(board(), [1, 0]), [1, 0])?.definition.title).toBe("c");
  });

  test("moving writes layouts by index", () => {
    const moved = moveWidgets(board(), [1], [box(6, 0, 6, 2), box(0, 0, 6, 2)]);
    expect(widgetAt(moved, [1, 1])).toMatchObject({ id: 9, layout: box(0, 0, 6, 2) });
  });

  test("a copy is a new dashboard", () => {
    const copy = copyOf({ ...board(), id: "x", is_read_only: true, url: "/u" }, "mine");
    expect(copy).toMatchObject({ title: "mine", is_read_only: false, notify_list: ["someone"] });
    expect("id" in copy || "url" in copy).toBe(false);
  });
});

describe("layout", () => {
  test("widgets that say nothing stand two a row", () => {
    expect(placeAll([chart("a"), chart("b"), chart("c")])).toEqual([box(0, 0, 6, 3), box(6, 0, 6, 3), box(0, 3, 6, 3)]);
  });

  test("they follow below those that do", () => {
    expect(placeAll([chart("a", box(0, 2, 4, 2)), chart("b")])[1]).toEqual(box(0, 4, 6, 3));
  });

  test("a new one stands beside the last where there is room", () => {
    expect(roomFor(box(0, 0, 6, 3), [box(0, 0, 6, 3)])).toEqual(box(6, 0, 6, 3));
    expect(roomFor(box(0, 0, 6, 3), [box(0, 0, 8, 3)])).toEqual(box(0, 3, 6, 3));
    expect(roomFor(box(0, 0, 6, 3), [])).toEqual(box(0, 0, 6, 3));
  });

  test("a group is as high as what it holds", () => {
    const group: Widget = {
      definition: { type: "group", widgets: [chart("a", box(0, 0, 6, 5))] },
      layout: box(0, 0, 12, 2),
    };
    expect(placeAll([group])[0].height).toBe(6);
  });

  test("a free layout keeps its order on twelve columns", () => {
    const free = placeFree([
      chart("a", box(0, 0, 60, 30)),
      chart("b", box(60, 0, 60, 30)),
      chart("c", box(0, 40, 120, 20)),
    ]);
    expect(free).toEqual([box(0, 0, 6, 3), box(6, 0, 6, 3), box(0, 3, 12, 2)]);
  });

  test("boxes fall up and never overlap", () => {
    const done = compact([box(0, 5, 6, 2), box(0, 1, 12, 1), box(3, 1, 6, 2)]);
    expect(done).toEqual([box(0, 3, 6, 2), box(0, 0, 12, 1), box(3, 1, 6, 2)]);
    expect(bottomOf(done)).toBe(5);
  });
});
