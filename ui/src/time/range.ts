/** The page's one time range: `4h` up to now and moving, or two fixed instants. */

export type TimeRange = { kind: "live"; spanMs: number } | { kind: "fixed"; fromMs: number; toMs: number };

export interface Span {
  fromMs: number;
  toMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: [string, number][] = [
  ["w", 7 * DAY],
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
];

export const PRESETS: { text: string; label: string }[] = [
  { text: "5m", label: "Past 5 minutes" },
  { text: "15m", label: "Past 15 minutes" },
  { text: "30m", label: "Past 30 minutes" },
  { text: "1h", label: "Past hour" },
  { text: "4h", label: "Past 4 hours" },
  { text: "12h", label: "Past 12 hours" },
  { text: "1d", label: "Past day" },
  { text: "2d", label: "Past 2 days" },
  { text: "1w", label: "Past week" },
  { text: "1mo", label: "Past month" },
  { text: "3mo", label: "Past 3 months" },
];

export const DEFAULT_RANGE: TimeRange = { kind: "live", spanMs: HOUR };

/** `90m`, `1.5h`, `2d`, `1mo`: in ms, or null. A month is 30 days. */
export function parseSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.trim().toLowerCase());
  if (!match) return null;
  const word = match[2];
  const scale = unitOf(word);
  const span = scale === null ? 0 : Number(match[1]) * scale;
  return span > 0 ? Math.round(span) : null;
}

function unitOf(word: string): number | null {
  if (/^(mo|mon|month|months)$/.test(word)) return 30 * DAY;
  if (/^(y|yr|year|years)$/.test(word)) return 365 * DAY;
  if (/^(s|sec|secs|second|seconds)$/.test(word)) return SECOND;
  if (/^(m|min|mins|minute|minutes)$/.test(word)) return MINUTE;
  if (/^(h|hr|hrs|hour|hours)$/.test(word)) return HOUR;
  if (/^(d|day|days)$/.test(word)) return DAY;
  if (/^(w|wk|week|weeks)$/.test(word)) return 7 * DAY;
  return null;
}

/** The shortest exact writing of a span: `90m`, `1d`. */
export function spanText(spanMs: number): string {
  if (spanMs % (30 * DAY) === 0) return `${spanMs / (30 * DAY)}mo`;
  for (const [letter, scale] of UNITS) {
    if (spanMs % scale === 0) return `${spanMs / scale}${letter}`;
  }
  return `${Math.max(1, Math.round(spanMs / SECOND))}s`;
}

export function resolve(range: TimeRange, nowMs: number): Span {
  if (range.kind === "fixed") return { fromMs: range.fromMs, toMs: range.toMs };
  return { fromMs: nowMs - range.spanMs, toMs: nowMs };
}

/** How often a live page asks again: about one bucket of a line chart of 300 points, at most every 5 s. */
export function refreshMs(spanMs: number): number {
  const bucket = spanMs / 300;
  return Math.min(300_000, Math.max(5_000, Math.round(bucket / 5_000) * 5_000));
}

/** Fixed ranges of the URL are ms; the parameter names say so to a person who edits them. */
export function readRange(params: URLSearchParams): TimeRange {
  const from = Number(params.get("from_ms"));
  const to = Number(params.get("to_ms"));
  if (from > 0 && to > from) return { kind: "fixed", fromMs: from, toMs: to };
  const span = parseSpan(params.get("range") ?? "");
  return span === null ? DEFAULT_RANGE : { kind: "live", spanMs: span };
}

export function writeRange(params: URLSearchParams, range: TimeRange): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of ["range", "from_ms", "to_ms"]) next.delete(name);
  if (range.kind === "live") next.set("range", spanText(range.spanMs));
  else {
    next.set("from_ms", String(Math.round(range.fromMs)));
    next.set("to_ms", String(Math.round(range.toMs)));
  }
  return next;
}

export function sameRange(a: TimeRange, b: TimeRange): boolean {
  return spanKey(a) === spanKey(b);
}

function spanKey(range: TimeRange): string {
  return range.kind === "live" ? `l${range.spanMs}` : `f${range.fromMs}-${range.toMs}`;
}
