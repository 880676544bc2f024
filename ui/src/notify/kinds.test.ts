import { expect, test } from "vitest";
import { handleOf, KINDS, kindOf, missing, settingsOf, shownSetting } from "./kinds";

test("a secret that is not typed anew is left out", () => {
  const slack = kindOf("slack");
  const [secret] = slack.fields;
  expect(settingsOf(slack, {})).toEqual({});
  expect(settingsOf(slack, { [secret.name]: " https://x " })).toEqual({ [secret.name]: "https://x" });
  expect(missing(slack, {}, { [secret.name]: { set: true } })).toEqual([]);
  expect(missing(slack, {}, { [secret.name]: { set: false } })).toEqual([secret.label]);
  expect(shownSetting({ set: true })).toBe("");
});

test("lists and choices", () => {
  expect(settingsOf(kindOf("email"), { to: "a@x.de, b@x.de" })).toEqual({ to: ["a@x.de", "b@x.de"] });
  expect(settingsOf(kindOf("opsgenie"), { api_key: "k" })).toEqual({ api_key: "k", region: "us" });
});

test("handles are words", () => {
  expect(handleOf("slack", "Ops Team!")).toBe("@slack-ops-team-");
});

test("each kind asks for something", () => {
  expect(KINDS).toHaveLength(9);
  for (const { fields } of KINDS) expect(fields.some(({ required }) => required)).toBe(true);
});
