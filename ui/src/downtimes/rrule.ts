/** Recurrence rules (RFC 5545) as a form has them, and in words. What the form has no field for stays as text. */

export type Frequency = "HOURLY" | "DAILY" | "WEEKLY" | "MONTHLY";
export const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Day = (typeof DAYS)[number];

const DAY_NAMES: Record<Day, string> = {
  MO: "Mon",
  TU: "Tue",
  WE: "Wed",
  TH: "Thu",
  FR: "Fri",
  SA: "Sat",
  SU: "Sun",
};

export interface Rule {
  frequency: Frequency;
  interval: number;
  days: Day[];
}

export const dayName = (day: Day) => DAY_NAMES[day];

export function writeRule({ frequency, interval, days }: Rule): string {
  const parts = [`FREQ=${frequency}`, `INTERVAL=${Math.max(1, interval)}`];
  if (frequency === "WEEKLY" && days.length > 0)
    parts.push(`BYDAY=${DAYS.filter((day) => days.includes(day)).join(",")}`);
  return parts.join(";");
}

/** The rule's text; as it was written before, when it says the same. */
export function ruleOver(rule: Rule, text: string | null, before: string | undefined): string {
  if (text !== null) return text;
  const written = writeRule(rule);
  const kept = before === undefined ? null : readRule(before);
  return before !== undefined && kept && writeRule(kept) === written ? before : written;
}

/** Null when the form can't hold the rule: then it is edited as text. */
export function readRule(text: string): Rule | null {
  const fields = fieldsOf(text);
  const known = new Set(["FREQ", "INTERVAL", "BYDAY"]);
  if ([...fields.keys()].some((name) => !known.has(name))) return null;
  const frequency = fields.get("FREQ");
  if (!isFrequency(frequency)) return null;
  const days = (fields.get("BYDAY") ?? "").split(",").filter(Boolean);
  if (days.some((day) => !isDay(day)) || (days.length > 0 && frequency !== "WEEKLY")) return null;
  const interval = Number(fields.get("INTERVAL") ?? 1);
  if (!Number.isInteger(interval) || interval < 1) return null;
  return { frequency, interval, days: days as Day[] };
}

function fieldsOf(text: string): Map<string, string> {
  const pairs = text
    .trim()
    .replace(/^RRULE:/i, "")
    .split(";")
    .filter(Boolean)
    .map((part) => part.split("=") as [string, string | undefined]);
  return new Map(pairs.map(([name, value]) => [name.trim().toUpperCase(), (value ?? "").trim().toUpperCase()]));
}

const isFrequency = (word: string | undefined): word is Frequency => word !== undefined && word in UNIT_NAMES;

const isDay = (day: string): day is Day => (DAYS as readonly string[]).includes(day);

export const UNIT_NAMES: Record<Frequency, string> = {
  HOURLY: "hours",
  DAILY: "days",
  WEEKLY: "weeks",
  MONTHLY: "months",
};

const ONE: Record<Frequency, string> = {
  HOURLY: "every hour",
  DAILY: "every day",
  WEEKLY: "every week",
  MONTHLY: "every month",
};

/** `every week on Mon, Tue`; a rule that the form can't hold stands for itself. */
export function ruleText(text: string): string {
  const rule = readRule(text);
  if (!rule) return text;
  const often = rule.interval === 1 ? ONE[rule.frequency] : `every ${rule.interval} ${UNIT_NAMES[rule.frequency]}`;
  return rule.days.length > 0 ? `${often} on ${rule.days.map(dayName).join(", ")}` : often;
}

/** Datadog's durations: `90s`, `30m`, `1h`, `2d`, `1w`. */
export function durationMs(text: string): number | null {
  const match = /^(\d+)\s*([smhdw])$/.exec(text.trim());
  if (!match) return null;
  const scale = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[match[2] as "s"];
  return Number(match[1]) * scale;
}
