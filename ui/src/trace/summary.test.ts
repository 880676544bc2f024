import { expect, test } from "vitest";
import { traceOf } from "./model";
import { sample } from "./sample";
import { stepsOf } from "./summary";

test("spans that do the same are one step, with the longest of them to look at", () => {
  const trace = traceOf(
    sample([
      [-1, 0, 100, "web", "request"],
      [0, 10, 5, "db", "select"],
      [0, 20, 30, "db", "select", 1],
      [0, 60, 10, "db", "select"],
      [0, 75, 5, "db", "update"],
    ]),
  );
  const waits = new Float64Array([50e6, 5e6, 30e6, 10e6, 5e6]);
  const steps = stepsOf(trace, waits);
  expect(steps.map(({ name, spans }) => [name, spans])).toEqual([
    ["request", 1],
    ["select", 3],
    ["update", 1],
  ]);
  expect(steps[1]).toMatchObject({ errors: 1, total: 45e6, own: 45e6, longest: 30e6, span: 2, waits: 45e6 });
  expect(steps[0].own).toBe(50e6);
});
