import { TIMEFRAMES, type Timeframe } from "../api/slos";
import { Button, IconButton } from "../ui/Button";
import { budgetMs, durationText, TIMEFRAME_TEXT } from "./figures";
import { freeTimeframe, type TargetForm } from "./form";

interface Props {
  targets: TargetForm[];
  onChange: (targets: TargetForm[]) => void;
}

export function TargetFields({ targets, onChange }: Props) {
  const free = freeTimeframe(targets);
  const set = (index: number, part: Partial<TargetForm>) =>
    onChange(targets.map((old, at) => (at === index ? { ...old, ...part } : old)));
  return (
    <fieldset className="plain-set">
      <legend>Targets</legend>
      {targets.map(({ timeframe, target, warning }, index) => (
        <div key={timeframe} className="editor-row target-row">
          <label className="field small">
            <span>At least</span>
            <input
              inputMode="decimal"
              aria-label={`Target over ${TIMEFRAME_TEXT[timeframe]}, percent`}
              value={target}
              onChange={(event) => set(index, { target: event.target.value })}
            />
          </label>
          <span className="dim">% over</span>
          <label className="field small">
            <span>Window</span>
            <select value={timeframe} onChange={(event) => set(index, { timeframe: event.target.value as Timeframe })}>
              {TIMEFRAMES.filter(
                (each) => each === timeframe || !targets.some((other) => other.timeframe === each),
              ).map((each) => (
                <option key={each} value={each}>
                  {TIMEFRAME_TEXT[each]}
                </option>
              ))}
            </select>
          </label>
          <label className="field small">
            <span>Warning at, %</span>
            <input
              inputMode="decimal"
              placeholder="none"
              value={warning}
              onChange={(event) => set(index, { warning: event.target.value })}
            />
          </label>
          <span className="dim target-budget">{budgetOf(target, timeframe)}</span>
          {targets.length > 1 && (
            <IconButton
              icon="trash"
              label={`Remove the target over ${TIMEFRAME_TEXT[timeframe]}`}
              onClick={() => onChange(targets.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {free && (
        <div>
          <Button
            icon="plus"
            tone="quiet"
            onClick={() =>
              onChange([...targets, { timeframe: free, target: targets[0]?.target ?? "99.9", warning: "" }])
            }
          >
            Another window
          </Button>
        </div>
      )}
    </fieldset>
  );
}

function budgetOf(target: string, timeframe: Timeframe): string {
  const level = Number(target);
  if (target.trim() === "" || !(level > 0 && level < 100)) return "";
  return `budget ${durationText(budgetMs(level, timeframe))}`;
}
