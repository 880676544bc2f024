import { expect, test } from "vitest";
import { parseMarker } from "./markers";

test.each([
  ["y = 15", "error dashed", { low: 15, high: 15, line: true, tone: "bad", dash: true }],
  ["0 < y < 10.5", "ok solid", { low: 0, high: 10.5, line: false, tone: "ok", dash: false }],
  ["y > 80", "warning bold", { low: 80, high: Infinity, line: false, tone: "warn", bold: true }],
  ["y<=-3", "info", { low: -Infinity, high: -3, tone: "info" }],
])("%s (%s)", (value, display_type, expected) => {
  expect(parseMarker({ value, display_type })).toMatchObject(expected);
});

test("what is no marker is none", () => {
  expect(parseMarker({ value: "x = 3" })).toBeNull();
});
