import { expect, test } from "vitest";
import { durationMs, readRule, ruleText, writeRule } from "./rrule";

test("a rule goes round through the form", () => {
  const rule = { frequency: "WEEKLY" as const, interval: 2, days: ["FR" as const, "MO" as const] };
  expect(writeRule(rule)).toBe("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR");
  expect(readRule("RRULE:freq=weekly;interval=2;byday=MO,FR")).toEqual({ ...rule, days: ["MO", "FR"] });
  expect(readRule("FREQ=DAILY")).toEqual({ frequency: "DAILY", interval: 1, days: [] });
});

test("days are left out where they mean nothing", () => {
  expect(writeRule({ frequency: "DAILY", interval: 0, days: ["MO"] })).toBe("FREQ=DAILY;INTERVAL=1");
});

test.each(["FREQ=WEEKLY;COUNT=3", "FREQ=YEARLY", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=DAILY;INTERVAL=x", ""])(
  "%s is more than the form holds",
  (text) => {
    expect(readRule(text)).toBe(null);
    expect(ruleText(text)).toBe(text);
  },
);

test("in words", () => {
  expect(ruleText("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU")).toBe("every week on Mon, Tue");
  expect(ruleText("FREQ=MONTHLY;INTERVAL=3")).toBe("every 3 months");
});

test("durations", () => {
  expect(durationMs("90m")).toBe(5_400_000);
  expect(durationMs("1w")).toBe(604_800_000);
  expect(durationMs("1 month")).toBe(null);
});
