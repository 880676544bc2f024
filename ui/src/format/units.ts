/** Numbers with their units as a person reads them: `1.5 GiB`, `12 ms`, `3.4k req/s`, `97.2 %`. */
import type { Unit } from "../api/query";

/** One step of a ladder: a value of at least `from` (in base units) is shown divided by `divide`. */
interface Step {
  from: number;
  divide: number;
  suffix: string;
}

/** How a unit is shown: values are multiplied into base units first, then the step is chosen. */
interface Ladder {
  toBase: number;
  steps: Step[];
  rate: string;
  /** A noun (`connection`): said with a value, left out on axes. */
  word: string;
}

export interface Shown {
  number: string;
  suffix: string;
}

const powers = (base: number, suffixes: string[]): Step[] =>
  suffixes.map((suffix, index) => ({ from: index === 0 ? 0 : base ** index, divide: base ** index, suffix }));

const PLAIN = powers(1000, ["", "k", "M", "G", "T", "P"]);
const BYTES_IEC = powers(1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]);
const BYTES_SI = powers(1000, ["B", "kB", "MB", "GB", "TB", "PB"]);
const BITS = powers(1000, ["bit", "kbit", "Mbit", "Gbit", "Tbit"]);
const HERTZ = powers(1000, ["Hz", "kHz", "MHz", "GHz"]);
const TIME: Step[] = [
  { from: 0, divide: 1e-9, suffix: "ns" },
  { from: 1e-6, divide: 1e-6, suffix: "µs" },
  { from: 1e-3, divide: 1e-3, suffix: "ms" },
  { from: 1, divide: 1, suffix: "s" },
  { from: 120, divide: 60, suffix: "min" },
  { from: 7_200, divide: 3_600, suffix: "h" },
  { from: 172_800, divide: 86_400, suffix: "d" },
];

function ladder(unit: Unit | null): Ladder {
  if (!unit || unit.name === "") return { toBase: 1, steps: PLAIN, rate: "", word: "" };
  const [name, said] = unit.name.split(/\/|_per_| per /);
  // A rate's unit may bear its "per second" in the short name alone.
  const per = said ?? /\/(\w+)$/.exec(unit.short_name)?.[1];
  const rate = per ? `/${shortPer(per)}` : "";
  const scale = unit.scale_factor || 1;
  if (name === "fraction") return { toBase: 100, steps: [{ from: 0, divide: 1, suffix: "%" }], rate, word: "" };
  if (name === "percent" || unit.short_name === "%")
    return { toBase: 1, steps: [{ from: 0, divide: 1, suffix: "%" }], rate, word: "" };
  if (unit.family === "time") return { toBase: scale, steps: TIME, rate, word: "" };
  if (/bits?$/.test(name)) return { toBase: scale, steps: BITS, rate, word: "" };
  if (/(kilo|mega|giga|tera|peta)bytes?$/.test(name)) return { toBase: scale, steps: BYTES_SI, rate, word: "" };
  if (/bytes?$/.test(name)) return { toBase: scale, steps: BYTES_IEC, rate, word: "" };
  if (unit.family === "frequency" || name === "hertz") return { toBase: scale, steps: HERTZ, rate, word: "" };
  const word = per ? name : unit.short_name || name;
  return { toBase: 1, steps: PLAIN, rate, word: word ? ` ${word}` : "" };
}

function shortPer(per: string): string {
  return { second: "s", sec: "s", s: "s", minute: "min", hour: "h" }[per] ?? per;
}

function stepFor(steps: Step[], size: number): Step {
  let chosen = steps[0];
  for (const step of steps) if (size >= step.from) chosen = step;
  return chosen;
}

function digits(value: number, precision: number | undefined): string {
  if (precision !== undefined) return value.toFixed(Math.min(20, Math.max(0, precision)));
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001) return value.toPrecision(2);
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return trimZeros(value.toFixed(decimals));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export interface Precision {
  precision?: number;
  autoscale?: boolean;
}

/** The number and what follows it, apart, for big figures that set the suffix smaller. */
export function shown(value: number, unit: Unit | null, how: Precision = {}): Shown {
  const { toBase, steps, rate, word } = ladder(unit);
  if (how.autoscale === false) {
    const word = unit ? unit.short_name || unit.name : "";
    return { number: digits(value, how.precision ?? 2), suffix: word };
  }
  const base = value * toBase;
  let step = base === 0 ? zeroStep(steps, toBase) : stepFor(steps, Math.abs(base));
  // 999.96k would round to 1000k: take the next step when the digits fill up.
  if (steps !== TIME && Number(digits(Math.abs(base) / step.divide, how.precision)) >= 1000) {
    const next = steps[steps.indexOf(step) + 1];
    if (next && Math.abs(base) / next.divide >= 0.9995) step = next;
  }
  return { number: digits(base / step.divide, how.precision), suffix: `${step.suffix}${word}${rate}` };
}

/** Zero is written in the unit it came in: `0 s`, not `0 ns`. */
function zeroStep(steps: Step[], toBase: number): Step {
  return steps === TIME ? stepFor(steps, toBase) : steps[0];
}

function join({ number, suffix }: Shown): string {
  if (suffix === "" || /^[kMGTP]( |$|\/)/.test(suffix)) return number + suffix;
  return `${number} ${suffix.trimStart()}`;
}

export function formatValue(value: number | null | undefined, unit: Unit | null, how: Precision = {}): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return join(shown(value, unit, how));
}

/** Ticks of one axis share a step and show as many decimals as tell neighbours apart. */
export function formatTicks(values: number[], unit: Unit | null): string[] {
  const { toBase, steps, rate, word } = ladder(unit);
  const top = Math.max(0, ...values.map((value) => Math.abs(value * toBase)));
  const step = top === 0 ? zeroStep(steps, toBase) : stepFor(steps, top);
  const gap = values.length > 1 ? Math.abs(((values[1] - values[0]) * toBase) / step.divide) : 1;
  const decimals = decimalsOf(gap);
  return values.map((value) =>
    tickText((value * toBase) / step.divide, decimals, word ? step.suffix : step.suffix + rate),
  );
}

/** The fewest decimals that write the gap exactly, at most 6. */
function decimalsOf(gap: number): number {
  for (let decimals = 0; decimals < 6; decimals++) {
    const scaled = gap * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled) && Math.round(scaled) > 0) return decimals;
  }
  return 6;
}

function tickText(value: number, decimals: number, suffix: string): string {
  const number = trimZeros(value.toFixed(decimals)).replace(/^-0$/, "0");
  return number === "0" ? "0" : join({ number, suffix });
}

/** True when an axis should step by powers of two. */
export function isBinary(unit: Unit | null): boolean {
  return ladder(unit).steps === BYTES_IEC;
}

export function baseFactor(unit: Unit | null): number {
  return ladder(unit).toBase;
}

const BYTE: Unit = { family: "bytes", name: "byte", short_name: "B", scale_factor: 1 };

export const formatBytes = (bytes: number | null) => formatValue(bytes, BYTE);

export function formatCount(count: number | null): string {
  // Minus zero is no number that anybody counts to.
  return count === null ? "–" : (Math.round(count) || 0).toLocaleString("en-US");
}
