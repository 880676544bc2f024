import { expect, test } from "vitest";
import { paintOf } from "./formats";

const formats = [
  { comparator: ">", value: 80, palette: "white_on_red" },
  { comparator: ">=", value: 50, palette: "custom_bg", custom_bg_color: "#123456" },
  { comparator: "<", value: 0, palette: "custom_text", custom_fg_color: "red; background: url(x)" },
];

test("the first format that holds wins", () => {
  expect(paintOf(90, formats).background).toBe("#c02b2b");
  expect(paintOf(50, formats).background).toBe("#123456");
  expect(paintOf(20, formats)).toEqual({});
  expect(paintOf(null, formats)).toEqual({});
});

test("only colours are taken as colours", () => {
  expect(paintOf(-1, formats).colour).toBeUndefined();
});
