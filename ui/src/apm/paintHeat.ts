/** Draws the heat map: a cell's strength is the logarithm of its count, its red the share that failed. */
import type { HeatmapAnswer } from "../api/rows";
import { nsText } from "../trace/scale";
import { timeOfDay } from "../format/clock";
import type { Box, Cells } from "./selection";

export interface HeatInk {
  cold: [number, number, number];
  hot: [number, number, number];
  bad: [number, number, number];
  text: string;
  line: string;
  accent: string;
}

export const heatInk = (theme: "light" | "dark", style: CSSStyleDeclaration): HeatInk => ({
  cold: theme === "dark" ? [36, 58, 92] : [206, 224, 250],
  hot: theme === "dark" ? [128, 190, 255] : [16, 62, 150],
  bad: theme === "dark" ? [255, 110, 100] : [200, 40, 40],
  text: style.getPropertyValue("--axis").trim(),
  line: style.getPropertyValue("--grid").trim(),
  accent: style.getPropertyValue("--accent").trim(),
});

export const boxOf = (width: number, height: number): Box => ({
  left: 58,
  top: 4,
  width: Math.max(10, width - 58 - 10),
  height: Math.max(10, height - 4 - 20),
});

const mix = (a: number[], b: number[], share: number) => a.map((part, at) => Math.round(part + (b[at] - part) * share));

const FONT = "450 11px Inter, system-ui, sans-serif";
const LABEL_ROW_PX = 26;
const LABEL_COLUMN_PX = 120;
/** The corner in which the pane says what a drag does. */
const HINT_PX = 340;

export function paintHeat(ctx: CanvasRenderingContext2D, heat: HeatmapAnswer, ink: HeatInk, box: Box): void {
  const columns = heat.times.length;
  const rows = heat.bounds_ns.length - 1;
  if (columns === 0 || rows <= 0) return;
  const wide = box.width / columns;
  const high = box.height / rows;
  const top = Math.max(1, ...heat.counts.flat());
  for (let column = 0; column < columns; column++) {
    const x = box.left + column * wide;
    for (let row = 0; row < rows; row++) {
      const count = heat.counts[column]?.[row] ?? 0;
      if (count === 0) continue;
      const failed = (heat.errors[column]?.[row] ?? 0) / count;
      const share = top > 1 ? Math.log1p(count) / Math.log1p(top) : 1;
      const plain = mix(ink.cold, ink.hot, share);
      const [r, g, b] = failed > 0 ? mix(plain, ink.bad, Math.sqrt(failed)) : plain;
      ctx.fillStyle = `rgb(${r} ${g} ${b})`;
      const y = box.top + (rows - 1 - row) * high;
      ctx.fillRect(x, y, Math.max(1, wide - (wide > 4 ? 1 : 0)), Math.max(1, high - (high > 4 ? 1 : 0)));
    }
  }
  paintAxes(ctx, heat, ink, box, high);
}

function paintAxes(ctx: CanvasRenderingContext2D, heat: HeatmapAnswer, ink: HeatInk, box: Box, high: number): void {
  const { bounds_ns: bounds, times, step_ms } = heat;
  ctx.font = FONT;
  ctx.fillStyle = ink.text;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  const every = Math.max(1, Math.ceil(LABEL_ROW_PX / high));
  for (let at = 0; at < bounds.length; at += every) {
    const y = box.top + box.height - at * high;
    ctx.fillText(nsText(bounds[at]), box.left - 6, Math.max(box.top + 6, y));
  }
  ctx.textAlign = "left";
  const labels = Math.max(1, Math.floor(box.width / LABEL_COLUMN_PX));
  for (let at = 0; at < labels; at++) {
    const column = Math.floor((at / labels) * times.length);
    const x = box.left + (column / times.length) * box.width;
    if (x > box.left + box.width - HINT_PX) break;
    ctx.fillText(timeOfDay(times[column], step_ms < 60_000), x, box.top + box.height + 12);
  }
}

export function cellBox(cells: Cells, box: Box, columns: number, rows: number): Box {
  const wide = box.width / columns;
  const high = box.height / rows;
  return {
    left: box.left + cells.fromColumn * wide,
    top: box.top + (rows - 1 - cells.toRow) * high,
    width: (cells.toColumn - cells.fromColumn + 1) * wide,
    height: (cells.toRow - cells.fromRow + 1) * high,
  };
}
