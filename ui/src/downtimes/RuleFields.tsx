import { DAYS, dayName, readRule, UNIT_NAMES, writeRule, type Frequency, type Rule } from "./rrule";

interface Props {
  rule: Rule;
  /** A rule as text: null where the fields hold it. */
  ruleText: string | null;
  onChange: (part: { rule?: Rule; ruleText?: string | null }) => void;
}

const FREQUENCIES: readonly Frequency[] = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY"];

/** How often something comes again: a number of hours, days, weeks or months; any other rule as its text. */
export function RuleFields({ rule, ruleText, onChange }: Props) {
  if (ruleText !== null) return <AsText text={ruleText} onChange={onChange} />;
  const set = (part: Partial<Rule>) => onChange({ rule: { ...rule, ...part } });
  return (
    <div className="editor-row">
      <label className="field tiny">
        <span>Every</span>
        <input
          type="number"
          min={1}
          max={99}
          value={rule.interval}
          onChange={(event) => set({ interval: Math.max(1, Math.floor(Number(event.target.value)) || 1) })}
        />
      </label>
      <label className="field small">
        <span className="only-read">Unit</span>
        <select
          aria-label="Unit of the interval"
          value={rule.frequency}
          onChange={(event) => set({ frequency: event.target.value as Frequency })}
        >
          {FREQUENCIES.map((each) => (
            <option key={each} value={each}>
              {UNIT_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      {rule.frequency === "WEEKLY" && (
        <div className="segments days" role="group" aria-label="Days of the week">
          {DAYS.map((day) => {
            const on = rule.days.includes(day);
            const days = on ? rule.days.filter((each) => each !== day) : [...rule.days, day];
            return (
              <button key={day} type="button" aria-pressed={on} onClick={() => set({ days })}>
                {dayName(day)}
              </button>
            );
          })}
        </div>
      )}
      <button type="button" className="link as-rule" onClick={() => onChange({ ruleText: writeRule(rule) })}>
        as a rule
      </button>
    </div>
  );
}

function AsText({ text, onChange }: { text: string; onChange: Props["onChange"] }) {
  const fields = readRule(text);
  return (
    <div className="editor-row">
      <label className="field grow">
        <span>Rule (RFC 5545)</span>
        <input
          className="mono"
          value={text}
          spellCheck={false}
          placeholder="FREQ=MONTHLY;BYDAY=1SU"
          onChange={(event) => onChange({ ruleText: event.target.value })}
        />
      </label>
      {fields && (
        <button type="button" className="link as-rule" onClick={() => onChange({ rule: fields, ruleText: null })}>
          as fields
        </button>
      )}
    </div>
  );
}
