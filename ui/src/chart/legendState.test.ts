import { expect, test } from "vitest";
import { readLegend, readSort, writeLegend } from "./legendState";

test("one line alone and several hidden come back from the URL", () => {
  const alone = { solo: "a~b", hidden: [] };
  const hidden = { solo: null, hidden: ["web-1", "web-2"] };
  const entries = writeLegend(writeLegend([], "w1", alone), "w2", hidden);
  expect(readLegend(entries, "w1")).toEqual(alone);
  expect(readLegend(entries, "w2")).toEqual(hidden);
  expect(writeLegend(entries, "w1", { solo: null, hidden: [] })).toHaveLength(1);
});

test("an order that no column has is none", () => {
  expect(readSort(["w1~avg~d", "w2~name~u"], "w2")).toEqual({ column: "name", down: false });
  expect(readSort(["w1~nonsense~d"], "w1")).toBeNull();
  expect(readSort([""], "w1")).toBeNull();
});
