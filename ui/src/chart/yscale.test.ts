import { expect, test } from "vitest";
import { reach } from "./yscale";

const PERCENT = { family: "percentage", name: "percent", short_name: "%", scale_factor: 1 };

test("zero is included unless told otherwise", () => {
  expect(reach(50, 60, {}, null)[0]).toBe(0);
  expect(reach(50, 60, { include_zero: false }, null)[0]).toBeCloseTo(49.2);
});

test("limits that are given win", () => {
  expect(reach(50, 60, { min: "10", max: "20" }, null)).toEqual([10, 20]);
  expect(reach(50, 60, { min: "auto", max: "auto" }, null)[0]).toBe(0);
});

test("per cent stops at 100, flat lines and empty charts have a height", () => {
  expect(reach(3, 99, {}, PERCENT)).toEqual([0, 100]);
  expect(reach(0, 0, {}, null)).toEqual([0, 1.08]);
  expect(reach(null, null, {}, null)).toEqual([0, 1.08]);
  const [low, high] = reach(5, 5, { include_zero: false }, null);
  expect(high).toBeGreaterThan(low);
});

test("a log axis spans whole decades", () => {
  expect(reach(3, 4500, { scale: "log" }, null)).toEqual([1, 10_000]);
  expect(reach(0, 4500, { scale: "log" }, null)[0]).toBeGreaterThan(0);
});
