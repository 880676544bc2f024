import { expect, test } from "vitest";
import { visibleTimes, withFuture } from "./edge";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("an hour's bucket shows in a view of its last minutes", () => {
  const span = { fromMs: 10 * HOUR + 25 * MINUTE, toMs: 10 * HOUR + 45 * MINUTE };
  expect(visibleTimes([10 * HOUR], span, HOUR)).toEqual([10 * HOUR + 35 * MINUTE]);
});

test("a bucket that ends in view stands in the middle of what is seen, the next at its start", () => {
  const span = { fromMs: HOUR + 40 * MINUTE, toMs: 2 * HOUR + 40 * MINUTE };
  expect(visibleTimes([HOUR, 2 * HOUR], span, HOUR)).toEqual([HOUR + 50 * MINUTE, 2 * HOUR]);
});

test("buckets in view and buckets wholly before it stay where they are", () => {
  const span = { fromMs: 2 * HOUR, toMs: 3 * HOUR };
  expect(visibleTimes([2 * HOUR], span, HOUR)).toEqual([2 * HOUR]);
  expect(visibleTimes([0, HOUR], span, HOUR)).toEqual([0, HOUR]);
});

test("a chart goes on to the end of its forecast, and no further than it was asked without one", () => {
  const span = { fromMs: 2 * HOUR, toMs: 3 * HOUR };
  expect(withFuture(span, [2 * HOUR, 3 * HOUR, 4 * HOUR], HOUR).toMs).toBe(5 * HOUR);
  expect(withFuture(span, [2 * HOUR], HOUR)).toBe(span);
  expect(withFuture(span, [], 0)).toBe(span);
});
