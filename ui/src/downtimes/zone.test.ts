import { expect, test } from "vitest";
import { instantOf, localText } from "./zone";

const BERLIN = "Europe/Berlin";

test("a wall clock and its instant", () => {
  const at = Date.UTC(2026, 10, 20, 21, 5);
  expect(localText(at, BERLIN)).toBe("2026-11-20T22:05");
  expect(instantOf("2026-11-20T22:05", BERLIN)).toBe(at);
  expect(instantOf("2026-07-01T12:00", BERLIN)).toBe(Date.UTC(2026, 6, 1, 10));
  expect(instantOf("2026-07-01T12:00", "UTC")).toBe(Date.UTC(2026, 6, 1, 12));
});

test("midnight is hour 0, not 24", () => {
  expect(localText(Date.UTC(2026, 0, 1), "UTC")).toBe("2026-01-01T00:00");
});

test("the hour that the clock leaves out does not loop", () => {
  // At 02:00 of 29 March 2026 the clock of Berlin goes on to 03:00.
  const at = instantOf("2026-03-29T02:30", BERLIN);
  expect([Date.UTC(2026, 2, 29, 0, 30), Date.UTC(2026, 2, 29, 1, 30)]).toContain(at);
});

test("what is no time is none", () => {
  expect(instantOf("", BERLIN)).toBe(null);
});
