/** The details' share of the page, which the reader drags; kept in this browser. */
import { useState, type HTMLAttributes, type KeyboardEvent, type PointerEvent, type RefObject } from "react";

const KEY = "oriel.trace.panel";
const LEAST = 24;
const MOST = 70;

export function usePanelWidth(main: RefObject<HTMLElement | null>) {
  const [percent, setPercent] = useState(() => Number(localStorage.getItem(KEY)) || 38);
  const set = (next: number) => {
    const kept = Math.max(LEAST, Math.min(MOST, next));
    localStorage.setItem(KEY, kept.toFixed(1));
    setPercent(kept);
  };
  const handle: HTMLAttributes<HTMLDivElement> & Record<string, unknown> = {
    className: "panel-handle",
    role: "separator",
    tabIndex: 0,
    "aria-label": "Width of the details",
    "aria-orientation": "vertical",
    "aria-valuenow": Math.round(percent),
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => event.currentTarget.setPointerCapture(event.pointerId),
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      const box = main.current?.getBoundingClientRect();
      if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
      set(((box.right - event.clientX) / box.width) * 100);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "ArrowLeft") set(percent + 2);
      else if (event.key === "ArrowRight") set(percent - 2);
    },
  };
  return { columns: `minmax(0, 1fr) 5px minmax(300px, ${percent.toFixed(1)}%)`, handle };
}
