/** Instants and ages, in the reader's own time zone and 24-hour clock. */

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const two = (value: number) => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function timeOfDay(ms: number, seconds = true): string {
  const at = new Date(ms);
  const text = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return seconds ? `${text}:${two(at.getSeconds())}` : text;
}

export function dayText(ms: number): string {
  const at = new Date(ms);
  return `${MONTHS[at.getMonth()]} ${at.getDate()}`;
}

export function stamp(ms: number): string {
  return `${dayText(ms)}, ${timeOfDay(ms)}`;
}

/** `Nov 20, 10:00 – 12:30`: the day once when both ends share it. */
export function rangeText(fromMs: number, toMs: number): string {
  const seconds = toMs - fromMs < 5 * MINUTE;
  const from = `${dayText(fromMs)}, ${timeOfDay(fromMs, seconds)}`;
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
  return `${from} – ${sameDay ? "" : `${dayText(toMs)}, `}${timeOfDay(toMs, seconds)}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`: the one figure that matters. */
export function ageText(ms: number): string {
  if (ms < 1_000) return "now";
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

export function agoText(ms: number | null, nowMs: number): string {
  if (ms === null || ms === 0) return "never";
  const age = ageText(Math.max(0, nowMs - ms));
  return age === "now" ? "now" : `${age} ago`;
}

/** `10 s`, `2 min`, `1 h` for steps. */
export function stepText(ms: number): string {
  if (ms <= 0) return "–";
  if (ms % DAY === 0) return `${ms / DAY} d`;
  if (ms % HOUR === 0) return `${ms / HOUR} h`;
  if (ms % MINUTE === 0) return `${ms / MINUTE} min`;
  return `${ms / 1000} s`;
}
