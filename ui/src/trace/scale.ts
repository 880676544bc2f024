/** Times of a trace on a line of pixels, and durations as text. */

export interface Window {
  from: number;
  to: number;
}

export interface Scale extends Window {
  left: number;
  width: number;
}

export const pxOf = ({ from, to, left, width }: Scale, at: number) => left + ((at - from) / (to - from)) * width;

export const timeAt = ({ from, to, left, width }: Scale, px: number) => from + ((px - left) / width) * (to - from);

/** The shortest window: a thousandth of a pixel would show nothing. */
const SHORTEST_NS = 100;

export function clamp({ from, to }: Window, length: number): Window {
  const span = Math.min(length, Math.max(SHORTEST_NS, to - from));
  const start = Math.max(0, Math.min(from, length - span));
  return { from: start, to: start + span };
}

/** By a factor around a time that stays where it is. */
export function zoomed({ from, to }: Window, around: number, factor: number, length: number): Window {
  const share = (around - from) / (to - from);
  const span = Math.min(length, Math.max(SHORTEST_NS, (to - from) * factor));
  return clamp({ from: around - span * share, to: around - span * share + span }, length);
}

/** As it is when it shows some of the span; else moved there, as wide as before. */
export function showing(window: Window, start: number, duration: number, length: number): Window {
  if (start + duration >= window.from && start <= window.to) return window;
  const width = window.to - window.from;
  // Of one that is longer than the window, the beginning.
  const from = duration > width ? start - width * 0.1 : start + duration / 2 - width / 2;
  return clamp({ from, to: from + width }, length);
}

const STEPS = [1, 2, 5];

/** Round steps, about `most` of them. */
export function ticks({ from, to }: Window, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

const LADDER: [number, string][] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];

/** `1.24 s`, `86 ms`, `412 µs`: three digits. */
export function nsText(ns: number): string {
  if (ns <= 0) return "0";
  if (ns >= 120e9) return `${Math.floor(ns / 60e9)} min ${Math.round((ns % 60e9) / 1e9)} s`;
  const [scale, unit] = LADDER.find(([each]) => ns >= each) ?? [1, "ns"];
  const value = ns / scale;
  return `${value >= 100 || unit === "ns" ? Math.round(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${unit}`;
}

/** Labels of an axis: in one unit, with as many decimals as the step needs. */
export function tickTexts(at: number[]): string[] {
  const top = at.at(-1) ?? 0;
  const [scale, unit] = LADDER.find(([each]) => top >= each) ?? [1, "ns"];
  const step = at.length > 1 ? (at[1] - at[0]) / scale : 1;
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return at.map((each) => (each === 0 ? "0" : `${(each / scale).toFixed(decimals)} ${unit}`));
}
