import { useEffect, useRef, type KeyboardEvent } from "react";
import type { Flame } from "./flame";
import { FlameView } from "./flameView";
import type { Trace } from "./model";
import { nameOf } from "./overlay";
import type { Window } from "./scale";
import type { Scene } from "./scene";
import { focusFirst } from "./Waterfall";

interface Props {
  scene: Scene;
  flame: Flame;
  onSelect: (span: number) => void;
  onWindow: (window: Window) => void;
  onOpen: () => void;
}

/** The same spans by time and depth; arrows walk to parents, children and neighbours. */
export function FlameGraph({ scene, flame, onSelect, onWindow, onOpen }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const size = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const view = useRef<FlameView | null>(null);
  const events = useRef({ onSelect, onWindow });
  useEffect(() => {
    events.current = { onSelect, onWindow };
  });
  useEffect(() => {
    const made = new FlameView(
      { scroll: scroll.current!, size: size.current!, canvas: canvas.current!, axis: axis.current!, tip: tip.current! },
      (span) => events.current.onSelect(span),
      (window) => events.current.onWindow(window),
    );
    view.current = made;
    focusFirst(scroll.current!);
    return () => made.destroy();
  }, []);
  useEffect(() => view.current?.update(scene, flame));
  const { selected, trace } = scene;
  useEffect(() => {
    if (selected !== null) view.current?.reveal(selected);
  }, [selected]);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") return onOpen();
    const next = selected === null ? trace.order[0] : neighbour(trace, flame, selected, event.key);
    if (next === null || next === undefined) return;
    event.preventDefault();
    onSelect(next);
  };
  return (
    <div className="wf flame">
      <canvas ref={axis} className="wf-axis" aria-hidden="true" />
      <div
        ref={scroll}
        className="wf-scroll"
        role="tree"
        aria-label="Flame graph of the trace"
        aria-activedescendant={selected === null ? undefined : "flame-span"}
        tabIndex={0}
        onKeyDown={onKey}
      >
        <div ref={size} className="wf-size" role="none">
          <canvas ref={canvas} className="wf-canvas" aria-hidden="true" />
        </div>
        {selected !== null && (
          <div
            id="flame-span"
            role="treeitem"
            aria-selected="true"
            aria-level={trace.depth[selected] + 1}
            className="only-read"
          >
            {nameOf(scene, selected)}
          </div>
        )}
      </div>
      <div ref={tip} className="wf-tip" hidden />
    </div>
  );
}

/** Up to the parent, down to the first child, left and right along the lane. */
function neighbour(trace: Trace, flame: Flame, span: number, key: string): number | null {
  if (key === "ArrowUp") return trace.parent[span] >= 0 ? trace.parent[span] : null;
  if (key === "ArrowDown") return trace.size[span] > 1 ? trace.order[trace.place[span] + 1] : null;
  const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return null;
  const lane = flame.lane[span];
  const at = flame.spans.indexOf(span, flame.from[lane]) + step;
  return at >= flame.from[lane] && at < flame.from[lane + 1] ? flame.spans[at] : null;
}
