/** The flame graph's life outside React: it draws what is in view once a frame, zooms, and tells what was clicked. */
import { spanAt, type Flame } from "./flame";
import { nameOf } from "./overlay";
import { paintAxis, type Port } from "./paint";
import { flameScale, LANE_PX, paintFlame } from "./paintFlame";
import { clamp, timeAt, zoomed, type Window } from "./scale";
import { prepared, type Scene } from "./scene";

export interface FlameParts {
  scroll: HTMLElement;
  size: HTMLElement;
  canvas: HTMLCanvasElement;
  axis: HTMLCanvasElement;
  tip: HTMLElement;
}

const AXIS_PX = 24;
const DRAG_PX = 3;

export class FlameView {
  private scene: Scene | null = null;
  private flame: Flame | null = null;
  private asked = 0;
  private down: { x: number; window: Window; moved: boolean } | null = null;
  private readonly resize: ResizeObserver;
  private readonly stop = new AbortController();

  constructor(
    private readonly parts: FlameParts,
    private readonly onSelect: (span: number) => void,
    private readonly onWindow: (window: Window) => void,
  ) {
    this.resize = new ResizeObserver(() => this.ask());
    this.resize.observe(parts.scroll);
    this.listen();
  }

  update(scene: Scene, flame: Flame): void {
    this.scene = scene;
    this.flame = flame;
    this.parts.size.style.height = `${flame.lanes * LANE_PX + 8}px`;
    this.ask();
  }

  reveal(span: number): void {
    const { scroll } = this.parts;
    const top = (this.flame?.lane[span] ?? 0) * LANE_PX;
    if (top < scroll.scrollTop || top + LANE_PX > scroll.scrollTop + scroll.clientHeight)
      scroll.scrollTop = Math.max(0, top - scroll.clientHeight / 3);
  }

  private port(): Port {
    const { scroll } = this.parts;
    return { width: scroll.clientWidth, height: scroll.clientHeight, scrollTop: scroll.scrollTop, left: 0 };
  }

  private ask(): void {
    if (this.asked !== 0) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      const { scene, flame } = this;
      if (!scene || !flame) return;
      const port = this.port();
      const ctx = prepared(this.parts.canvas, port.width, port.height);
      if (ctx) paintFlame(ctx, scene, flame, port);
      const axis = prepared(this.parts.axis, port.width, AXIS_PX);
      if (axis) paintAxis(axis, scene, flameScale(scene, port), AXIS_PX);
    });
  }

  private listen(): void {
    const { scroll } = this.parts;
    const { signal } = this.stop;
    scroll.addEventListener("scroll", () => this.ask(), { signal, passive: true });
    scroll.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    scroll.addEventListener("pointerdown", (event) => this.press(event), { signal });
    scroll.addEventListener("pointermove", (event) => this.move(event), { signal });
    scroll.addEventListener("pointerup", (event) => this.release(event), { signal });
    scroll.addEventListener("pointerleave", () => (this.parts.tip.hidden = true), { signal });
    scroll.addEventListener("dblclick", (event) => this.toSpan(event), { signal });
  }

  private place(event: MouseEvent): { x: number; y: number } {
    const box = this.parts.scroll.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top + this.parts.scroll.scrollTop };
  }

  private under(event: MouseEvent): number {
    const { scene, flame } = this;
    if (!scene || !flame) return -1;
    const { x, y } = this.place(event);
    const scale = flameScale(scene, this.port());
    const slack = ((scene.window.to - scene.window.from) / scale.width) * 1.5;
    return spanAt(scene.trace, flame, Math.floor(y / LANE_PX), timeAt(scale, x), slack);
  }

  private wheel(event: WheelEvent): void {
    const { scene } = this;
    if (!scene || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    const scale = flameScale(scene, this.port());
    const { window, trace } = scene;
    const by = ((event.deltaX || event.deltaY) / scale.width) * (window.to - window.from);
    this.onWindow(
      event.shiftKey
        ? clamp({ from: window.from + by, to: window.to + by }, trace.length)
        : zoomed(window, timeAt(scale, this.place(event).x), 1.0025 ** event.deltaY, trace.length),
    );
  }

  private press(event: PointerEvent): void {
    const { x } = this.place(event);
    if (event.button !== 0 || !this.scene || x > this.port().width) return;
    this.down = { x, window: this.scene.window, moved: false };
    this.parts.scroll.setPointerCapture(event.pointerId);
  }

  /** A drag moves the window along; without a button, the span under the pointer is named. */
  private move(event: PointerEvent): void {
    const { scene, down } = this;
    if (!scene) return;
    if (!down) return this.point(event);
    const { x } = this.place(event);
    if (Math.abs(x - down.x) > DRAG_PX) down.moved = true;
    if (!down.moved) return;
    this.parts.tip.hidden = true;
    const by = ((down.x - x) / this.port().width) * (down.window.to - down.window.from);
    this.onWindow(clamp({ from: down.window.from + by, to: down.window.to + by }, scene.trace.length));
  }

  private point(event: PointerEvent): void {
    const { tip, scroll } = this.parts;
    const span = this.under(event);
    tip.hidden = span < 0;
    if (span < 0 || !this.scene) return;
    tip.textContent = nameOf(this.scene, span);
    const box = scroll.getBoundingClientRect();
    const x = event.clientX - box.left;
    tip.style.transform = `translate(${Math.min(x + 12, box.width - tip.offsetWidth - 8)}px, ${event.clientY - box.top + 40}px)`;
  }

  private release(event: PointerEvent): void {
    const { down } = this;
    this.down = null;
    if (!down || down.moved) return;
    const span = this.under(event);
    if (span >= 0) this.onSelect(span);
  }

  private toSpan(event: MouseEvent): void {
    const { scene } = this;
    const span = this.under(event);
    if (!scene) return;
    const { start, duration, length } = scene.trace;
    this.onWindow(
      span < 0 ? { from: 0, to: length } : clamp({ from: start[span], to: start[span] + duration[span] }, length),
    );
  }

  destroy(): void {
    this.stop.abort();
    this.resize.disconnect();
    cancelAnimationFrame(this.asked);
  }
}
