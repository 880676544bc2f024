import type { DowntimeForm } from "./form";
import { RuleFields } from "./RuleFields";
import { afterNow, zones } from "./zone";

interface Props {
  form: DowntimeForm;
  onChange: (part: Partial<DowntimeForm>) => void;
}

const HOUR = 3_600_000;
const LENGTHS: [string, number][] = [
  ["1 hour", HOUR],
  ["4 hours", 4 * HOUR],
  ["1 day", 24 * HOUR],
  ["1 week", 168 * HOUR],
];

export function ScheduleFields({ form, onChange }: Props) {
  return (
    <fieldset className="plain-set">
      <legend>When</legend>
      <div className="editor-row">
        <div className="segments" role="group" aria-label="How often">
          <button type="button" aria-pressed={!form.recurring} onClick={() => onChange({ recurring: false })}>
            Once
          </button>
          <button type="button" aria-pressed={form.recurring} onClick={() => onChange({ recurring: true })}>
            Again and again
          </button>
        </div>
        <select
          className="input zone"
          aria-label="Time zone"
          value={form.zone}
          onChange={(event) => onChange({ zone: event.target.value })}
        >
          {zones().map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
      </div>
      {form.recurring ? <Recurring form={form} onChange={onChange} /> : <Once form={form} onChange={onChange} />}
    </fieldset>
  );
}

function Once({ form, onChange }: Props) {
  const until = (ms: number) => onChange({ end: afterNow(ms, form.zone), start: "" });
  return (
    <>
      <div className="editor-row">
        <label className="field">
          <span>From {form.start === "" && <span className="hint">now</span>}</span>
          <input
            type="datetime-local"
            value={form.start}
            onChange={(event) => onChange({ start: event.target.value })}
          />
        </label>
        <label className="field">
          <span>To {form.end === "" && <span className="hint">until it is canceled</span>}</span>
          <input type="datetime-local" value={form.end} onChange={(event) => onChange({ end: event.target.value })} />
        </label>
      </div>
      <div className="editor-row lengths">
        <span className="dim">From now for</span>
        {LENGTHS.map(([label, ms]) => (
          <button key={label} type="button" className="tag" onClick={() => until(ms)}>
            {label}
          </button>
        ))}
        <button type="button" className="tag" onClick={() => onChange({ start: "", end: "" })}>
          no end
        </button>
      </div>
    </>
  );
}

function Recurring({ form, onChange }: Props) {
  return (
    <>
      <RuleFields rule={form.rule} ruleText={form.ruleText} onChange={onChange} />
      <div className="editor-row">
        <label className="field">
          <span>First on {form.start === "" && <span className="hint">as soon as the rule says</span>}</span>
          <input
            type="datetime-local"
            value={form.start}
            onChange={(event) => onChange({ start: event.target.value })}
          />
        </label>
        <label className="field small">
          <span>Each lasts</span>
          <input
            value={form.duration}
            placeholder="30m, 2h, 1d"
            onChange={(event) => onChange({ duration: event.target.value })}
          />
        </label>
      </div>
    </>
  );
}
