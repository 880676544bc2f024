import { expect, test } from "vitest";
import type { ChannelField } from "../api/channels";
import { isName, missing, settingsOf, shownSetting } from "./kinds";

const FIELDS: ChannelField[] = [
  { name: "url", label: "URL", is_secret: true, is_required: true, hint: "" },
  { name: "username", label: "Name shown", is_secret: false, is_required: false, hint: "" },
];

test("a secret that is not typed anew is left out; an emptied field is sent", () => {
  expect(settingsOf(FIELDS, {})).toEqual({ username: "" });
  expect(settingsOf(FIELDS, { url: " https://x " })).toEqual({ url: "https://x", username: "" });
});

test("what is needed is there when it is kept", () => {
  expect(missing(FIELDS, {}, { url: { set: true } })).toEqual([]);
  expect(missing(FIELDS, {}, { url: { set: false } })).toEqual(["URL"]);
  expect(missing(FIELDS, { url: "x" }, {})).toEqual([]);
  expect(shownSetting({ set: true })).toBe("");
  expect(shownSetting("a")).toBe("a");
});

test("names can end a handle", () => {
  expect(["ops", "ops-2", "größe", "a.b"].every(isName)).toBe(true);
  expect(["", "ops team", "ops-", "a@b"].some(isName)).toBe(false);
});
