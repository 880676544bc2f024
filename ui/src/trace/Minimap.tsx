import { useEffect, useRef, type PointerEvent } from "react";
import type { Flame } from "./flame";
import { clamp, type Window } from "./scale";
import { barAlpha, prepared, type Scene } from "./scene";

const HEIGHT_PX = 52;
/** A drag shorter than this moves the window to where the click was. */
const CLICK_PX = 4;

interface Props {
  scene: Scene;
  flame: Flame | null;
  onWindow: (window: Window) => void;
}

/** The whole trace in a strip; dragging over it chooses what the view shows. */
export function Minimap({ scene, flame, onWindow }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const down = useRef<{ x: number; window: Window; inside: boolean } | null>(null);
  const { trace, window, found, critical, ink, focus } = scene;
  useEffect(() => {
    const draw = () => {
      const width = root.current?.clientWidth ?? 0;
      const ctx = canvas.current && prepared(canvas.current, width, HEIGHT_PX);
      if (ctx && flame) paint(ctx, { ...sceneOf, window: { from: 0, to: trace.length } }, flame, width);
    };
    const sceneOf = { trace, found, critical, ink, focus } as Scene;
    const resize = new ResizeObserver(draw);
    if (root.current) resize.observe(root.current);
    return () => resize.disconnect();
  }, [trace, found, critical, ink, focus, flame]);
  const share = (at: number) => (at / trace.length) * 100;
  const timeOf = (event: PointerEvent) => {
    const box = root.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * trace.length;
  };
  const whole = window.from <= 0 && window.to >= trace.length;
  const press = (event: PointerEvent<HTMLDivElement>) => {
    const at = timeOf(event);
    down.current = { x: event.clientX, window, inside: !whole && at > window.from && at < window.to };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const start = down.current;
    if (!start || Math.abs(event.clientX - start.x) < CLICK_PX) return;
    const box = root.current!.getBoundingClientRect();
    const begun = ((start.x - box.left) / box.width) * trace.length;
    const at = timeOf(event);
    if (start.inside) {
      const by = at - begun;
      onWindow(clamp({ from: start.window.from + by, to: start.window.to + by }, trace.length));
    } else onWindow(clamp({ from: Math.min(at, begun), to: Math.max(at, begun) }, trace.length));
  };
  return (
    <div
      ref={root}
      className="minimap"
      role="img"
      aria-label="The whole trace: drag to choose a part of it, double click for all"
      onPointerDown={press}
      onPointerMove={move}
      onPointerUp={() => (down.current = null)}
      onDoubleClick={() => onWindow({ from: 0, to: trace.length })}
    >
      <canvas ref={canvas} />
      {!whole && (
        <>
          <div className="minimap-shade" style={{ left: 0, width: `${share(window.from)}%` }} />
          <div className="minimap-shade" style={{ left: `${share(window.to)}%`, right: 0 }} />
        </>
      )}
    </div>
  );
}

/** Lanes are pressed into the strip: each is at least a pixel, the lowest ones fall off. */
function paint(ctx: CanvasRenderingContext2D, scene: Scene, flame: Flame, width: number): void {
  const { trace, ink } = scene;
  const high = Math.min(7, Math.max(1.5, HEIGHT_PX / flame.lanes));
  const lanes = Math.min(flame.lanes, Math.floor(HEIGHT_PX / high));
  const perNs = width / trace.length;
  for (let lane = 0; lane < lanes; lane++) {
    let drawnTo = -1;
    for (let at = flame.from[lane]; at < flame.from[lane + 1]; at++) {
      const span = flame.spans[at];
      const to = (trace.start[span] + trace.duration[span]) * perNs;
      if (to < drawnTo && trace.error[span] === 0) continue;
      const from = trace.start[span] * perNs;
      ctx.globalAlpha = barAlpha(scene, span);
      ctx.fillStyle = trace.error[span] === 1 ? ink.bad : ink.service[trace.service[span]];
      ctx.fillRect(from, lane * high, Math.max(1, to - from), Math.max(1, high - 0.5));
      drawnTo = from + 1;
    }
  }
  ctx.globalAlpha = 1;
}
