import { RuleFields } from "../downtimes/RuleFields";
import { localText, OWN_ZONE } from "../downtimes/zone";
import { NumberField, ZoneSelect } from "./Fields";
import { given, type OptionsProps } from "./optionParts";
import { firstSchedule, scheduleOf, withSchedule, type Schedule } from "./schedule";
import { numberOf } from "./thresholds";

/** When it is evaluated, and how it waits for data that comes late. */
export function TimingOptions({ options, form, set }: OptionsProps) {
  const schedule = scheduleOf(options);
  const to = (next: Schedule | null) => set({ scheduling_options: withSchedule(options, next) });
  return (
    <>
      <div className="sentence" role="group" aria-label="When it is evaluated">
        Evaluated
        <span className="segments">
          <button type="button" aria-pressed={schedule === null} onClick={() => to(null)}>
            all the time
          </button>
          <button
            type="button"
            aria-pressed={schedule !== null}
            onClick={() => schedule ?? to(firstSchedule(localText(Date.now(), OWN_ZONE), OWN_ZONE))}
          >
            at set times
          </button>
        </span>
      </div>
      {schedule && <Times schedule={schedule} onChange={to} />}
      <p className="sentence">
        Evaluate
        <NumberField
          label="Evaluation delay in seconds"
          width={64}
          value={numberOf(options.evaluation_delay)}
          placeholder="0"
          onChange={(value) => set({ evaluation_delay: given(value) })}
        />
        s late; a new group waits
        <NumberField
          label="New group delay in seconds"
          width={64}
          value={numberOf(options.new_group_delay) ?? numberOf(options.new_host_delay)}
          placeholder="0"
          onChange={(value) => set({ new_group_delay: given(value), new_host_delay: undefined })}
        />
        s
      </p>
      {form?.kind === "synthetic" && (
        <p className="sentence">
          Only when it has failed for
          <NumberField
            label="Failing for seconds"
            width={64}
            value={numberOf(options.min_failure_duration)}
            placeholder="0"
            onChange={(value) => set({ min_failure_duration: given(value) })}
          />
          s, at
          <NumberField
            label="Failing at places"
            width={56}
            value={numberOf(options.min_location_failed)}
            placeholder="1"
            onChange={(value) => set({ min_location_failed: given(value) })}
          />
          places or more
        </p>
      )}
      <label className="tick">
        <input
          type="checkbox"
          checked={options.require_full_window === true}
          onChange={({ target }) => set({ require_full_window: target.checked })}
        />
        Evaluate only when the whole window has data
      </label>
    </>
  );
}

function Times({ schedule, onChange }: { schedule: Schedule; onChange: (schedule: Schedule) => void }) {
  const { rule, ruleText, start, zone, others } = schedule;
  return (
    <div className="option-inset">
      <RuleFields rule={rule} ruleText={ruleText} onChange={(part) => onChange({ ...schedule, ...part })} />
      <div className="editor-row">
        <label className="field">
          <span>First at {start === "" && <span className="hint">the rule says the hours</span>}</span>
          <input
            type="datetime-local"
            value={start}
            onChange={(event) => onChange({ ...schedule, start: event.target.value })}
          />
        </label>
        <ZoneSelect value={zone} onChange={(next) => onChange({ ...schedule, zone: next })} />
      </div>
      {others > 0 && (
        <p className="dim">
          {others === 1 ? "One more rule is" : `${others} more rules are`} kept as they are; JSON shows them.
        </p>
      )}
      <p className="dim">Between these times its state stays as it is, also when data comes.</p>
    </div>
  );
}
