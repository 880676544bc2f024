/** One chart's life outside React: it is made once for a set of lines and then only gets new columns. */
import uPlot from "uplot";
import type { EventEntry } from "../api/events";
import type { YAxis } from "../dashboard/model";
import type { Span } from "../time/range";
import { visibleTimes } from "./edge";
import type { Mark } from "./markers";
import { columnsOf, optionsOf, type Frame } from "./options";
import { drawAreas, drawEvents, drawMarks, drawOutside, inside, readInk } from "./overlay";
import { Flags } from "./flags";
import { drawOpen, openIndex } from "./paths";
import { axisUnit, layersOf, type Layer, type Line, type Plot } from "./plot";
import { shapeOf } from "./shape";
import { nearest, Tooltip } from "./tooltip";
import { takeTurn } from "./turns";

export interface Pick {
  timeMs: number;
  line: Line | null;
  /** Events at the point. */
  events: EventEntry[];
  x: number;
  y: number;
}

export interface ChartInput {
  plot: Plot;
  /** The lines that are shown; the plot may hold more. */
  lines: Line[];
  span: Span;
  axis: YAxis;
  marks: Mark[];
  events: EventEntry[];
  bare: boolean;
  theme: string;
  onZoom: (fromMs: number, toMs: number) => void;
  onReset: () => void;
  onPick: (pick: Pick) => void;
  /** The index under the crosshair, for legends that follow it. */
  onCursor: (index: number | null) => void;
  onDraw?: (u: uPlot) => void; // after each drawing, for what lies over the plot
}

const EVENT_NEAR_PX = 5;

/** A click waits this long for its second half before it is one. */
const DOUBLE_MS = 220;

/** When none of these has changed there is nothing to draw again. */
const DRAWN = ["plot", "lines", "span", "axis", "marks", "events", "bare", "theme"] as const;

export class ChartView {
  private u: uPlot | null = null;
  private frame: Frame | null = null;
  private tip: Tooltip | null = null;
  private shape = "";
  private over = false;
  /** After a click, until the pointer comes back: the menu is not covered. */
  private quiet = false;
  private input: ChartInput | null = null;
  private turn: (() => void) | null = null;
  private clicked: ReturnType<typeof setTimeout> | undefined;
  private readonly resize: ResizeObserver;
  private readonly flags: Flags;

  constructor(
    private readonly root: HTMLElement,
    flags: HTMLElement,
  ) {
    this.flags = new Flags(flags, (events, { left: x, bottom: y }) =>
      this.input!.onPick({ timeMs: events[0].date_happened * 1000, line: null, events, x, y }),
    );
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(root);
  }

  update(input: ChartInput): void {
    const before = this.input;
    this.input = input;
    if (this.u && before && DRAWN.every((name) => before[name] === input[name])) return;
    if (!this.u) this.wait();
    else this.draw(input);
  }

  /** The first drawing, with whatever is the latest input by then. */
  private wait(): void {
    this.turn ??= takeTurn(() => {
      this.turn = null;
      if (this.input) this.draw(this.input);
    });
  }

  private draw(input: ChartInput): void {
    const layers = layersOf(input.lines);
    const shape = shapeOf(input, layers);
    if (!this.u || shape !== this.shape) this.build(input, layers, shape);
    else this.refill(input, layers);
  }

  private build(input: ChartInput, layers: Layer[], shape: string): void {
    this.drop();
    const { plot, span, axis, bare } = input;
    const live = { ...span, stepMs: plot.stepMs, openAt: openIndex(plot.times, plot.incompleteFromMs), layers };
    this.frame = { live, ink: readInk(), unit: axisUnit(input.lines), axis, bare };
    const options = optionsOf(layers, this.frame, this.size(), "page");
    options.hooks = this.hooks();
    const data = [
      visibleTimes(plot.times, span, plot.stepMs),
      ...columnsOf(layers, this.frame).data,
    ] as uPlot.AlignedData;
    this.shape = shape;
    this.u = new uPlot(options, data, this.root);
    this.tip = new Tooltip(this.u.over);
    if (!bare) this.listen(this.u);
  }

  private refill(input: ChartInput, layers: Layer[]): void {
    if (!this.u || !this.frame) return;
    const { plot, span } = input;
    // Paths hold the layers they were made with: their columns are exchanged in place.
    const { live } = this.frame;
    for (const [index, layer] of live.layers.entries()) Object.assign(layer, layers[index], { below: layer.below });
    Object.assign(live, span, { stepMs: plot.stepMs, openAt: openIndex(plot.times, plot.incompleteFromMs) });
    const times = visibleTimes(plot.times, span, plot.stepMs);
    this.u.setData([times, ...columnsOf(live.layers, this.frame).data] as uPlot.AlignedData);
  }

