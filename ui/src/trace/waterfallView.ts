/** The waterfall's life outside React: it scrolls, draws what is in view once a frame, and tells what was clicked. */
import { Overlay, rowId } from "./overlay";
import { indentOf, paintAxis, paintRows, ROW_PX, scaleOf, type Port, type Widths } from "./paint";
import { clamp, timeAt, zoomed, type Window } from "./scale";
import { prepared, type Scene } from "./scene";

export interface WaterfallEvents {
  onSelect: (span: number) => void;
  onToggle: (span: number) => void;
  onWindow: (window: Window) => void;
  onLeft: (px: number) => void;
}

export interface WaterfallParts {
  scroll: HTMLElement;
  size: HTMLElement;
  canvas: HTMLCanvasElement;
  axis: HTMLCanvasElement;
  band: HTMLElement;
}

const AXIS_PX = 24;
const DRAG_PX = 4;
const LEFT_MIN = 140;

export class WaterfallView {
  private scene: Scene | null = null;
  private left = 360;
  private asked = 0;
  private widths: Widths = new Map();
  private widthsOf: unknown = null;
  private down: { x: number; moved: boolean; resize: boolean } | null = null;
  private readonly overlay: Overlay;
  private readonly resize: ResizeObserver;
  private readonly stop = new AbortController();

  constructor(
    private readonly parts: WaterfallParts,
    private readonly events: WaterfallEvents,
  ) {
    this.overlay = new Overlay(parts.size);
    this.resize = new ResizeObserver(() => this.ask());
    this.resize.observe(parts.scroll);
    this.listen();
    // Names are measured again once the page's own font is there.
    void document.fonts.ready.then(() => {
      this.widths.clear();
      this.ask();
    });
  }

  update(scene: Scene, left: number): void {
    if (this.widthsOf !== scene.trace) {
      this.widths.clear();
      this.widthsOf = scene.trace;
    }
    this.scene = scene;
    this.left = left;
    this.parts.size.style.height = `${Math.max(1, scene.rows.count) * ROW_PX}px`;
    this.ask();
  }

  /** Brings a row into view, with some rows around it. */
  reveal(row: number): void {
    const { scroll } = this.parts;
    const top = row * ROW_PX;
    const height = scroll.clientHeight;
    if (top >= scroll.scrollTop && top + ROW_PX <= scroll.scrollTop + height) return;
    scroll.scrollTop = Math.max(0, top - height * 0.35);
    this.ask();
  }

  private port(): Port {
    const { scroll } = this.parts;
    const width = scroll.clientWidth;
    return {
      width,
      height: scroll.clientHeight,
      scrollTop: scroll.scrollTop,
      left: Math.max(LEFT_MIN, Math.min(this.left, width - 200)),
    };
  }

  private ask(): void {
    if (this.asked !== 0) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { scene } = this;
    if (!scene) return;
    const { canvas, axis, scroll } = this.parts;
    const port = this.port();
    const ctx = prepared(canvas, port.width, port.height);
    if (ctx) paintRows(ctx, scene, port, this.widths);
    const line = prepared(axis, port.width, AXIS_PX);
    if (line) paintAxis(line, scene, scaleOf(scene, port), AXIS_PX);
    this.overlay.update(scene, port);
    const row = scene.selected === null ? -1 : scene.rows.row[scene.selected];
    const inView = row >= 0 && document.getElementById(rowId(row));
    if (inView) scroll.setAttribute("aria-activedescendant", rowId(row));
    else scroll.removeAttribute("aria-activedescendant");
  }

  private listen(): void {
    const { scroll, axis } = this.parts;
    const { signal } = this.stop;
    scroll.addEventListener("scroll", () => this.ask(), { signal, passive: true });
    scroll.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    scroll.addEventListener("dblclick", (event) => this.toSpan(event), { signal });
    for (const element of [scroll, axis]) {
      element.addEventListener("pointerdown", (event) => this.press(event, element), { signal });
      element.addEventListener("pointermove", (event) => this.move(event), { signal });
      element.addEventListener("pointerup", (event) => this.release(event), { signal });
      element.addEventListener("pointercancel", () => this.cancel(), { signal });
    }
  }

