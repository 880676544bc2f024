/** Draws the rows of the waterfall that are in view: names on the left, bars on a line of time on the right. */
import { nsText, pxOf, ticks, tickTexts, type Scale } from "./scale";
import { alphaOf, barAlpha, type Scene } from "./scene";

export const ROW_PX = 24;
const INDENT_PX = 14;
const CHEVRON_PX = 14;
const BAR_TOP = 5;
const BAR_PX = 14;
const SANS = "Inter, system-ui, sans-serif";
export const TICK_PX = 110;

export interface Port {
  width: number;
  height: number;
  scrollTop: number;
  /** Width of the names. */
  left: number;
}

export const scaleOf = (scene: Scene, port: Port): Scale => ({
  ...scene.window,
  left: port.left + 8,
  width: Math.max(40, port.width - port.left - 76),
});

/** Deep trees are indented less, so that names stay in their column. */
export function indentOf(scene: Scene, port: Port): number {
  const { from, to } = inView(scene, port);
  let deepest = 1;
  for (let row = from; row < to; row++) deepest = Math.max(deepest, scene.trace.depth[scene.rows.span[row]]);
  return Math.min(INDENT_PX, (port.left * 0.4) / deepest);
}

export function inView(scene: Scene, port: Port): { from: number; to: number } {
  const from = Math.max(0, Math.floor(port.scrollTop / ROW_PX));
  return { from, to: Math.min(scene.rows.count, Math.ceil((port.scrollTop + port.height) / ROW_PX)) };
}

/** Widths of operation names, by their place in the words: measured once a trace. */
export type Widths = Map<number, number>;

export function paintRows(ctx: CanvasRenderingContext2D, scene: Scene, port: Port, widths: Widths): void {
  const scale = scaleOf(scene, port);
  const view = inView(scene, port);
  paintGrid(ctx, scene, port, scale);
  paintSelected(ctx, scene, port);
  ctx.textBaseline = "middle";
  paintNames(ctx, scene, port, view, widths);
  ctx.save();
  ctx.beginPath();
  ctx.rect(port.left, 0, port.width - port.left, port.height);
  ctx.clip();
  for (let row = view.from; row < view.to; row++) {
    paintBar(ctx, scene, scale, scene.rows.span[row], row * ROW_PX - port.scrollTop, port.width);
  }
  ctx.restore();
  ctx.fillStyle = scene.ink.line;
  ctx.fillRect(port.left, 0, 1, port.height);
}

function paintGrid(ctx: CanvasRenderingContext2D, scene: Scene, port: Port, scale: Scale): void {
  ctx.fillStyle = scene.ink.grid;
  for (const at of ticks(scene.window, scale.width / TICK_PX)) {
    ctx.fillRect(Math.round(pxOf(scale, at)), 0, 1, port.height);
  }
}

function paintSelected(ctx: CanvasRenderingContext2D, scene: Scene, port: Port): void {
  const row = scene.selected === null ? -1 : scene.rows.row[scene.selected];
  if (row < 0) return;
  ctx.fillStyle = scene.ink.accentSoft;
  ctx.fillRect(0, row * ROW_PX - port.scrollTop, port.width, ROW_PX);
  ctx.fillStyle = scene.ink.accent;
  ctx.fillRect(0, row * ROW_PX - port.scrollTop, 2, ROW_PX);
}

function paintNames(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  port: Port,
  view: { from: number; to: number },
  widths: Widths,
): void {
  const { trace, ink } = scene;
  const indent = indentOf(scene, port);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, port.left - 6, port.height);
  ctx.clip();
  for (let row = view.from; row < view.to; row++) {
    const span = scene.rows.span[row];
    const y = row * ROW_PX - port.scrollTop;
    const x = 6 + trace.depth[span] * indent;
    const middle = y + ROW_PX / 2;
    if (trace.size[span] > 1) paintChevron(ctx, x + 5, middle, scene.collapsed.has(span), ink.dim);
    ctx.globalAlpha = alphaOf(scene, span);
    ctx.fillStyle = ink.service[trace.service[span]];
    ctx.fillRect(x + CHEVRON_PX, y + BAR_TOP, 3, BAR_PX);
    let at = x + CHEVRON_PX + 8;
    if (trace.error[span] === 1) {
      ctx.fillStyle = ink.bad;
      ctx.beginPath();
      ctx.arc(at + 3, middle, 3.5, 0, Math.PI * 2);
      ctx.fill();
      at += 11;
    }
    at += paintName(ctx, scene, span, at, middle, widths);
    ctx.font = `400 12px ${SANS}`;
    ctx.fillStyle = ink.dim;
    const resource = trace.words.resource[trace.resource[span]] ?? "";
    const room = Math.ceil((port.left - at) / 5);
    if (room > 1) ctx.fillText(resource.length > room ? resource.slice(0, room) : resource, at, middle + 0.5);
    ctx.globalAlpha = 1;
  }
  ctx.restore();
}

