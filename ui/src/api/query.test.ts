import { expect, test } from "vitest";
import { batches, type QuerySpec } from "./query";

const plain = (query: string, display: "line" | "bar" = "line"): QuerySpec => ({
  display,
  queries: [{ name: "a", query }],
});

test("plain queries on one grid travel together, under names of their own", () => {
  const formula: QuerySpec = {
    display: "line",
    queries: [{ name: "x", query: "q3" }],
    formulas: [{ formula: "x * 2" }],
  };
  const made = batches([plain("q1"), plain("q2", "bar"), formula, plain("q4")]);
  expect(made.map(({ spec, members }) => [spec.queries, members])).toEqual([
    [
      [
        { name: "q0", query: "q1" },
        { name: "q1", query: "q4" },
      ],
      [0, 3],
    ],
    [[{ name: "q0", query: "q2" }], [1]],
    [[{ name: "x", query: "q3" }], [2]],
  ]);
});

test("the specs that were given stay as they are", () => {
  const specs = [plain("q1"), plain("q2")];
  batches(specs);
  expect(specs[0].queries).toEqual([{ name: "a", query: "q1" }]);
});
