/** The editor's form of a downtime, and the body that the API takes. */
import type { DowntimeBody, MonitorIdentifier, Recurrence, Schedule } from "../api/downtimes";
import { readRule, ruleOver, type Rule } from "./rrule";
import { instantOf, localText, OWN_ZONE } from "./zone";

export interface DowntimeForm {
  scope: string;
  by: "tags" | "monitor";
  tags: string;
  monitorId: number | null;
  recurring: boolean;
  zone: string;
  /** Wall clock of the zone; empty: now. */
  start: string;
  /** Wall clock of the zone; empty: until it is canceled. */
  end: string;
  rule: Rule;
  /** A rule that the form can't hold. */
  ruleText: string | null;
  duration: string;
  /** Further rules of a downtime that was made elsewhere: kept as they are. */
  more: Recurrence[];
  message: string;
  muteFirstRecovery: boolean;
  /** What its end tells about: states that last, and the kinds of end. */
  endStates: string[];
  endTypes: string[];
}

/** As the API words them, and in words; the first kind of end is what a new downtime has. */
export const END_STATES = [
  ["alert", "alerting"],
  ["warn", "warning"],
  ["no data", "without data"],
] as const;
export const END_TYPES = [
  ["expired", "it runs out"],
  ["canceled", "somebody cancels it"],
] as const;

const HOUR = 3_600_000;
const WEEKLY: Rule = { frequency: "WEEKLY", interval: 1, days: [] };

export function freshForm(nowMs: number, monitorId: number | null = null): DowntimeForm {
  return {
    scope: "*",
    by: monitorId === null ? "tags" : "monitor",
    tags: "*",
    monitorId,
    recurring: false,
    zone: OWN_ZONE,
    start: "",
    end: localText(nowMs + HOUR, OWN_ZONE),
    rule: WEEKLY,
    ruleText: null,
    duration: "2h",
    more: [],
    message: "",
    muteFirstRecovery: false,
    endStates: END_STATES.map(([word]) => word),
    endTypes: [END_TYPES[0][0]],
  };
}

export function readForm(body: DowntimeBody): DowntimeForm {
  const { schedule, monitor_identifier: of } = body;
  const zone = ("recurrences" in schedule ? schedule.timezone : null) ?? body.display_timezone ?? OWN_ZONE;
  const fresh = freshForm(Date.now());
  const shared: DowntimeForm = {
    ...fresh,
    scope: body.scope,
    by: "monitor_id" in of ? "monitor" : "tags",
    tags: "monitor_tags" in of ? of.monitor_tags.join(", ") : "*",
    monitorId: "monitor_id" in of ? of.monitor_id : null,
    zone,
    message: body.message ?? "",
    muteFirstRecovery: body.mute_first_recovery_notification,
    endStates: body.notify_end_states ?? fresh.endStates,
    endTypes: body.notify_end_types ?? fresh.endTypes,
  };
  if ("recurrences" in schedule) {
    const [first, ...more] = schedule.recurrences;
    const rule = readRule(first.rrule);
    return {
      ...shared,
      recurring: true,
      rule: rule ?? WEEKLY,
      ruleText: rule ? null : first.rrule,
      duration: first.duration,
      more,
      start: (first.start ?? "").slice(0, 16),
    };
  }
  const wall = (time: string | null | undefined) => (time ? localText(Date.parse(time), zone) : "");
  return { ...shared, start: wall(schedule.start), end: wall(schedule.end) };
}

/** The body of a form; over what is stored, where a field shows less than is written (seconds of a time, a rule's spelling). */
export function bodyOf(form: DowntimeForm, stored?: DowntimeBody): DowntimeBody {
  const read = stored && readForm(stored);
  return {
    scope: form.scope.trim() || "*",
    monitor_identifier: identifierOf(form),
    schedule: scheduleOf(form, read, stored?.schedule),
    message: form.message === (stored?.message ?? "") ? (stored?.message ?? null) : form.message.trim() || null,
    mute_first_recovery_notification: form.muteFirstRecovery,
    notify_end_states: form.endStates,
    notify_end_types: form.endTypes,
    display_timezone: stored && read?.zone === form.zone ? stored.display_timezone : form.zone,
  };
}

function identifierOf({ by, tags, monitorId }: DowntimeForm): MonitorIdentifier {
  if (by === "monitor" && monitorId !== null) return { monitor_id: monitorId };
  const words = tags.split(/[\s,]+/).filter(Boolean);
  return { monitor_tags: words.length > 0 ? words : ["*"] };
}

function scheduleOf(form: DowntimeForm, read?: DowntimeForm, stored?: Schedule): Schedule {
  const { recurring, zone, start, end, rule, ruleText, duration, more } = form;
  if (recurring) {
    const before = stored && "recurrences" in stored ? stored.recurrences[0] : undefined;
    const rrule = ruleOver(rule, ruleText, before?.rrule);
    const from = before?.start && read?.start === start ? before.start : start;
    const first = { rrule, duration: duration.trim(), ...(from ? { start: from } : {}) };
    return { recurrences: [first, ...more], timezone: zone };
  }
  const before = stored && !("recurrences" in stored) && read?.zone === zone ? stored : undefined;
  const instant = (text: string, shown: string | undefined, kept: string | null | undefined) => {
    if (kept && text === shown) return kept;
    const ms = instantOf(text, zone);
    return ms === null ? null : new Date(ms).toISOString();
  };
  return { start: instant(start, read?.start, before?.start), end: instant(end, read?.end, before?.end) };
}

/** What keeps the form from being saved, in words. */
export function problemOf({ by, monitorId, recurring, start, end, zone, rule, ruleText }: DowntimeForm): string | null {
  if (by === "monitor" && monitorId === null) return "Choose a monitor.";
  if (recurring && ruleText === null && rule.frequency === "WEEKLY" && rule.days.length === 0)
    return "Choose the days of the week.";
  if (recurring && ruleText?.trim() === "") return "Write the rule, for example FREQ=WEEKLY;BYDAY=MO.";
  const until = instantOf(end, zone);
  const from = instantOf(start, zone) ?? Date.now();
  if (!recurring && until !== null && until <= from) return "It ends before it starts.";
  return null;
}
