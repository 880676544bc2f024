/** `options.scheduling_options`: when a monitor is evaluated, and where windows that grow from a start begin. */
import type { MonitorOptions } from "../api/monitorModel";
import { readRule, ruleOver, type Rule } from "../downtimes/rrule";

interface Recurrence {
  rrule?: string;
  start?: string;
  timezone?: string;
  [extra: string]: unknown;
}

export interface EvaluationWindow {
  hour_starts?: number;
  day_starts?: string;
  month_starts?: number;
  timezone?: string;
  [extra: string]: unknown;
}

interface Scheduling {
  custom_schedule?: { recurrences?: Recurrence[]; [extra: string]: unknown } | null;
  evaluation_window?: EvaluationWindow | null;
  [extra: string]: unknown;
}

export interface Schedule {
  rule: Rule;
  /** A rule that the fields can't hold. */
  ruleText: string | null;
  /** Wall clock of the zone, to the minute; empty: the rule says the hours itself. */
  start: string;
  zone: string;
  /** Rules beside the first. */
  others: number;
}

const MINUTE_CHARS = "2026-11-20T22:00".length;
const DAILY: Rule = { frequency: "DAILY", interval: 1, days: [] };

const schedulingOf = (options: MonitorOptions) => (options.scheduling_options ?? {}) as Scheduling;

/** Null: evaluated as usual. */
export function scheduleOf(options: MonitorOptions): Schedule | null {
  const all = schedulingOf(options).custom_schedule?.recurrences ?? [];
  if (all.length === 0) return null;
  const [{ rrule = "", start = "", timezone = "UTC" }] = all;
  const rule = readRule(rrule);
  return {
    rule: rule ?? DAILY,
    ruleText: rule ? null : rrule,
    start: start.slice(0, MINUTE_CHARS),
    zone: timezone,
    others: all.length - 1,
  };
}

export const firstSchedule = (today: string, zone: string): Schedule => ({
  rule: DAILY,
  ruleText: null,
  start: `${today.slice(0, 10)}T09:00`,
  zone,
  others: 0,
});

/** The options with a schedule in them, or without one; what the fields do not show of it is kept. */
export function withSchedule(options: MonitorOptions, schedule: Schedule | null): unknown {
  const { custom_schedule: before, ...scheduling } = schedulingOf(options);
  if (schedule === null) return orNothing(scheduling);
  const [old, ...others] = before?.recurrences ?? [];
  const first: Recurrence = {
    ...old,
    rrule: ruleOver(schedule.rule, schedule.ruleText, old?.rrule),
    timezone: schedule.zone,
  };
  if (schedule.start === "") delete first.start;
  else if ((old?.start ?? "").slice(0, MINUTE_CHARS) !== schedule.start) first.start = schedule.start;
  return { ...scheduling, custom_schedule: { ...before, recurrences: [first, ...others] } };
}

export const evaluationWindowOf = (options: MonitorOptions): EvaluationWindow =>
  schedulingOf(options).evaluation_window ?? {};

/** A part that is undefined leaves the document. */
export function withEvaluationWindow(options: MonitorOptions, part: Partial<EvaluationWindow>): unknown {
  const { evaluation_window: before, ...scheduling } = schedulingOf(options);
  const next = Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value !== undefined));
  return orNothing(Object.keys(next).length > 0 ? { ...scheduling, evaluation_window: next } : scheduling);
}

const orNothing = (scheduling: Scheduling) => (Object.keys(scheduling).length > 0 ? scheduling : undefined);
