import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { HeatmapAnswer, Selection } from "../api/rows";
import { useTheme } from "../app/theme";
import { timeOfDay } from "../format/clock";
import { formatCount } from "../format/units";
import { nsText } from "../trace/scale";
import { prepared } from "../trace/scene";
import { boxOf, cellBox, heatInk, paintHeat } from "./paintHeat";
import { cellsBetween, cellsOf, countIn, selectionOf, type Box, type Cells } from "./selection";

interface Props {
  heat: HeatmapAnswer;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
}

interface Point {
  x: number;
  y: number;
}

const HEIGHT_PX = 190;
const CLICK_PX = 3;

/** Durations over time. A drag selects; what is different about the selection stands beside the list. */
export function HeatMap({ heat, selection, onSelect }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const [width, setWidth] = useState(0);
  const [drag, setDrag] = useState<{ from: Point; to: Point } | null>(null);
  const [hover, setHover] = useState<Cells | null>(null);
  const [cursor, setCursor] = useState<Cells | null>(null);
  const columns = heat.times.length;
  const rows = heat.bounds_ns.length - 1;
  const box = useMemo(() => boxOf(width, HEIGHT_PX), [width]);
  useEffect(() => {
    const resize = new ResizeObserver(() => setWidth(root.current?.clientWidth ?? 0));
    if (root.current) resize.observe(root.current);
    return () => resize.disconnect();
  }, []);
  useEffect(() => {
    const ctx = canvas.current && width > 0 ? prepared(canvas.current, width, HEIGHT_PX) : null;
    if (ctx) paintHeat(ctx, heat, heatInk(theme, getComputedStyle(document.documentElement)), box);
  }, [heat, theme, width, box]);
  const pointOf = (event: PointerEvent): Point => {
    const at = root.current!.getBoundingClientRect();
    return { x: event.clientX - at.left, y: event.clientY - at.top };
  };
  const between = (a: Point, b: Point) => cellsBetween(a, b, box, columns, rows);
  const release = (event: PointerEvent) => {
    if (!drag) return;
    const to = pointOf(event);
    const moved = Math.abs(to.x - drag.from.x) > CLICK_PX || Math.abs(to.y - drag.from.y) > CLICK_PX;
    setDrag(null);
    onSelect(moved ? selectionOf(heat, between(drag.from, to)) : null);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") onSelect(null);
    else if (event.key === "Enter" && cursor) onSelect(selectionOf(heat, cursor));
    else if (event.key.startsWith("Arrow")) setCursor(moved(cursor, event.key, event.shiftKey, columns, rows));
    else return;
    event.preventDefault();
  };
  const chosen = drag ? between(drag.from, drag.to) : (cursor ?? (selection && cellsOf(heat, selection)));
  const named = cursor ?? hover;
  return (
    <div
      ref={root}
      className="heat"
      role="group"
      tabIndex={0}
      aria-label={`Durations over time. Drag to select; with the keyboard: arrows, Shift and arrows, Enter${cursor ? `. ${cellText(heat, cursor)}` : ""}`}
      onKeyDown={onKey}
      onBlur={() => setCursor(null)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: pointOf(event), to: pointOf(event) });
      }}
      onPointerMove={(event) => {
        const at = pointOf(event);
        if (drag) setDrag({ ...drag, to: at });
        setHover(at.x >= box.left && at.y <= box.top + box.height ? between(at, at) : null);
      }}
      onPointerUp={release}
      onPointerLeave={() => setHover(null)}
    >
      <canvas ref={canvas} />
      {chosen && <div className="heat-box" style={px(cellBox(chosen, box, columns, rows))} />}
      {named && !drag && (
        <p className="heat-tip" style={tipPlace(cellBox(named, box, columns, rows), width)}>
          {cellText(heat, named)}
        </p>
      )}
    </div>
  );
}

const px = ({ left, top, width, height }: Box) => ({ left, top, width, height });

const tipPlace = (at: Box, width: number) => ({
  left: Math.max(0, Math.min(at.left + at.width + 8, width - 320)),
  top: Math.max(0, at.top - 30),
});

function cellText(heat: HeatmapAnswer, cells: Cells): string {
  const { count, errors } = countIn(heat, cells);
  const time = timeOfDay(heat.times[cells.fromColumn]);
  const low = nsText(heat.bounds_ns[cells.fromRow]);
  const high = nsText(heat.bounds_ns[cells.toRow + 1]);
  return `${time} · ${low} to ${high} · ${formatCount(count)} spans${errors > 0 ? `, ${formatCount(errors)} failed` : ""}`;
}

/** Arrows move one cell; with Shift the selection grows or shrinks at its later or longer end. */
function moved(at: Cells | null, key: string, grow: boolean, columns: number, rows: number): Cells {
  if (!at) return { fromColumn: columns - 1, toColumn: columns - 1, fromRow: 0, toRow: 0 };
  const dx = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  const dy = key === "ArrowUp" ? 1 : key === "ArrowDown" ? -1 : 0;
  const toColumn = Math.max(grow ? at.fromColumn : 0, Math.min(columns - 1, at.toColumn + dx));
  const toRow = Math.max(grow ? at.fromRow : 0, Math.min(rows - 1, at.toRow + dy));
  return grow ? { ...at, toColumn, toRow } : { fromColumn: toColumn, toColumn, fromRow: toRow, toRow };
}
