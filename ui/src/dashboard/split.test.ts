import { expect, test } from "vitest";
import { splitQueries } from "./split";

test("commas outside of braces, parentheses and quotes separate queries", () => {
  expect(splitQueries("avg:a{x:1,y:2} by {h,g}, top(avg:b{*}, 5, 'mean,x', 'desc')")).toEqual([
    "avg:a{x:1,y:2} by {h,g}",
    "top(avg:b{*}, 5, 'mean,x', 'desc')",
  ]);
  expect(splitQueries("avg:a{*}")).toEqual(["avg:a{*}"]);
});
