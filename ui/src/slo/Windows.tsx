import type { SloWindow } from "../api/slos";
import { budgetMs, burnText, durationText, sliText, STATUS_TONE, TIMEFRAME_TEXT } from "./figures";
import { Budget, SloBadge } from "./Parts";

/** A burn of 1 spends the budget exactly by the window's end. */
const burnTone = (rate: number | null) => (rate === null || rate <= 1 ? "" : rate >= 6 ? "bad" : "warn");

export function WindowCards({ windows }: { windows: SloWindow[] }) {
  return (
    <div className="slo-windows">
      {windows.map((window) => (
        <WindowCard key={window.timeframe} window={window} />
      ))}
    </div>
  );
}

function WindowCard({ window }: { window: SloWindow }) {
  const { timeframe, target, warning, sli, status, error_budget_remaining: left, burn } = window;
  const leftMs = left === null ? null : (budgetMs(target, timeframe) * left) / 100;
  return (
    <section className={`card slo-window ${STATUS_TONE[status]}`} aria-label={`Over ${TIMEFRAME_TEXT[timeframe]}`}>
      <div className="card-head">
        <h2 className="grow">Over {TIMEFRAME_TEXT[timeframe]}</h2>
        <SloBadge status={status} />
      </div>
      <p className="slo-level">
        <b>{sliText(sli, target)}</b>
        <span className="dim">
          of {target} %{warning !== null && `, warning at ${warning} %`}
        </span>
      </p>
      <div className="slo-budget">
        <span className="dim">Budget left</span>
        <Budget left={left} />
      </div>
      <p className="dim slo-budget-time">
        {leftMs === null && "No data, no budget spent."}
        {leftMs !== null &&
          leftMs > 0 &&
          `${durationText(leftMs)} of ${durationText(budgetMs(target, timeframe))} may still go wrong.`}
        {leftMs !== null && leftMs <= 0 && `Overspent by ${durationText(-leftMs)}.`}
      </p>
      {burn.length > 0 && (
        <dl className="burns" aria-label="Burn rates">
          {burn.map(({ window: over, rate }) => (
            <div key={over}>
              <dt>{over}</dt>
              <dd className={`num tone-${burnTone(rate)}`}>{burnText(rate)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
