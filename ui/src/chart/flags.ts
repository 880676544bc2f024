/** Deployments on a chart as small buttons over their marks: the pointer, the keyboard and a screen reader can meet them. */
import type uPlot from "uplot";
import { isDeployment } from "../apm/deploy";
import type { EventEntry } from "../api/events";

/** More would lie on top of each other. */
const FLAGS_MAX = 20;

export class Flags {
  private shown: EventEntry[] = [];
  private buttons: HTMLButtonElement[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly onOpen: (event: EventEntry, at: DOMRect) => void,
  ) {}

  update(u: uPlot, events: EventEntry[]): void {
    const inView = events.filter((event) => isDeployment(event) && isIn(u, event)).slice(-FLAGS_MAX);
    while (this.buttons.length < inView.length) this.add();
    while (this.buttons.length > inView.length) this.buttons.pop()?.remove();
    this.shown = inView;
    const ratio = devicePixelRatio;
    const foot = (u.bbox.top + u.bbox.height) / ratio;
    for (const [index, event] of inView.entries()) {
      const button = this.buttons[index];
      const left = u.bbox.left / ratio + u.valToPos(event.date_happened * 1000, "x");
      button.style.transform = `translate(${Math.round(left) - 8}px, ${Math.round(foot) - 12}px)`;
      if (button.title === event.title) continue;
      button.title = event.title;
      button.setAttribute("aria-label", `${event.title}: before and after`);
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
