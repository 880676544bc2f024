/** Draws lanes of the flame graph: what is thinner than a pixel is drawn once a pixel, so that a frame's work is bounded. */
import { TICK_PX, type Port } from "./paint";
import { pxOf, ticks, type Scale } from "./scale";
import { barAlpha, type Scene } from "./scene";
import type { Flame } from "./flame";

export const LANE_PX = 19;
const LETTER_PX = 6.1;
const LABEL_MIN_PX = 34;

export const flameScale = (scene: Scene, port: Port): Scale => ({ ...scene.window, left: 0, width: port.width });

export function paintFlame(ctx: CanvasRenderingContext2D, scene: Scene, flame: Flame, port: Port): void {
  const scale = flameScale(scene, port);
  ctx.fillStyle = scene.ink.grid;
  for (const at of ticks(scene.window, port.width / TICK_PX))
    ctx.fillRect(Math.round(pxOf(scale, at)), 0, 1, port.height);
  ctx.font = "500 11px Inter, system-ui, sans-serif";
  ctx.textBaseline = "middle";
  const first = Math.max(0, Math.floor(port.scrollTop / LANE_PX));
  const last = Math.min(flame.lanes, Math.ceil((port.scrollTop + port.height) / LANE_PX));
  for (let lane = first; lane < last; lane++) paintLane(ctx, scene, flame, scale, lane, port);
  ctx.globalAlpha = 1;
  outline(ctx, scene, flame, scale, port);
}

function paintLane(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  flame: Flame,
  scale: Scale,
  lane: number,
  port: Port,
): void {
  const { trace, ink } = scene;
  const y = lane * LANE_PX - port.scrollTop;
  let drawnTo = -1;
  for (let at = flame.from[lane]; at < flame.from[lane + 1]; at++) {
    const span = flame.spans[at];
    if (trace.start[span] > scene.window.to) break;
    const to = pxOf(scale, trace.start[span] + trace.duration[span]);
    if (to < 0 || to < drawnTo) continue;
    const from = Math.max(0, pxOf(scale, trace.start[span]));
    const width = Math.max(1, Math.min(port.width, to) - from - 0.5);
    ctx.globalAlpha = barAlpha(scene, span);
    ctx.fillStyle = ink.service[trace.service[span]];
    ctx.fillRect(from, y, width, LANE_PX - 1);
    if (trace.error[span] === 1) {
      ctx.fillStyle = ink.bad;
      ctx.fillRect(from, y + LANE_PX - 4, width, 3);
    }
    if (width > LABEL_MIN_PX) paintLabel(ctx, scene, span, from, width, y);
    drawnTo = from + 1;
  }
}

function paintLabel(
  ctx: CanvasRenderingContext2D,
  { trace, ink }: Scene,
  span: number,
  from: number,
  width: number,
  y: number,
): void {
  const name = trace.words.name[trace.name[span]] ?? "";
  const resource = trace.words.resource[trace.resource[span]] ?? "";
  const text = resource && resource !== name ? `${resource}  ${name}` : name;
  const letters = Math.floor((width - 8) / LETTER_PX);
  ctx.fillStyle = ink.panel;
  ctx.fillText(text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text, from + 4, y + LANE_PX / 2);
}

function outline(ctx: CanvasRenderingContext2D, scene: Scene, flame: Flame, scale: Scale, port: Port): void {
  const { selected, trace, ink } = scene;
  if (selected === null) return;
  const from = Math.max(-2, pxOf(scale, trace.start[selected]));
  const to = Math.min(port.width + 2, pxOf(scale, trace.start[selected] + trace.duration[selected]));
  ctx.strokeStyle = ink.text;
  ctx.lineWidth = 2;
  const y = flame.lane[selected] * LANE_PX - port.scrollTop;
  ctx.strokeRect(from, y, Math.max(2, to - from), LANE_PX - 1);
}
