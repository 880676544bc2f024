/** Path builders: lines that stop before the bucket that has not ended, and bars as wide as their bucket. */
import uPlot from "uplot";
import type { Values } from "../api/query";
import type { Layer } from "./plot";

const linear = uPlot.paths.linear!({ alignGaps: 0 });

/** Index of the first bucket that has begun and not ended; past the end when all have. */
export function openIndex(times: number[], openFromMs: number | null): number {
  if (openFromMs === null) return times.length;
  const at = times.findIndex((time) => time >= openFromMs);
  return at < 0 ? times.length : at;
}

export function linePaths(open: () => number): uPlot.Series.PathBuilder {
  return (u, seriesIdx, from, to) => {
    const last = Math.min(to, open() - 1);
    return last < from ? null : linear(u, seriesIdx, from, last);
  };
}

export function barPaths(layer: Layer, stepMs: () => number, open: () => number): uPlot.Series.PathBuilder {
  return (u, _seriesIdx, from, to) => {
    const path = new Path2D();
    for (let index = from; index <= Math.min(to, open() - 1); index++) addBar(u, path, layer, index, stepMs());
    return { stroke: null, fill: path, clip: null, band: null, flags: 0 };
  };
}

function addBar(u: uPlot, path: Path2D, layer: Layer, index: number, stepMs: number): void {
  const top = layer.top[index];
  if (top === null || top === undefined || (layer.line.values[index] ?? null) === null) return;
  const start = u.data[0][index];
  const left = u.valToPos(start, "x", true);
  const right = u.valToPos(start + stepMs, "x", true);
  const room = right - left > 4 ? 1 : 0;
  const high = u.valToPos(top, "y", true);
  const low = u.valToPos(layer.base?.[index] ?? Math.max(0, u.scales.y.min ?? 0), "y", true);
  path.rect(left + room / 2, Math.min(high, low), Math.max(1, right - left - room), Math.max(1, Math.abs(low - high)));
}

/** The part that has not ended: a dashed last stretch, or a pale bar. */
export function drawOpen(u: uPlot, layer: Layer, top: Values, openAt: number, stepMs: number): void {
  const { ctx } = u;
  if (layer.line.look.style === "bars") {
    const path = new Path2D();
    for (let index = openAt; index < top.length; index++) addBar(u, path, layer, index, stepMs);
    ctx.globalAlpha = 0.45;
    ctx.fillStyle = layer.line.colour;
    ctx.fill(path);
    ctx.globalAlpha = 1;
    return;
  }
  const path = new Path2D();
  let pen = false;
  for (let index = Math.max(0, openAt - 1); index < top.length; index++) {
    const value = top[index];
    if (value === undefined) continue;
    if (value === null) pen = false;
    else {
      const x = u.valToPos(u.data[0][index], "x", true);
      const y = u.valToPos(value, "y", true);
      if (pen) path.lineTo(x, y);
      else path.moveTo(x, y);
      pen = true;
    }
  }
  ctx.strokeStyle = layer.line.colour;
  ctx.lineWidth = layer.line.look.width * devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.stroke(path);
  ctx.setLineDash([]);
}

/** Points between two gaps, which no line reaches. Values missing by alignment (`undefined`) are no gaps. */
export function lonePoints(values: Values): number[] {
  const lone: number[] = [];
  let before: number | null = null;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined) continue;
    if (value !== null && before === null && neighbourAfter(values, index) === null) lone.push(index);
    before = value;
  }
  return lone;
}

function neighbourAfter(values: Values, index: number): number | null {
  for (let next = index + 1; next < values.length; next++) {
    const value = values[next];
    if (value !== undefined) return value;
  }
  return null;
}
