import { useQuery } from "@tanstack/react-query";
import { useMonitors } from "../api/monitors";
import { get } from "../api/client";
import { FieldInput } from "../rows/FieldInput";
import { Chips, NumberField, Select } from "./Fields";
import type { CheckForm, CompositeForm, Form, SloForm } from "./form";
import { windowText } from "./kinds";
import { StatusMark } from "./StatusMark";

export function CheckFields({ form, onChange }: { form: CheckForm; onChange: (form: Form) => void }) {
  const set = (part: Partial<CheckForm>) => onChange({ ...form, ...part });
  const synthetic = form.kind === "synthetic";
  return (
    <div className="editor-fields">
      {!synthetic && (
        <label className="field">
          <span>Check</span>
          <input
            value={form.check}
            placeholder="postgres.can_connect"
            spellCheck={false}
            onChange={(event) => set({ check: event.target.value })}
          />
        </label>
      )}
      <div className="sentence">
        {synthetic ? "Tests with" : "over"}
        <Chips
          label="Over"
          placeholder={synthetic ? "test_id:… (all)" : "tag:value (all)"}
          values={form.over.filter((each) => each !== "*")}
          onChange={(over) => set({ over: over.length > 0 ? over : ["*"] })}
        />
        but not
        <Chips label="Without" placeholder="tag:value" values={form.exclude} onChange={(exclude) => set({ exclude })} />
      </div>
      <div className="sentence">
        for each
        <Chips label="Group by" placeholder="host" values={form.by} onChange={(by) => set({ by })} />
      </div>
    </div>
  );
}

interface SloEntry {
  id: string;
  name: string;
}

const SPANS = ["7d", "30d", "90d"].map((each) => [each, each.replace("d", " days")] as const);
const LONG = ["1h", "2h", "6h", "12h", "1d", "3d"].map((each) => [each, windowText(each)] as const);
const SHORT = ["5m", "10m", "15m", "30m", "1h", "2h", "6h"].map((each) => [each, windowText(each)] as const);
/** Pairs that the SRE workbook made common: a fast burn pages, a slow one warns. */
const PAIRS: { label: string; long: string; short: string; threshold: number }[] = [
  { label: "fast: 2 % of a month’s budget in an hour", long: "1h", short: "5m", threshold: 14.4 },
  { label: "medium: 5 % in 6 hours", long: "6h", short: "30m", threshold: 6 },
  { label: "slow: 10 % in 3 days", long: "3d", short: "6h", threshold: 1 },
];

export function SloFields({ form, onChange }: { form: SloForm; onChange: (form: Form) => void }) {
  const set = (part: Partial<SloForm>) => onChange({ ...form, ...part });
  const slos = useQuery({
    queryKey: ["slos", "names"],
    queryFn: ({ signal }) => get<{ slos: SloEntry[] }>("/api/ui/slos", signal),
    staleTime: 30_000,
    retry: 1,
  });
  const options = (slos.data?.slos ?? []).map(({ id, name }) => [id, name] as const);
  return (
    <div className="editor-fields">
      <p className="sentence">
        The
        <Select
          label="Measure"
          value={form.measure}
          options={[
            ["burn_rate", "burn rate"],
            ["error_budget", "error budget used, in %,"],
          ]}
          onChange={(measure) =>
            set({ measure: measure as SloForm["measure"], threshold: measure === "burn_rate" ? 14.4 : 75 })
          }
        />
        of
        <Select
          label="SLO"
          value={form.id}
          options={[["", "choose an SLO"], ...options]}
          onChange={(id) => set({ id })}
        />
        over
        <Select label="Target window" value={form.over} options={SPANS} onChange={(over) => set({ over })} />
      </p>
      {form.measure === "burn_rate" && (
        <p className="sentence">
          in the last
          <Select label="Long window" value={form.long} options={LONG} onChange={(long) => set({ long })} />
          and in the last
          <Select label="Short window" value={form.short} options={SHORT} onChange={(short) => set({ short })} />
        </p>
      )}
      {form.measure === "burn_rate" && (
        <p className="sentence">
          {PAIRS.map(({ label, ...pair }) => (
            <button key={label} type="button" className="tag" onClick={() => set(pair)}>
              {label}
            </button>
          ))}
        </p>
      )}
      {slos.data && options.length === 0 && <p className="dim">There is no SLO yet: make one under SLOs first.</p>}
    </div>
  );
}

export function CompositeFields({ form, onChange }: { form: CompositeForm; onChange: (form: Form) => void }) {
  const monitors = useMonitors({ query: "", sort: "name,asc" }).data?.monitors ?? [];
  const named = [...new Set(form.expression.match(/\d+/g) ?? [])];
  const add = (id: string) => {
    const before = form.expression.trim();
    onChange({ ...form, expression: before === "" ? id : `${before} && ${id}` });
  };
  return (
    <div className="editor-fields">
      <input
        className="input mono"
        aria-label="Expression"
        placeholder="1234 && (5678 || !9012)"
        spellCheck={false}
        value={form.expression}
        onChange={(event) => onChange({ ...form, expression: event.target.value })}
      />
      <div className="sentence">
        Add
        <FieldInput
          key={form.expression}
          label="Add a monitor"
          placeholder="a monitor by name"
          options={monitors.map(({ id, name }) => ({ value: String(id), label: name, detail: String(id) }))}
          onPick={add}
        />
        <span className="dim">joined by &&, || and !, with brackets</span>
      </div>
      <ul className="composite-members" aria-label="Members">
        {named.map((id) => {
          const found = monitors.find((each) => String(each.id) === id);
          return (
            <li key={id}>
              <span className="mono">{id}</span>
              {found ? <StatusMark status={found.status} /> : null}
              <span className={found ? "" : "tone-bad"}>{found ? found.name : "no monitor has this id"}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** How many runs in a row make a status: of checks only. */
export function CheckRuns({
  form,
  thresholds,
  onForm,
  onThreshold,
}: {
  form: CheckForm;
  thresholds: Record<string, unknown>;
  onForm: (form: Form) => void;
  onThreshold: (name: "critical" | "warning" | "ok", value: number | null) => void;
}) {
  const count = (name: "critical" | "warning" | "ok", text: string) => (
    <p className="sentence">
      {text}
      <NumberField
        label={text}
        width={56}
        value={thresholds[name] === undefined ? null : Number(thresholds[name])}
        onChange={(value) => {
          onThreshold(name, value);
          // The runs that are looked at must hold the longest row, and one more.
          if (value !== null && value >= form.last) onForm({ ...form, last: value + 1 });
        }}
      />
      runs in a row
    </p>
  );
  return (
    <>
      {count("critical", "Alert after failing")}
      {count("warning", "Warn after warning")}
      {count("ok", "OK again after passing")}
    </>
  );
}
