import { useEffect, useRef } from "react";
import type { Row, Signal } from "../api/rows";
import { IconButton } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { RowDetail } from "./RowDetail";

interface Props {
  signal: Signal;
  row: Row | null;
  loading: boolean;
  error: unknown;
  onClose: () => void;
  onStep?: (step: number) => void;
  onOpen: (row: Row) => void;
}

const WIDTH = "oriel.detail";
const WIDTH_MIN = 360;

/** The pane of one row beside the list; its edge is drawn to make it wider. */
export function DetailPane({ signal, row, loading, error, onClose, onStep, onOpen }: Props) {
  const pane = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const kept = Number(localStorage.getItem(WIDTH));
    if (kept >= WIDTH_MIN && pane.current) pane.current.style.width = `${kept}px`;
  }, []);
  const drag = (start: React.PointerEvent) => {
    const width = pane.current?.offsetWidth ?? 0;
    const move = (event: PointerEvent) => {
      const next = Math.max(WIDTH_MIN, Math.min(window.innerWidth * 0.8, width + start.clientX - event.clientX));
      if (pane.current) pane.current.style.width = `${next}px`;
      localStorage.setItem(WIDTH, String(Math.round(next)));
    };
    const up = () => window.removeEventListener("pointermove", move);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up, { once: true });
    start.preventDefault();
  };
  return (
    <div ref={pane} className="detail-pane">
      <div className="detail-edge" onPointerDown={drag} aria-hidden="true" />
      {row && <RowDetail key={row.id} row={row} signal={signal} onClose={onClose} onStep={onStep} onOpen={onOpen} />}
      {!row && loading && <SkeletonRows rows={10} />}
      {!row && !loading && (
        <>
          <IconButton icon="close" label="Close" shortcut="Esc" onClick={onClose} />
          <Failed error={error ?? new Error("it may be older than the retention")} what="This row cannot be found" />
        </>
      )}
    </div>
  );
}
