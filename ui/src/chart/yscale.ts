/** The y axis: its reach, its ticks, and the scales a dashboard may ask for. */
import type uPlot from "uplot";
import type { Unit } from "../api/query";
import type { YAxis } from "../dashboard/model";
import { baseFactor, isBinary } from "../format/units";

function bound(text: string | undefined): number | null {
  if (text === undefined || text === "" || text === "auto") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

export type Reach = [number, number];

/** Datadog's axes include zero unless told otherwise; so do these. */
export function reach(low: number | null, high: number | null, axis: YAxis, unit: Unit | null): Reach {
  const log = axis.scale === "log";
  const fixedLow = bound(axis.min);
  const fixedHigh = bound(axis.max);
  let from = low ?? 0;
  let to = high ?? 1;
  if (!log && axis.include_zero !== false) [from, to] = [Math.min(0, from), Math.max(0, to)];
  if (log) return logReach(fixedLow ?? from, fixedHigh ?? to);
  if (from === to) [from, to] = from === 0 ? [0, 1] : [from - Math.abs(from) * 0.1, to + Math.abs(to) * 0.1];
  const room = (to - from) * 0.08;
  const capped = unit?.name === "percent" && to <= 100 && to > 88;
  const top = to === 0 ? 0 : capped ? 100 : to + room;
  const bottom = from === 0 ? 0 : from - room;
  const lowest = fixedLow ?? (from >= 0 && axis.include_zero !== false ? 0 : bottom);
  const highest = fixedHigh ?? top;
  return highest > lowest ? [lowest, highest] : [lowest, lowest + 1];
}

function logReach(from: number, to: number): Reach {
  const high = to > 0 ? to : 1;
  const low = from > 0 ? from : Math.min(high / 1000, 1);
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)];
}

export function yScale(axis: YAxis, range: uPlot.Scale.Range): uPlot.Scale {
  if (axis.scale === "log") return { distr: 3, log: 10, range };
  const exponent = axis.scale === "sqrt" ? 0.5 : axis.scale?.startsWith("pow") ? Number(axis.scale.slice(3)) || 2 : 1;
  if (exponent === 1) return { range };
  const fwd = (value: number) => Math.sign(value) * Math.abs(value) ** exponent;
  const bwd = (value: number) => Math.sign(value) * Math.abs(value) ** (1 / exponent);
  return { distr: 100, fwd, bwd, range } as uPlot.Scale;
}

const BINARY_STEPS = Array.from({ length: 6 }, (_, power) =>
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((step) => step * 1024 ** power),
).flat();

/** Bytes step by powers of two, so that ticks are whole KiB or MiB. */
export function increments(unit: Unit | null): number[] | undefined {
  if (!isBinary(unit)) return undefined;
  const factor = baseFactor(unit);
  return [...[0.125, 0.25, 0.5], ...BINARY_STEPS].map((step) => step / factor);
}
