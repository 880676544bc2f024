/** The box beside the pointer, and the small one on the other charts of the page. Plain DOM: it moves with every pixel. */
import type uPlot from "uplot";
import type { EventEntry } from "../api/events";
import { stamp } from "../format/clock";
import { formatValue } from "../format/units";
import { isOutside } from "./overlay";
import type { Layer, Line } from "./plot";

const ROWS_MAX = 12;
const READOUT_MAX = 3;

function make(className: string, text?: string): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

interface Row {
  line: Line;
  value: number;
  y: number;
}

/** Lines with a value at the index, topmost first. */
function rowsAt(u: uPlot, layers: Layer[], index: number): Row[] {
  const rows: Row[] = [];
  for (const { line, top } of layers) {
    const value = line.values[index];
    const height = top[index];
    if (value === null || value === undefined || height === null || height === undefined) continue;
    rows.push({ line, value, y: u.valToPos(height, "y") });
  }
  return rows.sort((a, b) => a.y - b.y);
}

export function nearest(u: uPlot, layers: Layer[], index: number, y: number): Line | null {
  let best: Row | null = null;
  for (const row of rowsAt(u, layers, index)) {
    if (best === null || Math.abs(row.y - y) < Math.abs(best.y - y)) best = row;
  }
  return best?.line ?? null;
}

function rowElement({ line, value }: Row, index: number, strong: boolean): HTMLElement {
  const row = make(strong ? "tip-row strong" : "tip-row");
  const dot = make("dot");
  dot.style.background = line.colour;
  const outside = isOutside(line, index);
  row.append(
    dot,
    make("tip-name", line.label),
    make(outside ? "tip-value bad" : "tip-value", formatValue(value, line.unit)),
  );
  return row;
}

export class Tooltip {
  readonly box = make("chart-tip");
  readonly readout = make("chart-readout");

  constructor(over: HTMLElement) {
    this.box.hidden = true;
    this.readout.hidden = true;
    document.body.append(this.box);
    over.append(this.readout);
  }

  show(u: uPlot, layers: Layer[], index: number, events: EventEntry[]): void {
    const { left = 0, top = 0 } = u.cursor;
    const rows = rowsAt(u, layers, index);
    const near = nearest(u, layers, index, top);
    const at = rows.findIndex(({ line }) => line === near);
    const first = Math.max(0, Math.min(at - ROWS_MAX / 2, rows.length - ROWS_MAX));
    const cut = rows.slice(first, first + ROWS_MAX);
    this.box.replaceChildren(
      make("tip-time", stamp(u.data[0][index])),
      ...cut.map((row) => rowElement(row, index, row.line === near && rows.length > 1)),
    );
    if (rows.length > cut.length) this.box.append(make("tip-more", `and ${rows.length - cut.length} more`));
    if (rows.length === 0) this.box.append(make("tip-more", "no value in this bucket"));
    for (const event of events) this.box.append(make("tip-event", event.title));
    this.place(u.over.getBoundingClientRect(), left, top);
  }

  private place(rect: DOMRect, left: number, top: number): void {
    this.box.hidden = false;
    this.readout.hidden = true;
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const x = rect.left + left;
    const right = x + 14 + width < innerWidth;
    const y = Math.max(4, Math.min(rect.top + top + 14, innerHeight - height - 8));
    this.box.style.transform = `translate(${Math.round(right ? x + 14 : Math.max(4, x - width - 14))}px, ${Math.round(y)}px)`;
  }

  /** Values at the shared crosshair, on charts that the pointer is not on. */
  glance(u: uPlot, layers: Layer[], index: number): void {
    const rows = rowsAt(u, layers, index);
    this.box.hidden = true;
    this.readout.hidden = rows.length === 0;
    const left = u.cursor.left ?? 0;
    this.readout.replaceChildren(
      ...rows.slice(0, READOUT_MAX).map(({ line, value }) => {
        const item = make("readout-item", formatValue(value, line.unit));
        item.style.borderColor = line.colour;
        return item;
      }),
    );
    if (rows.length > READOUT_MAX) this.readout.append(make("readout-more", `+${rows.length - READOUT_MAX}`));
    const room = u.over.clientWidth - left > this.readout.offsetWidth + 10;
    this.readout.style.transform = `translateX(${Math.round(room ? left + 5 : left - this.readout.offsetWidth - 5)}px)`;
  }

  hide(): void {
    this.box.hidden = true;
    this.readout.hidden = true;
  }

  destroy(): void {
    this.box.remove();
    this.readout.remove();
  }
}
