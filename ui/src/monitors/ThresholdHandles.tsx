import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Thresholds } from "../api/monitorModel";
import { roundedTo, valueOfY, yOfValue, type PlotArea } from "./plotArea";
import { numberOf, shortNumber, THRESHOLDS, type ThresholdName } from "./thresholds";

interface Props {
  area: PlotArea;
  thresholds: Thresholds;
  onChange: (name: ThresholdName, value: number) => void;
}

const KEY_PX = 4;

/** Grips at the right end of each threshold's line: drag them, or move them with the arrow keys. */
export function ThresholdHandles({ area, thresholds, onChange }: Props) {
  return (
    <>
      {THRESHOLDS.map(({ name, tone, hint }) => {
        const value = numberOf(thresholds[name]);
        return value === null ? null : (
          <Handle key={name} {...{ area, value, tone, hint }} onChange={(next) => onChange(name, next)} />
        );
      })}
    </>
  );
}

interface HandleProps {
  area: PlotArea;
  value: number;
  tone: string;
  hint: string;
  onChange: (value: number) => void;
}

function Handle({ area, value, tone, hint, onChange }: HandleProps) {
  const [held, setHeld] = useState<number | null>(null);
  const start = useRef(0);
  const shown = held ?? value;
  const y = Math.min(area.top + area.height, Math.max(area.top, yOfValue(area, shown)));
  const at = (event: PointerEvent) => {
    const inside = Math.min(area.top + area.height, Math.max(area.top, start.current + event.clientY));
    return roundedTo(area, valueOfY(area, inside));
  };
  const down = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = y - event.clientY;
    setHeld(value);
    event.preventDefault();
  };
  const key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? -KEY_PX : event.key === "ArrowDown" ? KEY_PX : 0;
    if (step === 0) return;
    event.preventDefault();
    onChange(roundedTo(area, valueOfY(area, y + step)));
  };
  return (
    <div
      className={`threshold-handle ${tone} ${held === null ? "" : "held"}`}
      style={{ top: y, left: area.left, width: area.width }}
    >
      <span
        role="slider"
        tabIndex={0}
        aria-label={hint}
        aria-orientation="vertical"
        aria-valuenow={shown}
        aria-valuemin={area.low}
        aria-valuemax={area.high}
        title={`${hint}: drag to change`}
        onPointerDown={down}
        onPointerMove={(event) => held !== null && setHeld(at(event))}
        onPointerUp={(event) => {
          if (held === null) return;
          const next = at(event);
          setHeld(null);
          if (next !== value) onChange(next);
        }}
        onPointerCancel={() => setHeld(null)}
        onKeyDown={key}
      >
        {shortNumber(shown)}
      </span>
    </div>
  );
}
