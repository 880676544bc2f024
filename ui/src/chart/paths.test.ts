import { expect, test } from "vitest";
import type { Values } from "../api/query";
import { openIndex } from "./paths";
import { lonePoints } from "./paths";

test.each<[Values, number[]]>([
  [[null, 1, null], [1]],
  [
    [1, null, 2, 3, null, 4],
    [0, 5],
  ],
  [[5], [0]],
  [[1, 2], []],
  [[1, undefined as unknown as null, 2], []],
  [[null, null], []],
])("lone points of %o are at %o", (values, at) => {
  expect(lonePoints(values)).toEqual(at);
});

test("the open bucket is the first that has not ended", () => {
  expect(openIndex([0, 10, 20], 20)).toBe(2);
  expect(openIndex([0, 10, 20], null)).toBe(3);
  expect(openIndex([0, 10, 20], 40)).toBe(3);
});