function paintName(
  ctx: CanvasRenderingContext2D,
  { trace, ink }: Scene,
  span: number,
  x: number,
  middle: number,
  widths: Widths,
): number {
  const word = trace.name[span];
  const name = trace.words.name[word] ?? "";
  ctx.font = `550 12px ${SANS}`;
  ctx.fillStyle = trace.error[span] === 1 ? ink.bad : ink.text;
  ctx.fillText(name, x, middle + 0.5);
  let width = widths.get(word);
  if (width === undefined) widths.set(word, (width = ctx.measureText(name).width));
  return width + 8;
}

function paintChevron(ctx: CanvasRenderingContext2D, x: number, y: number, closed: boolean, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  if (closed) {
    ctx.moveTo(x - 1.5, y - 3.5);
    ctx.lineTo(x + 2, y);
    ctx.lineTo(x - 1.5, y + 3.5);
  } else {
    ctx.moveTo(x - 3.5, y - 1.5);
    ctx.lineTo(x, y + 2);
    ctx.lineTo(x + 3.5, y - 1.5);
  }
  ctx.stroke();
}

function paintBar(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  scale: Scale,
  span: number,
  y: number,
  width: number,
): void {
  const { trace, ink } = scene;
  const from = pxOf(scale, trace.start[span]);
  const to = Math.max(from + 2, pxOf(scale, trace.start[span] + trace.duration[span]));
  const low = Math.max(scale.left - 8, from);
  const high = Math.min(width, to);
  ctx.globalAlpha = barAlpha(scene, span);
  if (high > low) {
    ctx.fillStyle = ink.service[trace.service[span]];
    ctx.beginPath();
    ctx.roundRect(low, y + BAR_TOP, high - low, BAR_PX, Math.min(2.5, (high - low) / 2));
    ctx.fill();
    if (trace.error[span] === 1) {
      ctx.strokeStyle = ink.bad;
      ctx.lineWidth = 1.5;
      ctx.stroke();
    }
    paintStretches(ctx, scene, scale, span, y);
  }
  ctx.globalAlpha = alphaOf(scene, span);
  ctx.font = `450 11px ${SANS}`;
  ctx.fillStyle = trace.error[span] === 1 ? ink.bad : ink.dim;
  const label = nsText(trace.duration[span]);
  const x = Math.max(scale.left, high) + 6;
  if (to < scale.left) ctx.fillText(`‹ ${label}`, scale.left, y + ROW_PX / 2 + 0.5);
  else if (from > scale.left + scale.width) paintRight(ctx, `${label} ›`, width - 6, y);
  else if (x + 56 < width) ctx.fillText(label, x, y + ROW_PX / 2 + 0.5);
  else paintInside(ctx, scene, label, width - 8, y);
  ctx.globalAlpha = 1;
}

function paintRight(ctx: CanvasRenderingContext2D, label: string, x: number, y: number): void {
  ctx.textAlign = "right";
  ctx.fillText(label, x, y + ROW_PX / 2 + 0.5);
  ctx.textAlign = "left";
}

/** A bar that runs out of the view bears its length on a patch of the panel's colour. */
function paintInside(ctx: CanvasRenderingContext2D, { ink }: Scene, label: string, x: number, y: number): void {
  const { fillStyle } = ctx;
  const width = ctx.measureText(label).width;
  ctx.fillStyle = ink.panel;
  ctx.fillRect(x - width - 4, y + BAR_TOP, width + 8, BAR_PX);
  ctx.fillStyle = fillStyle;
  paintRight(ctx, label, x, y);
}

/** Where the trace waits for the span: a strong line at the foot of its bar. */
function paintStretches(ctx: CanvasRenderingContext2D, scene: Scene, scale: Scale, span: number, y: number): void {
  const { critical, ink } = scene;
  if (!critical) return;
  ctx.fillStyle = ink.text;
  for (let at = critical.from[span]; at < critical.from[span + 1]; at++) {
    const from = Math.max(scale.left - 8, pxOf(scale, critical.stretch[at * 2]));
    const to = pxOf(scale, critical.stretch[at * 2 + 1]);
    if (to >= from) ctx.fillRect(from, y + BAR_TOP + BAR_PX, Math.max(1.5, to - from), 3);
  }
}

export function paintAxis(ctx: CanvasRenderingContext2D, scene: Scene, scale: Scale, height: number): void {
  const at = ticks(scene.window, scale.width / TICK_PX);
  const texts = tickTexts(at);
  ctx.font = `450 11px ${SANS}`;
  ctx.textBaseline = "middle";
  for (const [index, time] of at.entries()) {
    const x = Math.round(pxOf(scale, time));
    ctx.fillStyle = scene.ink.line;
    ctx.fillRect(x, height - 6, 1, 6);
    ctx.fillStyle = scene.ink.dim;
    ctx.fillText(texts[index], x + 4, height / 2 + 0.5);
  }
}
