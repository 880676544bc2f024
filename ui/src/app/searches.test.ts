import { expect, test } from "vitest";
import { score, searches } from "./searches";

test("whatever is typed can be looked for, traces slowest first, over a day", () => {
  const [traces, logs] = searches(" user 42 ");
  expect(traces.to).toBe("/apm/traces?query=*%3A%22user+42%22&sort=-duration&range=1d");
  expect(logs.to).toBe("/logs?query=*%3A%22user+42%22&range=1d");
  expect(searches("ab")).toEqual([]);
});

test("a trace's id opens the trace", () => {
  const id = "0123456789abcdef0123456789ABCDEF";
  expect(searches(id)[0].to).toBe(`/apm/trace/${id.toLowerCase()}`);
});

test("every word must be found, and starts of words count most", () => {
  expect(score("Logs: live tail", "tail")).toBeGreaterThan(score("Details", "tail"));
  expect(score("Logs", "logs tail")).toBe(0);
});
