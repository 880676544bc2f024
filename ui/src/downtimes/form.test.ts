import { expect, test } from "vitest";
import { bodyOf, freshForm, problemOf, readForm } from "./form";

const NOW = Date.UTC(2026, 10, 20, 10);

test("once, in a zone's wall clock", () => {
  const form = {
    ...freshForm(NOW),
    zone: "Europe/Berlin",
    start: "2026-11-20T22:00",
    end: "2026-11-21T06:00",
    tags: "team:shop, env:prod",
  };
  const body = bodyOf(form);
  expect(body.schedule).toEqual({ start: "2026-11-20T21:00:00.000Z", end: "2026-11-21T05:00:00.000Z" });
  expect(body.monitor_identifier).toEqual({ monitor_tags: ["team:shop", "env:prod"] });
  expect(readForm(body)).toEqual({ ...form, tags: "team:shop, env:prod" });
});

test("recurring keeps the wall clock as it is", () => {
  const form = {
    ...freshForm(NOW, 7),
    recurring: true,
    zone: "Europe/Berlin",
    start: "2026-11-20T22:00",
    rule: { frequency: "WEEKLY" as const, interval: 1, days: ["SA" as const] },
  };
  const body = bodyOf(form);
  expect(body.schedule).toEqual({
    recurrences: [{ rrule: "FREQ=WEEKLY;INTERVAL=1;BYDAY=SA", duration: "2h", start: "2026-11-20T22:00" }],
    timezone: "Europe/Berlin",
  });
  expect(body.monitor_identifier).toEqual({ monitor_id: 7 });
  expect(readForm(body)).toMatchObject({ by: "monitor", recurring: true, rule: form.rule, ruleText: null });
});

test("a rule that the form can't hold goes through untouched", () => {
  const body = bodyOf({ ...freshForm(NOW), recurring: true, ruleText: "FREQ=MONTHLY;BYDAY=1SU;COUNT=12" });
  const read = readForm(body);
  expect(read.ruleText).toBe("FREQ=MONTHLY;BYDAY=1SU;COUNT=12");
  expect(bodyOf(read)).toEqual(body);
});

test("further rules are kept", () => {
  const body = bodyOf({ ...freshForm(NOW), recurring: true, ruleText: "FREQ=DAILY;COUNT=2" });
  const more = { rrule: "FREQ=MONTHLY;INTERVAL=1", duration: "1h" };
  const two = {
    ...body,
    schedule: {
      ...body.schedule,
      recurrences: [...("recurrences" in body.schedule ? body.schedule.recurrences : []), more],
    },
  };
  expect(bodyOf(readForm(two as typeof body))).toEqual(two);
});

test("what is missing is said", () => {
  expect(problemOf({ ...freshForm(NOW), by: "monitor" })).toMatch(/monitor/);
  expect(problemOf({ ...freshForm(NOW), recurring: true })).toMatch(/days/);
  expect(problemOf({ ...freshForm(NOW), start: "2026-11-20T10:00", end: "2026-11-20T09:00" })).toMatch(/before/);
  expect(problemOf({ ...freshForm(Date.now()) })).toBe(null);
});

test("an edit of one field leaves all else as it is stored, also what the fields cannot show", () => {
  const shared = {
    scope: "env:prod",
    monitor_identifier: { monitor_tags: ["team:shop"] },
    message: "upgrade",
    mute_first_recovery_notification: true,
    notify_end_states: ["warn"],
    notify_end_types: ["canceled", "expired"],
    display_timezone: "Asia/Tokyo",
  };
  const once = { ...shared, schedule: { start: "2026-11-20T21:00:12.345+00:00", end: "2026-11-20T22:17:41+00:00" } };
  const weekly = {
    ...shared,
    schedule: {
      recurrences: [{ rrule: "RRULE:FREQ=WEEKLY;BYDAY=MO", duration: "90m", start: "2026-11-20T22:00:30" }],
      timezone: "Europe/Berlin",
    },
  };
  for (const body of [once, weekly]) {
    expect(bodyOf(readForm(body), body)).toEqual(body);
    expect(bodyOf({ ...readForm(body), message: "later" }, body)).toEqual({ ...body, message: "later" });
  }
  const longer = bodyOf({ ...readForm(once), end: "2026-11-21T09:00" }, once);
  expect(longer.schedule).toEqual({ ...once.schedule, end: "2026-11-21T00:00:00.000Z" });
  const tuesdays = { ...readForm(weekly), rule: { frequency: "WEEKLY" as const, interval: 1, days: ["TU" as const] } };
  expect(bodyOf(tuesdays, weekly).schedule).toMatchObject({
    recurrences: [{ rrule: "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU", start: "2026-11-20T22:00:30" }],
  });
});

test("what its end tells: all that still lasts, once it runs out, unless somebody says otherwise", () => {
  const body = bodyOf(freshForm(NOW));
  expect(body).toMatchObject({ notify_end_states: ["alert", "warn", "no data"], notify_end_types: ["expired"] });
  expect(bodyOf({ ...freshForm(NOW), endTypes: [] })).toMatchObject({ notify_end_types: [] });
});
