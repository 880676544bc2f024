import type { Comparator } from "../api/slos";
import { useMonitors } from "../api/monitors";
import { MonitorPicker } from "../downtimes/MonitorPicker";
import { QueryInput } from "../editor/QueryInput";
import { StatusDot } from "../notify/StatusDot";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import type { SloForm } from "./form";

interface Props {
  form: SloForm;
  onChange: (part: Partial<SloForm>) => void;
}

/** The preview follows the letters: Enter has nothing to add. */
const SUBMIT = () => undefined;

export function CountedFields({ form, onChange }: Props) {
  return (
    <fieldset className="plain-set">
      <legend>What counts</legend>
      {form.type === "metric" && <Ratio form={form} onChange={onChange} />}
      {form.type === "monitor" && <Monitors form={form} onChange={onChange} />}
      {form.type === "time_slice" && <Slice form={form} onChange={onChange} />}
    </fieldset>
  );
}

function Ratio({ form, onChange }: Props) {
  return (
    <>
      <div className="field">
        <span>Good events</span>
        <QueryInput
          label="Good events"
          value={form.numerator}
          onChange={(numerator) => onChange({ numerator })}
          onSubmit={SUBMIT}
        />
      </div>
      <div className="field">
        <span>All events</span>
        <QueryInput
          label="All events"
          value={form.denominator}
          onChange={(denominator) => onChange({ denominator })}
          onSubmit={SUBMIT}
        />
      </div>
      <p className="dim hint">
        Counts, for example sum:shop.requests{"{status:ok}"}.as_count(); with “by” each group is told apart.
      </p>
    </>
  );
}

function Monitors({ form, onChange }: Props) {
  const { data } = useMonitors({ query: "", sort: "name" });
  const known = new Map((data?.monitors ?? []).map((monitor) => [monitor.id, monitor]));
  return (
    <>
      <span className="handles">
        {form.monitorIds.map((id) => {
          const monitor = known.get(id);
          return (
            <span key={id} className="chip">
              {monitor && <StatusDot status={monitor.status} />}
              {monitor?.name ?? `Monitor ${id}`}
              <button
                type="button"
                aria-label={`Remove ${monitor?.name ?? id}`}
                onClick={() => onChange({ monitorIds: form.monitorIds.filter((each) => each !== id) })}
              >
                <Icon name="close" size={11} />
              </button>
            </span>
          );
        })}
      </span>
      <MonitorPicker
        key={form.monitorIds.length}
        value={null}
        onPick={(id) =>
          id !== null && !form.monitorIds.includes(id) && onChange({ monitorIds: [...form.monitorIds, id] })
        }
      />
      {form.monitorIds.length === 1 && (
        <label className="field">
          <span>
            Only these groups, one a line <span className="hint">none: all of them</span>
          </span>
          <textarea
            rows={2}
            value={form.groups}
            placeholder="env:prod,host:web-1"
            onChange={(event) => onChange({ groups: event.target.value })}
          />
        </label>
      )}
    </>
  );
}

function Slice({ form, onChange }: Props) {
  const { queries, foreign } = form;
  const setQuery = (index: number, query: string) =>
    onChange({ queries: queries.map((old, at) => (at === index ? { ...old, query } : old)) });
  return (
    <>
      {foreign && <p className="dim">Its query is not one of metrics alone: it is kept as it is.</p>}
      {!foreign &&
        queries.map(({ name, query }, index) => (
          <div key={name} className="editor-row">
            <span className="query-name">{name.replace(/^query/, "")}</span>
            <div className="grow">
              <QueryInput
                label={`Query ${name}`}
                value={query}
                onChange={(text) => setQuery(index, text)}
                onSubmit={SUBMIT}
              />
            </div>
            {queries.length > 1 && (
              <IconButton
                icon="trash"
                label={`Remove ${name}`}
                onClick={() => onChange({ queries: queries.filter((_, at) => at !== index) })}
              />
            )}
          </div>
        ))}
      {!foreign && (
        <div className="editor-row">
          <Button
            icon="plus"
            tone="quiet"
            onClick={() => onChange({ queries: [...queries, { name: `query${queries.length + 1}`, query: "" }] })}
          >
            Another query
          </Button>
          {queries.length > 1 && (
            <label className="field">
              <span>Formula</span>
              <input
                className="mono"
                value={form.formula}
                onChange={(event) => onChange({ formula: event.target.value })}
              />
            </label>
          )}
        </div>
      )}
      <div className="editor-row">
        <label className="field small">
          <span>Good while it is</span>
          <select
            value={form.comparator}
            onChange={(event) => onChange({ comparator: event.target.value as Comparator })}
          >
            {["<", "<=", ">", ">="].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label className="field small">
          <span>Threshold</span>
          <input
            inputMode="decimal"
            value={form.threshold}
            onChange={(event) => onChange({ threshold: event.target.value })}
          />
        </label>
        <label className="field small">
          <span>A slice is</span>
          <select
            value={form.interval}
            onChange={(event) => onChange({ interval: Number(event.target.value) as 60 | 300 })}
          >
            <option value={60}>1 minute</option>
            <option value={300}>5 minutes</option>
          </select>
        </label>
      </div>
    </>
  );
}
