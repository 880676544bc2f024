import { useState } from "react";
import type { QueryProblem } from "../api/query";
import { AGGREGATIONS, type Signal } from "../api/rows";
import { useFields } from "../dashboard/EditorRows";
import { FieldInput } from "../rows/FieldInput";
import { SearchInput } from "../rows/SearchInput";
import { aggregationLabel } from "../rows/view";
import { Chips, Select } from "./Fields";
import type { Form, RowsForm } from "./form";

const SIGNALS: Partial<Record<RowsForm["kind"], Signal>> = { logs: "logs", traces: "spans", events: "events" };

interface Props {
  form: RowsForm;
  problem: QueryProblem | null;
  onChange: (form: Form) => void;
}

/** The search, the figure of what it finds, and its groups. */
export function RowsFields({ form, problem, onChange }: Props) {
  const signal = SIGNALS[form.kind];
  return signal ? <Search {...{ form, problem, onChange, signal }} /> : <Processes form={form} onChange={onChange} />;
}

const COUNTED: Record<Signal, string> = { logs: "logs", spans: "spans", events: "events" };

function Search({ form, problem, onChange, signal }: Props & { signal: Signal }) {
  const fields = useFields(signal, "");
  const set = (part: Partial<RowsForm>) => onChange({ ...form, ...part });
  const [draft, setDraft] = useState(form.search);
  const options = fields.map(({ field, kind }) => ({ value: field, detail: kind }));
  const free = (text: string) => (/^@?[\w.$/-]+$/.test(text) ? text : null);
  const run = () => draft.trim() !== form.search && set({ search: draft.trim() });
  return (
    <div className="editor-fields">
      <div onBlur={run}>
        <SearchInput
          key={form.kind}
          signal={signal}
          label="Search of the monitor"
          value={form.search}
          hotkey={false}
          problem={problem}
          onDraft={setDraft}
          onSubmit={(search) => set({ search })}
        />
      </div>
      <div className="sentence">
        Watch
        <Select
          label="Figure"
          value={form.aggregation}
          options={AGGREGATIONS.map(
            (each) => [each, each === "count" ? `the count of ${COUNTED[signal]}` : aggregationLabel(each)] as const,
          )}
          onChange={(aggregation) => set({ aggregation, field: aggregation === "count" ? "" : form.field })}
        />
        {form.aggregation !== "count" && (
          <>
            of
            <Chips
              label="Figure of"
              placeholder="a field"
              values={form.field ? [form.field] : []}
              onChange={([field = ""]) => set({ field })}
            >
              {form.field === "" && (
                <FieldInput
                  label="Figure of"
                  placeholder="a field"
                  options={options}
                  free={free}
                  onPick={(field) => set({ field })}
                />
              )}
            </Chips>
          </>
        )}
        for each
        <Chips label="Group by" placeholder="any field" values={form.by} onChange={(by) => set({ by })}>
          <FieldInput
            key={form.by.length}
            label="Group by"
            placeholder={form.by.length > 0 ? "and …" : "any field, or none"}
            options={options}
            free={free}
            onPick={(field) => set({ by: [...form.by, field] })}
          />
        </Chips>
      </div>
      {form.kind === "logs" && form.indexes.join() !== "*" && (
        <p className="sentence dim">{`in the index ${form.indexes.join(", ")}`}</p>
      )}
    </div>
  );
}

function Processes({ form, onChange }: { form: RowsForm; onChange: (form: Form) => void }) {
  const set = (part: Partial<RowsForm>) => onChange({ ...form, ...part });
  return (
    <div className="editor-fields">
      <label className="field">
        <span>Words of the process’s name or command line</span>
        <input
          value={form.search}
          placeholder="nginx"
          spellCheck={false}
          onChange={(event) => set({ search: event.target.value })}
        />
      </label>
      <div className="sentence">
        on
        <Chips
          label="Scope"
          placeholder="host:…, service:… (all)"
          values={form.over}
          onChange={(over) => set({ over })}
        />
        for each
        <Chips label="Group by" placeholder="host, or none" values={form.by} onChange={(by) => set({ by })} />
      </div>
    </div>
  );
}
