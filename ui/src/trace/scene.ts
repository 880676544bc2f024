/** What the drawing code is given: the trace, what of it is shown, and the colours of the theme. */
import { colours, type ThemeName } from "../chart/palette";
import type { Critical } from "./critical";
import type { Found } from "./find";
import { servicesOf, type ServiceShare, type Trace } from "./model";
import type { Rows } from "./rows";
import type { Window } from "./scale";

export interface TraceInk {
  panel: string;
  text: string;
  dim: string;
  faint: string;
  line: string;
  grid: string;
  accent: string;
  accentSoft: string;
  bad: string;
  sunken: string;
  /** Of each service, by its place in the words. */
  service: string[];
}

export interface Scene {
  trace: Trace;
  rows: Rows;
  collapsed: ReadonlySet<number>;
  window: Window;
  selected: number | null;
  found: Found | null;
  /** Null while the path is not shown. */
  critical: Critical | null;
  /** A service that stands out, while its name is under the pointer. */
  focus: number | null;
  ink: TraceInk;
}

export function traceInk(shares: ServiceShare[], services: number, theme: ThemeName): TraceInk {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const set = colours(undefined, theme, shares.length);
  const service = Array.from({ length: services }, () => set[0]);
  for (const [rank, share] of shares.entries()) service[share.service] = set[rank];
  return {
    panel: of("--panel"),
    text: of("--text"),
    dim: of("--dim"),
    faint: of("--faint"),
    line: of("--line"),
    grid: of("--grid"),
    accent: of("--accent"),
    accentSoft: of("--accent-soft"),
    bad: of("--bad"),
    sunken: of("--sunken"),
    service,
  };
}

export const sharesOf = (trace: Trace) => servicesOf(trace);

/** Faint when a search or a service has the reader's eye and the span is no part of it. */
export function alphaOf({ trace, found, focus }: Scene, span: number): number {
  if (found && found.matches[span] === 0) return 0.28;
  if (focus !== null && trace.service[span] !== focus) return 0.22;
  return 1;
}

/** Bars that nobody waits for stand back as well, while the critical path is shown; errors never do. */
export function barAlpha(scene: Scene, span: number): number {
  const { trace, critical } = scene;
  const back = critical !== null && critical.waits[span] === 0 && trace.error[span] === 0;
  return alphaOf(scene, span) * (back ? 0.55 : 1);
}

/** A canvas of the size of its box in device pixels, its context scaled to CSS pixels. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(width * ratio));
  const high = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const ctx = canvas.getContext("2d");
  ctx?.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx?.clearRect(0, 0, width, height);
  return ctx;
}
