/**
 * The rows of the waterfall as elements: transparent ones over the drawn ones that are in view, recycled as the reader
 * scrolls. They are what a screen reader, a browser test and the pointer meet.
 */
import { inView, ROW_PX, type Port } from "./paint";
import { nsText } from "./scale";
import type { Scene } from "./scene";

export const rowId = (row: number) => `span-row-${row}`;

export function nameOf({ trace }: Scene, span: number): string {
  const { words } = trace;
  const parts = [
    `${words.name[trace.name[span]] ?? ""} ${words.resource[trace.resource[span]] ?? ""}`.trim(),
    words.service[trace.service[span]] ?? "",
    nsText(trace.duration[span]),
  ];
  if (trace.error[span] === 1) parts.push("error");
  return parts.join(", ");
}

export class Overlay {
  private pool: HTMLDivElement[] = [];
  /** What each element shows, so that one that stays is left alone. */
  private shown: string[] = [];

  constructor(private readonly parent: HTMLElement) {}

  update(scene: Scene, port: Port): void {
    const { from, to } = inView(scene, port);
    const wanted = Math.ceil(port.height / ROW_PX) + 2;
    while (this.pool.length < wanted) this.add();
    const used = new Set<number>();
    for (let row = from; row < to; row++) {
      const slot = row % this.pool.length;
      used.add(slot);
      this.fill(slot, scene, row);
    }
    for (let slot = 0; slot < this.pool.length; slot++) {
      if (used.has(slot) || this.shown[slot] === "") continue;
      this.shown[slot] = "";
      this.pool[slot].hidden = true;
    }
  }

  private add(): void {
    const element = document.createElement("div");
    element.className = "wf-row";
    element.setAttribute("role", "treeitem");
    element.hidden = true;
    this.parent.append(element);
    this.pool.push(element);
    this.shown.push("");
    // Rows find their element by the number of elements: with one more, all are placed anew.
    this.shown.fill("");
  }

  private fill(slot: number, scene: Scene, row: number): void {
    const { trace } = scene;
    const span = scene.rows.span[row];
    const closed = scene.collapsed.has(span);
    const on = scene.selected === span;
    const key = `${row}|${span}|${closed}|${on}|${scene.rows.count}`;
    if (this.shown[slot] === key) return;
    this.shown[slot] = key;
    const element = this.pool[slot];
    element.hidden = false;
    element.id = rowId(row);
    element.dataset.span = String(span);
    element.style.transform = `translateY(${row * ROW_PX}px)`;
    element.setAttribute("aria-label", nameOf(scene, span));
    element.setAttribute("aria-level", String(trace.depth[span] + 1));
    element.setAttribute("aria-posinset", String(row + 1));
    element.setAttribute("aria-setsize", String(scene.rows.count));
    element.setAttribute("aria-selected", String(on));
    if (trace.size[span] > 1) element.setAttribute("aria-expanded", String(!closed));
    else element.removeAttribute("aria-expanded");
  }
}
