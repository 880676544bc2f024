import { useState } from "react";
import type { QueryProblem } from "../api/query";
import { QueryInput } from "../editor/QueryInput";
import { NumberField, Select } from "./Fields";
import type { AnomalyForm, ChangeForm, ForecastForm, Form, OutlierForm } from "./form";
import { WINDOWS } from "./kinds";

type MetricForm = Extract<Form, { timeAgg: string }>;

interface Props {
  form: MetricForm;
  problem: QueryProblem | null;
  onChange: (form: Form) => void;
}

/** The metric query with its completion, and what the kind does with it. */
export function MetricFields({ form, problem, onChange }: Props) {
  return (
    <div className="editor-fields">
      <MetricQuery
        key={form.kind}
        value={form.query}
        problem={problem}
        onChange={(query) => onChange({ ...form, query })}
      />
      {form.kind === "change" && <Change form={form} onChange={onChange} />}
      {form.kind === "anomaly" && <Anomaly form={form} onChange={onChange} />}
      {form.kind === "outlier" && <Outlier form={form} onChange={onChange} />}
      {form.kind === "forecast" && <Forecast form={form} onChange={onChange} />}
    </div>
  );
}

/** The preview follows on Enter, and when the field is left: half a query is no query. */
function MetricQuery({
  value,
  problem,
  onChange,
}: {
  value: string;
  problem: QueryProblem | null;
  onChange: (query: string) => void;
}) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  const run = () => text !== value && onChange(text.trim());
  return (
    <div onBlur={run}>
      <QueryInput
        label="Metric query"
        value={text}
        problem={text === value ? problem : null}
        autoFocus={value === ""}
        onChange={setText}
        onSubmit={run}
      />
    </div>
  );
}

const AGO = WINDOWS.filter(([value]) => !["1m", "2d", "1mo"].includes(value)).map(
  ([value, text]) => [`last_${value}`, text] as const,
);

function Change({ form, onChange }: { form: ChangeForm; onChange: (form: Form) => void }) {
  return (
    <p className="sentence">
      The
      <Select
        label="Kind of change"
        value={form.relative ? "pct" : "abs"}
        options={[
          ["pct", "% change"],
          ["abs", "change"],
        ]}
        onChange={(value) => onChange({ ...form, relative: value === "pct" })}
      />
      against
      <Select label="Compared to" value={form.shift} options={AGO} onChange={(shift) => onChange({ ...form, shift })} />
      before
    </p>
  );
}

const SEASONS = [
  ["hourly", "hourly"],
  ["daily", "daily"],
  ["weekly", "weekly"],
] as const;

function Anomaly({ form, onChange }: { form: AnomalyForm; onChange: (form: Form) => void }) {
  const set = (part: Partial<AnomalyForm>) => onChange({ ...form, ...part });
  return (
    <>
      <p className="sentence">
        Expected by
        <Select
          label="Algorithm"
          value={form.algorithm}
          options={[
            ["basic", "basic: no season"],
            ["agile", "agile: follows a new level"],
            ["robust", "robust: stays put on a new level"],
          ]}
          onChange={(algorithm) => set({ algorithm })}
        />
        within
        <NumberField
          label="Bounds"
          value={form.bounds}
          width={56}
          onChange={(bounds) => set({ bounds: bounds ?? 2 })}
        />
        deviations,
        <Select
          label="Direction"
          value={form.direction}
          options={[
            ["both", "above or below"],
            ["above", "above"],
            ["below", "below"],
          ]}
          onChange={(direction) => set({ direction })}
        />
      </p>
      {form.algorithm !== "basic" && (
        <p className="sentence">
          with a
          <Select
            label="Season"
            value={form.seasonality}
            options={[["", "no"], ...SEASONS]}
            onChange={(seasonality) => set({ seasonality })}
          />
          season (it needs three of them)
        </p>
      )}
    </>
  );
}

function Outlier({ form, onChange }: { form: OutlierForm; onChange: (form: Form) => void }) {
  const set = (part: Partial<OutlierForm>) => onChange({ ...form, ...part });
  const mad = form.algorithm.endsWith("MAD");
  return (
    <p className="sentence">
      Apart from the others by
      <Select
        label="Algorithm"
        value={form.algorithm}
        options={["DBSCAN", "scaledDBSCAN", "MAD", "scaledMAD"].map((each) => [each, each] as const)}
        onChange={(algorithm) => set({ algorithm, pct: algorithm.endsWith("MAD") ? (form.pct ?? 20) : null })}
      />
      with a tolerance of
      <NumberField
        label="Tolerance"
        value={form.tolerance}
        width={56}
        onChange={(value) => set({ tolerance: value ?? 3 })}
      />
      {mad && (
        <>
          in
          <NumberField label="Percent of points" value={form.pct} width={56} onChange={(pct) => set({ pct })} />% of its
          points
        </>
      )}
    </p>
  );
}

function Forecast({ form, onChange }: { form: ForecastForm; onChange: (form: Form) => void }) {
  const set = (part: Partial<ForecastForm>) => onChange({ ...form, ...part });
  const linear = form.algorithm === "linear";
  return (
    <p className="sentence">
      Foretold
      <Select
        label="Algorithm"
        value={form.algorithm}
        options={[
          ["linear", "by a line"],
          ["seasonal", "by its seasons"],
        ]}
        onChange={(algorithm) =>
          set({ algorithm, seasonality: algorithm === "seasonal" ? form.seasonality || "weekly" : "" })
        }
      />
      {linear ? (
        <Select
          label="Model"
          value={form.model || "default"}
          options={[
            ["default", "that follows well"],
            ["simple", "over all of the past"],
            ["reactive", "that follows at once"],
          ]}
          onChange={(model) => set({ model })}
        />
      ) : (
        <Select
          label="Season"
          value={form.seasonality}
          options={SEASONS}
          onChange={(seasonality) => set({ seasonality })}
        />
      )}
      with
      <NumberField
        label="Deviations"
        value={form.deviations}
        width={56}
        onChange={(value) => set({ deviations: value ?? 1 })}
      />
      deviations
    </p>
  );
}
