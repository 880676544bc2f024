import { expect, test } from "vitest";
import { grouped } from "./flags";

test("events that would lie on each other share a flag", () => {
  const at = (id: number, date_happened: number) => ({ id, title: `e${id}`, date_happened });
  const groups = grouped([at(3, 100), at(1, 10), at(2, 15), at(4, 112)], (event) => event.date_happened);
  expect(groups.map((group) => group.map(({ id }) => id))).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(grouped([], () => 0)).toEqual([]);
});
