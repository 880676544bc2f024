import { useEffect, useRef, type KeyboardEvent } from "react";
import { ROW_PX } from "./paint";
import { rowNear } from "./rows";
import type { Scene } from "./scene";
import { WaterfallView, type WaterfallEvents } from "./waterfallView";

interface Props extends WaterfallEvents {
  scene: Scene;
  left: number;
  onOpen: () => void;
}

/** Rows of spans. React hands over the scene; scrolling and drawing are the view's. */
export function Waterfall({ scene, left, onOpen, onSelect, onToggle, onWindow, onLeft }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const size = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  const band = useRef<HTMLDivElement>(null);
  const view = useRef<WaterfallView | null>(null);
  const events = useRef<WaterfallEvents>({ onSelect, onToggle, onWindow, onLeft });
  useEffect(() => {
    events.current = { onSelect, onToggle, onWindow, onLeft };
  });
  useEffect(() => {
    const made = new WaterfallView(
      {
        scroll: scroll.current!,
        size: size.current!,
        canvas: canvas.current!,
        axis: axis.current!,
        band: band.current!,
      },
      {
        onSelect: (span) => events.current.onSelect(span),
        onToggle: (span) => events.current.onToggle(span),
        onWindow: (window) => events.current.onWindow(window),
        onLeft: (px) => events.current.onLeft(px),
      },
    );
    view.current = made;
    focusFirst(scroll.current!);
    return () => made.destroy();
  }, []);
  useEffect(() => view.current?.update(scene, left));
  const { selected, rows, trace } = scene;
  useEffect(() => {
    if (selected !== null) view.current?.reveal(rowNear(trace, rows, selected));
  }, [selected, rows, trace]);
  const onKey = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const step = stepOf(event.key, page);
    if (step !== 0) {
      const row = selected === null ? -1 : rowNear(trace, rows, selected);
      const next = rows.span[Math.max(0, Math.min(rows.count - 1, row + step))];
      if (next !== undefined) onSelect(next);
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") turn(event.key === "ArrowRight");
    else if (event.key === "Enter") onOpen();
    else return;
    event.preventDefault();
  };
  const turn = (open: boolean) => {
    if (selected === null) return;
    const closed = scene.collapsed.has(selected);
    const branch = trace.size[selected] > 1;
    if (branch && closed === open) onToggle(selected);
    else if (open && branch) onSelect(rows.span[rows.row[selected] + 1] ?? selected);
    else if (!open && trace.parent[selected] >= 0) onSelect(trace.parent[selected]);
  };
  return (
    <div className="wf">
      <canvas ref={axis} className="wf-axis" aria-hidden="true" />
      <div
        ref={scroll}
        className="wf-scroll"
        role="tree"
        aria-label={`Spans of the trace, ${rows.count} rows`}
        tabIndex={0}
        onKeyDown={onKey}
      >
        <div ref={size} className="wf-size" role="none">
          <canvas ref={canvas} className="wf-canvas" aria-hidden="true" />
        </div>
      </div>
      <div ref={band} className="wf-band" hidden />
    </div>
  );
}

/** Arrows work at once, where nothing else has the focus: on opening, and when one view takes the place of the other. */
export function focusFirst(element: HTMLElement): void {
  if (document.activeElement === document.body) element.focus({ preventScroll: true });
}

function stepOf(key: string, page: number): number {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  };
  return steps[key] ?? 0;
}
