/** Recurrence rules (RFC 5545) as a form has them, and in words. What the form has no field for stays as text. */

export type Frequency = "DAILY" | "WEEKLY" | "MONTHLY";
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

/** Null when the form can't hold the rule: then it is edited as text. */
export function readRule(text: string): Rule | null {
  const fields = fieldsOf(text);
  const known = new Set(["FREQ", "INTERVAL", "BYDAY"]);
  if ([...fields.keys()].some((name) => !known.has(name))) return null;
  const frequency = fields.get("FREQ");
  if (frequency !== "DAILY" && frequency !== "WEEKLY" && frequency !== "MONTHLY") return null;
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

const isDay = (day: string): day is Day => (DAYS as readonly string[]).includes(day);

const UNITS: Record<Frequency, [string, string]> = {
  DAILY: ["every day", "days"],
  WEEKLY: ["every week", "weeks"],
  MONTHLY: ["every month", "months"],
};

/** `every week on Mon, Tue`; a rule that the form can't hold stands for itself. */
export function ruleText(text: string): string {
  const rule = readRule(text);
  if (!rule) return text;
  const [one, many] = UNITS[rule.frequency];
  const often = rule.interval === 1 ? one : `every ${rule.interval} ${many}`;
  return rule.days.length > 0 ? `${often} on ${rule.days.map(dayName).join(", ")}` : often;
}

/** Datadog's durations: `90s`, `30m`, `1h`, `2d`, `1w`. */
export function durationMs(text: string): number | null {
  const match = /^(\d+)\s*([smhdw])$/.exec(text.trim());
  if (!match) return null;
  const scale = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[match[2] as "s"];
  return Number(match[1]) * scale;
}
