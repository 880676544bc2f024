/** How service levels are written: enough digits that 99.95 and 99.99 differ, and no more. */
import type { SloStatus, Timeframe } from "../api/slos";

export const STATUS_TEXT: Record<SloStatus, string> = {
  ok: "OK",
  warning: "Warning",
  breached: "Breached",
  no_data: "No data",
};

export const STATUS_TONE: Record<SloStatus, string> = { ok: "ok", warning: "warn", breached: "bad", no_data: "none" };

export const TIMEFRAME_TEXT: Record<Timeframe, string> = { "7d": "7 days", "30d": "30 days", "90d": "90 days" };

/** Two decimals, or one more than the target has: cut, not rounded, so that 99.996 of 99.9 never reads 100. */
export function sliText(sli: number | null | undefined, target = 99.9): string {
  if (sli === null || sli === undefined || Number.isNaN(sli)) return "–";
  const decimals = Math.min(4, Math.max(2, decimalsOf(target) + 1));
  const scale = 10 ** decimals;
  return `${trim((Math.floor(sli * scale + 1e-9) / scale).toFixed(decimals))} %`;
}

const decimalsOf = (value: number) => (String(value).split(".")[1] ?? "").length;
const trim = (text: string) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

export function budgetText(left: number | null | undefined): string {
  if (left === null || left === undefined || Number.isNaN(left)) return "–";
  const size = Math.abs(left);
  return `${trim(left.toFixed(size < 10 && size > 0 ? 1 : 0))} %`;
}

export function budgetTone(left: number | null | undefined): string {
  if (left === null || left === undefined) return "";
  if (left <= 0) return "bad";
  return left < 25 ? "warn" : "";
}

export function burnText(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? "–" : `${rate >= 100 ? rate.toFixed(0) : trim(rate.toFixed(2))}×`;
}

const DAYS: Record<Timeframe, number> = { "7d": 7, "30d": 30, "90d": 90 };

export const timeframeMs = (timeframe: Timeframe) => DAYS[timeframe] * 86_400_000;

/** The budget as time: 0.1 % of 30 days are 43 min. */
export function budgetMs(target: number, timeframe: Timeframe): number {
  return ((100 - target) / 100) * timeframeMs(timeframe);
}

/** Two figures where one would hide the half: `1 h 40 min`, `3 d 2 h`, `12 min`. */
export function durationText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