  private hooks(): uPlot.Hooks.Arrays {
    const frame = () => this.frame!;
    const input = () => this.input!;
    return {
      drawClear: [(u) => drawAreas(u, input().marks, frame().ink)],
      drawSeries: [(u, index) => this.drawTail(u, index)],
      draw: [
        (u) => {
          drawOutside(u, frame().live.layers, frame().ink);
          drawMarks(u, input().marks, frame().ink);
          drawEvents(u, input().events, frame().ink);
          if (!frame().bare) this.flags.update(u, input().events);
          input().onDraw?.(u);
        },
      ],
      setSelect: [(u) => this.zoom(u)],
      setCursor: [(u) => this.follow(u)],
    };
  }

  private drawTail(u: uPlot, seriesIdx: number): void {
    const { live } = this.frame!;
    const layer = live.layers[seriesIdx - (u.series.length - live.layers.length)];
    if (!layer || live.openAt >= layer.top.length) return;
    inside(u, () => drawOpen(u, layer, layer.top, live.openAt, live.stepMs));
  }

  private zoom(u: uPlot): void {
    if (u.select.width < 4) return;
    const from = u.posToVal(u.select.left, "x");
    const to = u.posToVal(u.select.left + u.select.width, "x");
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to - from >= 1_000) this.input!.onZoom(Math.round(from), Math.round(to));
  }

  private follow(u: uPlot): void {
    const index = u.cursor.idx;
    const { left = -1 } = u.cursor;
    if (!this.tip || !this.frame || this.frame.bare) return;
    if (left < 0 || index === null || index === undefined) {
      this.tip.hide();
      this.input!.onCursor(null);
      return;
    }
    this.input!.onCursor(index);
    const { layers } = this.frame.live;
    if (this.quiet) return;
    if (this.over) this.tip.show(u, layers, index, this.eventsAt(u, left));
    else this.tip.glance(u, layers, index);
  }

  private eventsAt(u: uPlot, left: number): EventEntry[] {
    const near = ({ date_happened }: EventEntry) =>
      Math.abs(u.valToPos(date_happened * 1000, "x") - left) <= EVENT_NEAR_PX;
    return this.input!.events.filter(near).slice(0, 4);
  }

  private listen(u: uPlot): void {
    let downX = 0;
    u.over.addEventListener("mouseenter", () => {
      this.over = true;
      this.quiet = false;
    });
    u.over.addEventListener("mouseleave", () => {
      this.over = false;
      this.tip?.hide();
    });
    u.over.addEventListener("mousedown", (event) => (downX = event.clientX));
    u.over.addEventListener("dblclick", () => {
      clearTimeout(this.clicked);
      this.input!.onReset();
    });
    u.over.addEventListener("click", (event) => {
      clearTimeout(this.clicked);
      if (event.detail !== 1 || Math.abs(event.clientX - downX) > 3) return;
      this.clicked = setTimeout(() => this.u === u && this.pick(u, event), DOUBLE_MS);
    });
  }

  private pick(u: uPlot, event: MouseEvent): void {
    this.quiet = true;
    this.tip?.hide();
    const index = u.cursor.idx;
    const timeMs = u.posToVal(u.cursor.left ?? 0, "x");
    const line =
      index === null || index === undefined ? null : nearest(u, this.frame!.live.layers, index, u.cursor.top ?? 0);
    const events = this.eventsAt(u, u.cursor.left ?? 0);
    this.input!.onPick({ timeMs, line, events, x: event.clientX, y: event.clientY });
  }

  /** One line stands out, by its key; none takes it back. */
  focus(key: string | null): void {
    if (!this.u || !this.frame) return;
    const { layers } = this.frame.live;
    const at = layers.findIndex(({ line }) => line.key === key);
    const first = this.u.series.length - layers.length;
    this.u.setSeries(at < 0 ? null : first + at, { focus: true }, false);
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(20, this.root.clientWidth), height: Math.max(20, this.root.clientHeight) };
  }

  private fit(): void {
    const size = this.size();
    if (this.u && (size.width !== this.u.width || size.height !== this.u.height)) this.u.setSize(size);
  }

  private drop(): void {
    this.tip?.destroy();
    this.u?.destroy();
    this.tip = null;
    this.u = null;
  }

  destroy(): void {
    this.resize.disconnect();
    this.turn?.();
    clearTimeout(this.clicked);
    this.drop();
    this.flags.destroy();
  }
}
