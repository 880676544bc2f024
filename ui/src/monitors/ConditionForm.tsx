import type { FieldProblem } from "../api/monitorDraft";
import type { MonitorOptions } from "../api/monitorModel";
import { CurrentWindow } from "./CurrentWindow";
import { CheckRuns } from "./OtherFields";
import { withOptions, withThreshold } from "./edit";
import { NumberField, Part, Problems, Select } from "./Fields";
import { isJudged, isMetric, isRows, TIME_AGGREGATIONS, type Comparator, type Form } from "./form";
import { COMPARATOR_WORDS, CURRENT, WINDOWS } from "./kinds";
import { numberOf, THRESHOLDS, type ThresholdName } from "./thresholds";
import type { Editor } from "./useEditor";

interface Props {
  editor: Editor;
  problems: FieldProblem[];
}

const past = WINDOWS.map(([value, text]) => [`last_${value}`, `last ${text}`] as const);
const current = CURRENT.map(([value, text]) => [value, text] as const);
const last = WINDOWS.map(([value, text]) => [`last_${value}`, text] as const);
const next = WINDOWS.map(([value, text]) => [`next_${value}`, `next ${text}`] as const);
const rowWindows = [
  ...WINDOWS.filter(([each]) => each !== "1w" && each !== "1mo").map(([each, text]) => [each, `last ${text}`] as const),
  ...current,
];

/** When it tells: the window, the comparison, and the thresholds, as one sentence. */
export function ConditionForm({ editor, problems }: Props) {
  const { monitor, form } = editor;
  const thresholds = monitor.options.thresholds ?? {};
  if (form?.kind === "composite") return null;
  return (
    <Part step={3} title="When to alert">
      {form && (form.kind === "check" || form.kind === "synthetic") && (
        <CheckRuns
          form={form}
          thresholds={thresholds}
          onForm={editor.setForm}
          onThreshold={(name, value) => editor.set(withThreshold(monitor, name, value))}
        />
      )}
      {form && isJudged(form) && <Window form={form} editor={editor} />}
      {(!form || isJudged(form)) && (
        <div className="threshold-rows">
          {THRESHOLDS.map(({ name }) => (
            <Row key={name} name={name} editor={editor} comparator={form && isJudged(form) ? form.comparator : ">"} />
          ))}
        </div>
      )}
      <Problems problems={problems} />
    </Part>
  );
}

const set = (form: Form, part: object) => ({ ...form, ...part }) as Form;

function Window({ form, editor }: { form: Extract<Form, { comparator: Comparator }>; editor: Editor }) {
  const change = (part: object) => editor.setForm(set(form, part));
  const { options } = editor.monitor;
  const setOptions = (part: Partial<MonitorOptions>) => editor.set(withOptions(editor.monitor, part));
  const comparator = (
    <Select
      label="Comparator"
      value={form.comparator}
      options={Object.entries(COMPARATOR_WORDS)}
      onChange={(each) => change({ comparator: each })}
    />
  );
  if (form.kind === "slo") return <p className="sentence">Alert when it is {comparator}</p>;
  if (isRows(form))
    return (
      <>
        <p className="sentence">
          Alert when the figure of the
          <Select label="Window" value={form.window} options={rowWindows} onChange={(window) => change({ window })} />
          is {comparator}
        </p>
        <CurrentWindow window={form.window} options={options} set={setOptions} />
      </>
    );
  if (!isMetric(form)) return null;
  const ahead = form.kind === "forecast";
  if (form.kind === "anomaly") return <AnomalyWindow form={form} editor={editor} />;
  return (
    <>
      <p className="sentence">
        Alert when the
        <Select
          label="Over the window"
          value={form.timeAgg}
          options={TIME_AGGREGATIONS.map((each) => [each, AGGREGATED[each]] as const)}
          onChange={(timeAgg) => change({ timeAgg })}
        />
        of the
        <Select
          label="Window"
          value={form.window}
          options={ahead ? next : form.kind === "threshold" ? [...past, ...current] : past}
          onChange={(window) => change({ window })}
        />
        is {comparator}
      </p>
      <CurrentWindow window={form.window} options={options} set={setOptions} />
    </>
  );
}

const AGGREGATED = { avg: "average", max: "maximum", min: "minimum", sum: "sum" };

/** Of anomalies the threshold is a share of points: 1 means all of them. */
function AnomalyWindow({ form, editor }: { form: Extract<Form, { kind: "anomaly" }>; editor: Editor }) {
  const { monitor } = editor;
  const windows = monitor.options.threshold_windows ?? {};
  const recovery = windows.recovery_window ?? form.alertWindow;
  return (
    <>
      <p className="sentence">
        Alert when this share of the last
        <Select
          label="Trigger window"
          value={form.alertWindow || "last_15m"}
          options={last}
          onChange={(alertWindow) => editor.setForm({ ...form, alertWindow })}
        />
        lies outside of the band
      </p>
      <p className="sentence">
        and recover by the last
        <Select
          label="Recovery window"
          value={recovery || "last_15m"}
          options={last}
          onChange={(recovery_window) =>
            editor.set(withOptions(monitor, { threshold_windows: { ...windows, recovery_window } }))
          }
        />
      </p>
    </>
  );
}

const TITLES: Record<ThresholdName, string> = {
  critical: "Alert",
  warning: "Warn",
  critical_recovery: "Alert is over",
  warning_recovery: "Warn is over",
};

function Row({ name, editor, comparator }: { name: ThresholdName; editor: Editor; comparator: string }) {
  const value = numberOf(editor.monitor.options.thresholds?.[name]);
  const recovery = name.endsWith("recovery");
  const sign = recovery ? (comparator.startsWith("<") ? "> " : "< ") : `${comparator} `;
  return (
    <label className={`threshold-row ${name}`}>
      <span>{TITLES[name]}</span>
      <span className="mono dim">{sign}</span>
      <NumberField
        label={`${TITLES[name]} threshold`}
        value={value}
        placeholder={name === "critical" ? "" : recovery ? "at once" : "none"}
        onChange={(next) => editor.setThreshold(name, next)}
      />
    </label>
  );
}
