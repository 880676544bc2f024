import type { SloStatus } from "../api/slos";
import { budgetText, budgetTone, STATUS_TEXT, STATUS_TONE } from "./figures";

export function SloBadge({ status }: { status: SloStatus }) {
  return <span className={`badge ${STATUS_TONE[status]}`}>{STATUS_TEXT[status]}</span>;
}

/** What is left of the error budget; overspent is an empty bar with its number. */
export function Budget({ left }: { left: number | null }) {
  if (left === null) return <span className="dim">–</span>;
  const shown = Math.min(100, Math.max(0, left));
  return (
    <span
      className="meter"
      role="meter"
      aria-label="Error budget left"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown)}
      aria-valuetext={budgetText(left)}
    >
      <span className="meter-track">
        <span className={`meter-fill budget ${budgetTone(left)}`} style={{ width: `${shown}%`, display: "block" }} />
      </span>
      <span className={`meter-text num tone-${budgetTone(left)}`}>{budgetText(left)}</span>
    </span>
  );
}
