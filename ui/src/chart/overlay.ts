/** What is drawn over and under the lines: marker lines and areas, events, points outside a band, the open bucket. */
import type uPlot from "uplot";
import type { EventEntry } from "../api/events";
import type { Mark } from "./markers";
import type { Layer } from "./plot";

export interface Ink {
  grid: string;
  axis: string;
  text: string;
  panel: string;
  band: string;
  event: string;
  bad: string;
  warn: string;
  ok: string;
  info: string;
}

/** Colours come from the style sheet, so that charts and page agree in both themes. */
export function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    grid: of("--grid"),
    axis: of("--axis"),
    text: of("--text"),
    panel: of("--panel"),
    band: of("--band"),
    event: of("--event"),
    bad: of("--bad"),
    warn: of("--warn"),
    ok: of("--ok"),
    info: of("--accent"),
  };
}

export function inside(u: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

function yOf(u: uPlot, value: number): number {
  if (value === Infinity) return u.bbox.top;
  if (value === -Infinity) return u.bbox.top + u.bbox.height;
  return u.valToPos(value, "y", true);
}

/** Areas lie under the lines. */
export function drawAreas(u: uPlot, marks: Mark[], ink: Ink): void {
  inside(u, (ctx) => {
    for (const mark of marks.filter(({ line }) => !line)) {
      const top = yOf(u, mark.high);
      ctx.globalAlpha = 0.1;
      ctx.fillStyle = ink[mark.tone];
      ctx.fillRect(u.bbox.left, top, u.bbox.width, yOf(u, mark.low) - top);
    }
  });
}

export function drawMarks(u: uPlot, marks: Mark[], ink: Ink): void {
  const dpr = devicePixelRatio;
  inside(u, (ctx) => {
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.font = `500 ${10 * dpr}px Inter, sans-serif`;
    for (const mark of marks) {
      const y = Math.round(
        mark.line ? yOf(u, mark.high) : Number.isFinite(mark.high) ? yOf(u, mark.high) : yOf(u, mark.low),
      );
      ctx.strokeStyle = ctx.fillStyle = ink[mark.tone];
      ctx.lineWidth = (mark.bold ? 2 : 1) * dpr;
      ctx.setLineDash(mark.dash ? [5 * dpr, 4 * dpr] : []);
      ctx.beginPath();
      ctx.moveTo(u.bbox.left, y);
      ctx.lineTo(u.bbox.left + u.bbox.width, y);
      ctx.stroke();
      if (mark.label) drawLabel(u, ctx, mark.label, y, ink.panel);
    }
  });
}

function drawLabel(u: uPlot, ctx: CanvasRenderingContext2D, label: string, y: number, panel: string): void {
  const dpr = devicePixelRatio;
  const width = ctx.measureText(label).width;
  const left = u.bbox.left + 4 * dpr;
  const above = y - u.bbox.top > 16 * dpr;
  const base = above ? y - 4 * dpr : y + 12 * dpr;
  const colour = ctx.fillStyle;
  ctx.globalAlpha = 0.75;
  ctx.fillStyle = panel;
  ctx.fillRect(left - 2 * dpr, base - 10 * dpr, width + 4 * dpr, 13 * dpr);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour;
  ctx.fillText(label, left, base);
}

/** A dashed line with a small flag where it meets the time axis. */
export function drawEvents(u: uPlot, events: EventEntry[], ink: Ink): void {
  const dpr = devicePixelRatio;
  const foot = u.bbox.top + u.bbox.height;
  inside(u, (ctx) => {
    for (const event of events) {
      const x = Math.round(u.valToPos(event.date_happened * 1000, "x", true)) + 0.5;
      ctx.strokeStyle = ctx.fillStyle = event.alert_type === "error" ? ink.bad : ink.event;
      ctx.globalAlpha = 0.75;
      ctx.lineWidth = dpr;
      ctx.setLineDash([2 * dpr, 3 * dpr]);
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, foot);
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.beginPath();
      ctx.moveTo(x - 4 * dpr, foot);
      ctx.lineTo(x + 4 * dpr, foot);
      ctx.lineTo(x, foot - 6 * dpr);
      ctx.fill();
    }
  });
}

/** Red dots on the points that leave the expected band. */
export function drawOutside(u: uPlot, layers: Layer[], ink: Ink): void {
  const dpr = devicePixelRatio;
  inside(u, (ctx) => {
    ctx.fillStyle = ctx.strokeStyle = ink.bad;
    ctx.lineWidth = 2 * dpr;
    for (const { line, top } of layers) {
      if (!line.band) continue;
      const trail = new Path2D();
      const dots = new Path2D();
      for (let index = 0; index < top.length; index++) {
        if (!isOutside(line, index)) continue;
        const x = u.valToPos(u.data[0][index], "x", true);
        const y = u.valToPos(top[index]!, "y", true);
        if (index > 0 && isOutside(line, index - 1)) trail.lineTo(x, y);
        else trail.moveTo(x, y);
        dots.moveTo(x + 2.6 * dpr, y);
        dots.arc(x, y, 2.6 * dpr, 0, Math.PI * 2);
      }
      ctx.stroke(trail);
      ctx.fill(dots);
    }
  });
}

export function isOutside(line: Layer["line"], index: number): boolean {
  const value = line.values[index];
  if (!line.band || value === null || value === undefined) return false;
  const { lower, upper, side } = line.band;
  const low = lower[index] ?? -Infinity;
  const high = upper[index] ?? Infinity;
  return (side !== "above" && value < low) || (side !== "below" && value > high);
}
