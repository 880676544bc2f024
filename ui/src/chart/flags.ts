/** Deployments on a chart as small buttons over their marks: the pointer, the keyboard and a screen reader can meet them. */
import type uPlot from "uplot";
import { isDeployment } from "../apm/deploy";
import type { EventEntry } from "../api/events";

/** As many as a chart of a full page has room for. */
const FLAGS_MAX = 20;

/** Events nearer than this share a flag: one would lie on the other. */
const APART_PX = 14;

/** Groups of events that stand together, in order of time. */
export function grouped(events: EventEntry[], pxOf: (event: EventEntry) => number): EventEntry[][] {
  const groups: EventEntry[][] = [];
  for (const event of [...events].sort((a, b) => a.date_happened - b.date_happened)) {
    const last = groups.at(-1);
    if (last && pxOf(event) - pxOf(last[0]) < APART_PX) last.push(event);
    else groups.push([event]);
  }
  return groups;
}

export class Flags {
  private shown: EventEntry[][] = [];
  private buttons: HTMLButtonElement[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly onOpen: (events: EventEntry[], at: DOMRect) => void,
  ) {}

  update(u: uPlot, events: EventEntry[]): void {
    const left = u.bbox.left / devicePixelRatio;
    const pxOf = (event: EventEntry) => left + u.valToPos(event.date_happened * 1000, "x");
    const inView = events.filter((event) => isDeployment(event) && isIn(u, event));
    this.shown = grouped(inView, pxOf).slice(-FLAGS_MAX);
    while (this.buttons.length < this.shown.length) this.add();
    while (this.buttons.length > this.shown.length) this.buttons.pop()?.remove();
    const foot = (u.bbox.top + u.bbox.height) / devicePixelRatio;
    for (const [index, group] of this.shown.entries()) {
      const button = this.buttons[index];
      button.style.transform = `translate(${Math.round(pxOf(group[0])) - 8}px, ${Math.round(foot) - 12}px)`;
      const title = group.map((event) => event.title).join(", ");
      if (button.title === title) continue;
      button.title = title;
      button.setAttribute("aria-label", `${title}: before and after`);
    }
  }

  private add(): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chart-flag";
    const index = this.buttons.push(button) - 1;
    button.addEventListener("click", () => this.onOpen(this.shown[index], button.getBoundingClientRect()));
    this.root.append(button);
  }

  destroy(): void {
    for (const button of this.buttons) button.remove();
    this.buttons = [];
  }
}

function isIn(u: uPlot, { date_happened }: EventEntry): boolean {
  const { min = 0, max = 0 } = u.scales.x;
  return date_happened * 1000 >= min && date_happened * 1000 <= max;
}
