import { useState, type FormEvent } from "react";
import { useSaveRowMetric, type MetricSource, type RowMetric } from "../api/pipelines";
import { useFields } from "../dashboard/EditorRows";
import { FieldInput } from "../rows/FieldInput";
import { SearchInput } from "../rows/SearchInput";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";

interface Props {
  source: MetricSource;
  metric: RowMetric;
  isNew: boolean;
  onClose: () => void;
}

/** Tags of a metric are short names: `@http.status_code` becomes `status_code`. */
const tagName = (path: string) => path.replace(/^@/, "").split(".").pop() ?? path;

export function MetricDialog({ source, metric, isNew, onClose }: Props) {
  const [draft, setDraft] = useState(metric);
  const save = useSaveRowMetric(source);
  const fields = useFields(source, "");
  const { compute, filter, group_by } = draft.attributes;
  const set = (part: Partial<RowMetric["attributes"]>) =>
    setDraft((before) => ({ ...before, attributes: { ...before.attributes, ...part } }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ metric: draft, isNew }, { onSuccess: () => (toast("Saved: it counts from now on"), onClose()) });
  };
  const options = fields.map(({ field, kind }) => ({ value: field, detail: kind }));
  const measures = compute.aggregation_type === "distribution";
  return (
    <Dialog open onClose={onClose} title={isNew ? `A metric from ${source}` : draft.id}>
      <form className="stack" onSubmit={submit}>
        <label className="field">
          <span>Name of the metric</span>
          <input
            className="mono"
            autoFocus={isNew}
            disabled={!isNew}
            placeholder="shop.payments.declined"
            value={draft.id}
            onChange={(event) => setDraft({ ...draft, id: event.target.value })}
          />
        </label>
        <div className="field">
          <span>{`Of ${source} that match`}</span>
          <SearchInput
            signal={source}
            label="Filter of the metric"
            hint="Every row; or status:error service:payments …"
            value={filter.query === "*" ? "" : filter.query}
            hotkey={false}
            onSubmit={(query) => set({ filter: { query } })}
            onDraft={(query) => set({ filter: { query } })}
          />
        </div>
        <div className="editor-row">
          <label className="field small">
            <span>It is</span>
            <select
              disabled={!isNew}
              value={compute.aggregation_type}
              onChange={(event) =>
                set({
                  compute:
                    event.target.value === "count"
                      ? { aggregation_type: "count" }
                      : { aggregation_type: "distribution", path: "", include_percentiles: true },
                })
              }
            >
              <option value="count">a count</option>
              <option value="distribution">a distribution</option>
            </select>
          </label>
          {measures && compute.path && (
            <Chip text={compute.path} onRemove={isNew ? () => set({ compute: { ...compute, path: "" } }) : undefined} />
          )}
          {measures && !compute.path && (
            <FieldInput
              label="Distribution of"
              placeholder="of which number?"
              options={options.filter(({ detail }) => detail === "number")}
              free={(text) => text || null}
              onPick={(path) => set({ compute: { ...compute, path } })}
            />
          )}
        </div>
        <div className="field">
          <span>Tags, each value a series of its own</span>
          <div className="editor-row">
            {group_by.map(({ path, tag_name }) => (
              <Chip
                key={path}
                text={tag_name && tag_name !== path ? `${path} as ${tag_name}` : path}
                onRemove={() => set({ group_by: group_by.filter((each) => each.path !== path) })}
              />
            ))}
            <FieldInput
              key={group_by.length}
              label="Add a tag"
              placeholder="add a field"
              options={options}
              free={(text) => text || null}
              onPick={(path) => set({ group_by: [...group_by, { path, tag_name: tagName(path) }] })}
            />
          </div>
        </div>
        {save.isError && (
          <p className="form-error" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            tone="primary"
            busy={save.isPending}
            disabled={draft.id.trim() === "" || (measures && !compute.path)}
          >
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove?: () => void }) {
  return (
    <span className="chip mono">
      {text}
      {onRemove && (
        <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
          <Icon name="close" size={11} />
        </button>
      )}
    </span>
  );
}
