/** The editor's form of a downtime, and the body that the API takes. */
import type { DowntimeBody, MonitorIdentifier, Recurrence, Schedule } from "../api/downtimes";
import { readRule, writeRule, type Rule } from "./rrule";
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
}

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

export function bodyOf(form: DowntimeForm): DowntimeBody {
  return {
    scope: form.scope.trim() || "*",
    monitor_identifier: identifierOf(form),
    schedule: scheduleOf(form),
    message: form.message.trim() || null,
    mute_first_recovery_notification: form.muteFirstRecovery,
    display_timezone: form.zone,
  };
}

function identifierOf({ by, tags, monitorId }: DowntimeForm): MonitorIdentifier {
  if (by === "monitor" && monitorId !== null) return { monitor_id: monitorId };
  const words = tags.split(/[\s,]+/).filter(Boolean);
  return { monitor_tags: words.length > 0 ? words : ["*"] };
}

function scheduleOf(form: DowntimeForm): Schedule {
  const { recurring, zone, start, end, rule, ruleText, duration, more } = form;
  if (recurring) {
    const rrule = ruleText ?? writeRule(rule);
    const first = { rrule, duration: duration.trim(), ...(start ? { start } : {}) };
    return { recurrences: [first, ...more], timezone: zone };
  }
  const instant = (text: string) => {
    const ms = instantOf(text, zone);
    return ms === null ? null : new Date(ms).toISOString();
  };
  return { start: instant(start), end: instant(end) };
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
