/** Ranges as people type them: `4h`, `past 2 days`, `yesterday`, `10:00 - 11:30`, `2026-11-20 10:00 to 12:00`. */
import { parseSpan, type TimeRange } from "./range";

const DAY = 86_400_000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

export function parseTyped(text: string, nowMs: number): TimeRange | null {
  const clean = text.trim().toLowerCase().replace(/\s+/g, " ");
  if (clean === "") return null;
  return named(clean, nowMs) ?? relative(clean) ?? between(clean, nowMs);
}

function named(text: string, nowMs: number): TimeRange | null {
  const midnight = startOfDay(nowMs);
  if (text === "today") return { kind: "fixed", fromMs: midnight, toMs: nowMs };
  if (text === "yesterday") return { kind: "fixed", fromMs: startOfDay(midnight - DAY / 2), toMs: midnight };
  return null;
}

function relative(text: string): TimeRange | null {
  const bare = text.replace(/^(the )?(past|last) /, "");
  const span = parseSpan(/^[a-z]+$/.test(bare) ? `1${bare}` : bare);
  return span === null ? null : { kind: "live", spanMs: span };
}

function between(text: string, nowMs: number): TimeRange | null {
  const parts = text.split(/ (?:-|–|—|to|until|\.\.) |\.\.|–|—/);
  if (parts.length !== 2) return null;
  const from = instant(parts[0].trim(), startOfDay(nowMs), nowMs);
  if (from === null) return null;
  const to = instant(parts[1].trim(), startOfDay(from), nowMs);
  if (to === null || to <= from) return null;
  return { kind: "fixed", fromMs: from, toMs: to };
}

/** One end of a range; a bare time of day falls on the day given. */
function instant(text: string, dayMs: number, nowMs: number): number | null {
  if (text === "now") return nowMs;
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  const clock = /^(?:(.+?)[ t,]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?(z)?$/.exec(text);
  const dayText = clock ? clock[1] : text;
  const day = dayText === undefined ? dayMs : date(dayText.replace(/,$/, ""), nowMs);
  if (day === null) return null;
  if (!clock) return day;
  const [hours, minutes, seconds] = [Number(clock[2]), Number(clock[3]), Number(clock[4] ?? 0)];
  if (hours > 24 || minutes > 59 || seconds > 59) return null;
  const local = new Date(day);
  if (clock[5]) return Date.UTC(local.getFullYear(), local.getMonth(), local.getDate(), hours, minutes, seconds);
  return local.setHours(hours, minutes, seconds, 0);
}

function date(text: string, nowMs: number): number | null {
  if (text === "today") return startOfDay(nowMs);
  if (text === "yesterday") return startOfDay(startOfDay(nowMs) - DAY / 2);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso) return midnight(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const words =
    /^([a-z]{3})[a-z]* (\d{1,2})(?:,? (\d{4}))?$/.exec(text) ??
    swap(/^(\d{1,2}) ([a-z]{3})[a-z]*(?: (\d{4}))?$/.exec(text));
  if (!words) return null;
  const month = MONTHS.indexOf(words[1]);
  const year = words[3] === undefined ? new Date(nowMs).getFullYear() : Number(words[3]);
  return month < 0 ? null : midnight(year, month, Number(words[2]));
}

function swap(match: RegExpExecArray | null): ((string | undefined)[] & { 1: string; 2: string }) | null {
  if (!match) return null;
  return [match[0], match[2], match[1], match[3]] as ReturnType<typeof swap>;
}

function midnight(year: number, month: number, day: number): number | null {
  const made = new Date(year, month, day);
  return made.getMonth() === month && made.getDate() === day ? made.getTime() : null;
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}