  private xOf(event: MouseEvent): number {
    return event.clientX - this.parts.scroll.getBoundingClientRect().left;
  }

  private wheel(event: WheelEvent): void {
    const { scene } = this;
    if (!scene || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    const scale = scaleOf(scene, this.port());
    const { window, trace } = scene;
    if (event.shiftKey) {
      const by = ((event.deltaX || event.deltaY) / scale.width) * (window.to - window.from);
      this.events.onWindow(clamp({ from: window.from + by, to: window.to + by }, trace.length));
    } else {
      this.events.onWindow(zoomed(window, timeAt(scale, this.xOf(event)), 1.0025 ** event.deltaY, trace.length));
    }
  }

  private press(event: PointerEvent, element: HTMLElement): void {
    if (event.button !== 0) return;
    const x = this.xOf(event);
    const { left, width } = this.port();
    // The scroll bar is the browser's own.
    if (x > width) return;
    this.down = { x, moved: false, resize: Math.abs(x - left) <= 4 };
    element.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const x = this.xOf(event);
    const { left } = this.port();
    this.parts.scroll.classList.toggle("at-edge", this.down?.resize ?? Math.abs(x - left) <= 4);
    if (!this.down) return;
    if (Math.abs(x - this.down.x) > DRAG_PX) this.down.moved = true;
    if (this.down.resize) this.events.onLeft(Math.max(LEFT_MIN, x));
    else if (this.down.moved && this.down.x > left) this.showBand(this.down.x, Math.max(left, x));
  }

  private showBand(a: number, b: number): void {
    const { band } = this.parts;
    band.hidden = false;
    band.style.left = `${Math.min(a, b)}px`;
    band.style.width = `${Math.abs(a - b)}px`;
  }

  private release(event: PointerEvent): void {
    const { down, scene } = this;
    this.cancel();
    if (!down || !scene || down.resize) return;
    const x = this.xOf(event);
    const port = this.port();
    if (!down.moved) return this.click(event, x, port);
    if (down.x <= port.left) return;
    const scale = scaleOf(scene, port);
    const ends = [timeAt(scale, down.x), timeAt(scale, Math.max(port.left, x))].sort((a, b) => a - b);
    this.events.onWindow(clamp({ from: ends[0], to: ends[1] }, scene.trace.length));
  }

  private cancel(): void {
    this.down = null;
    this.parts.band.hidden = true;
  }

  private spanAt(event: MouseEvent): number | null {
    const box = this.parts.scroll.getBoundingClientRect();
    if (!this.scene || event.clientY < box.top) return null;
    const row = Math.floor((event.clientY - box.top + this.parts.scroll.scrollTop) / ROW_PX);
    return row < this.scene.rows.count ? this.scene.rows.span[row] : null;
  }

  private click(event: MouseEvent, x: number, port: Port): void {
    const { scene } = this;
    const span = this.spanAt(event);
    if (!scene || span === null) return;
    const chevron = 6 + scene.trace.depth[span] * indentOf(scene, port);
    if (scene.trace.size[span] > 1 && x >= chevron - 4 && x <= chevron + 13) this.events.onToggle(span);
    else this.events.onSelect(span);
  }

  /** A double click on a bar makes it as wide as the view; beside the bars, the whole trace comes back. */
  private toSpan(event: MouseEvent): void {
    const { scene } = this;
    const port = this.port();
    const span = this.spanAt(event);
    if (!scene || span === null || this.xOf(event) < port.left) return;
    const { start, duration, length } = scene.trace;
    const at = timeAt(scaleOf(scene, port), this.xOf(event));
    const inside = at >= start[span] && at <= start[span] + duration[span];
    const margin = duration[span] * 0.04;
    this.events.onWindow(
      inside
        ? clamp({ from: start[span] - margin, to: start[span] + duration[span] + margin }, length)
        : { from: 0, to: length },
    );
  }

  destroy(): void {
    this.stop.abort();
    this.resize.disconnect();
    cancelAnimationFrame(this.asked);
  }
}
