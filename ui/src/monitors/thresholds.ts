/** Thresholds as charts show them: lines, shaded sides, and an axis that holds them. */
import type { ParsedRule, Thresholds } from "../api/monitorModel";
import type { QueryResult } from "../api/query";
import type { Mark } from "../chart/markers";
import type { YAxis } from "../dashboard/model";
import type { Span } from "../time/range";

export type ThresholdName = "critical" | "warning" | "critical_recovery" | "warning_recovery";

export const THRESHOLDS: { name: ThresholdName; label: string; tone: Mark["tone"]; hint: string }[] = [
  { name: "critical", label: "alert", tone: "bad", hint: "Alert threshold" },
  { name: "warning", label: "warn", tone: "warn", hint: "Warning threshold" },
  { name: "critical_recovery", label: "alert recovers", tone: "ok", hint: "Alert recovery threshold" },
  { name: "warning_recovery", label: "warn recovers", tone: "ok", hint: "Warning recovery threshold" },
];

export const numberOf = (value: unknown): number | null => {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
};

/** A side is shaded where it is trouble; recoveries are lines. */
export function marksOf(thresholds: Thresholds, comparator: string): Mark[] {
  const above = !comparator.startsWith("<");
  return THRESHOLDS.flatMap(({ name, label, tone }): Mark[] => {
    const value = numberOf(thresholds[name]);
    if (value === null) return [];
    const plain = {
      tone,
      dash: true,
      bold: false,
      label: `${label} ${comparatorText(name, above)} ${shortNumber(value)}`,
    };
    if (name.endsWith("recovery")) return [{ ...plain, low: value, high: value, line: true }];
    return [
      above
        ? { ...plain, low: value, high: Infinity, line: false }
        : { ...plain, low: -Infinity, high: value, line: false },
    ];
  });
}

const comparatorText = (name: ThresholdName, above: boolean) => (name.endsWith("recovery") === above ? "<" : ">");

export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toExponential(2).replace(/\.?0+e/, "e");
  return value.toLocaleString("en-US", { maximumFractionDigits: size >= 100 ? 1 : 4 });
}

/** The axis reaches to every threshold: one that is out of sight says nothing about how near it is. */
export function axisFor(thresholds: Thresholds, results: QueryResult[]): YAxis {
  const lines = THRESHOLDS.map(({ name }) => numberOf(thresholds[name])).filter((value) => value !== null);
  if (lines.length === 0) return {};
  const stats = results.flatMap(({ series }) => series.map(({ stats: each }) => each));
  const high = Math.max(0, ...stats.map(({ max }) => max ?? 0));
  const low = Math.min(0, ...stats.map(({ min }) => min ?? 0));
  const top = Math.max(...lines);
  const foot = Math.min(...lines);
  const room = (Math.max(high, top) - Math.min(low, foot)) * 0.1;
  return {
    ...(top >= high - room * 0.5 ? { max: String(Number((top + room).toPrecision(6))) } : {}),
    ...(foot < low ? { min: String(Number((foot - room).toPrecision(6))) } : {}),
  };
}

/** What is asked of a forecast: its future too, as far as it is foretold, and no longer than the past beside it. */
export function askedSpan(span: Span, parsed: ParsedRule | null | undefined): Span {
  if (parsed?.time_aggregation !== "forecast") return span;
  const ahead = Math.min(parsed.window_ms ?? 0, span.toMs - span.fromMs);
  return { fromMs: span.fromMs, toMs: span.toMs + ahead };
}

/** A forecast goes on after the range: so does its chart. */
export function chartSpan(span: Span, results: QueryResult[] | undefined): Span {
  const last = Math.max(
    span.toMs,
    ...(results ?? []).map(({ times, step_ms }) => (times[times.length - 1] ?? 0) + step_ms),
  );
  return last > span.toMs + (span.toMs - span.fromMs) * 0.02 ? { fromMs: span.fromMs, toMs: last } : span;
}
