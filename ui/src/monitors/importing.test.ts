import { expect, test } from "vitest";
import { monitorsOf } from "./importing";

const one = { type: "query alert", query: "avg(last_5m):avg:a{*} > 1" };

test("several monitors are a list, an object with a list, or lines", () => {
  expect(monitorsOf(JSON.stringify([one, one]))).toHaveLength(2);
  expect(monitorsOf(JSON.stringify({ monitors: [one, one, one] }))).toHaveLength(3);
  expect(monitorsOf(`${JSON.stringify(one)}\n\n${JSON.stringify(one)}\n`)).toHaveLength(2);
});

test("one alone, and what is no monitor, is not several", () => {
  expect(monitorsOf(JSON.stringify(one))).toBeNull();
  expect(monitorsOf(JSON.stringify([one]))).toBeNull();
  expect(monitorsOf("[1, 2]")).toBeNull();
  expect(monitorsOf("avg(last_5m)")).toBeNull();
  expect(monitorsOf("")).toBeNull();
});
