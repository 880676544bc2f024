import { expect, test } from "vitest";
import { evaluate } from "./arithmetic";

test("formulas keep the order of operations", () => {
  const figures = { errors: 3, hits: 12, none: null };
  expect(evaluate("errors / hits * 100", figures)).toBe(25);
  expect(evaluate("hits - (errors + 1) * 2", figures)).toBe(4);
  expect(evaluate("-errors + 0.5", figures)).toBe(-2.5);
  expect(evaluate("none + 1", figures)).toBeNull();
  expect(evaluate("hits / (errors - 3)", figures)).toBeNull();
});

test("what it does not read is said, not guessed", () => {
  expect(
    ["abs(errors)", "other + 1", "1 +", "", "(1", "a ** 2"].map((text) => evaluate(text, { errors: 1, a: 1 })),
  ).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
});
