import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { scrubRules, useDeleteScrub, useSaveScrub, type ScrubAnswer, type ScrubRule } from "../api/pipelines";
import type { Signal } from "../api/rows";
import { formatCount } from "../format/units";
import { SearchInput } from "../rows/SearchInput";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { Dialog } from "../ui/Dialog";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { Switch } from "../ui/Switch";
import { toast } from "../ui/toast";

const FRESH: ScrubRule = {
  name: "",
  pattern: "",
  signal: null,
  query: "",
  action: "redact",
  replacement: "[redacted]",
  enabled: true,
};
const ACTIONS: Record<ScrubRule["action"], string> = {
  redact: "replaced",
  hash: "hashed",
  drop_field: "field left out",
};
const complain = (error: unknown) => toast(error instanceof Error ? error.message : String(error), "bad");

/** What must not be kept is taken out before anything is written. */
export function ScrubTab() {
  const answer = useQuery(scrubRules);
  const [edited, setEdited] = useState<ScrubRule | null>(null);
  if (answer.isPending) return <SkeletonRows />;
  if (answer.isError)
    return <Failed error={answer.error} retry={() => void answer.refetch()} what="The rules cannot be read" />;
  const { rules, presets = [] } = answer.data;
  return (
    <div className="config-tab">
      <div className="config-head">
        <p className="dim grow">
          What a rule finds is taken out before a row is written: it reaches neither the disk nor any answer. Rows that
          are kept already stay as they are.
        </p>
        <Button icon="plus" onClick={() => setEdited(FRESH)}>
          Rule
        </Button>
      </div>
      {rules.length === 0 ? (
        <Empty title="Nothing is taken out yet">
          <p>Begin with what never belongs into a log:</p>
          <div className="start-list">
            {presets.map((preset) => (
              <button
                key={preset.name}
                type="button"
                className="tag"
                onClick={() => setEdited({ ...FRESH, name: preset.title, preset: preset.name })}
              >
                {preset.title}
              </button>
            ))}
          </div>
        </Empty>
      ) : (
        <Rules rules={rules} onEdit={setEdited} />
      )}
      {edited && <RuleDialog rule={edited} presets={presets} onClose={() => setEdited(null)} />}
    </div>
  );
}

function Rules({ rules, onEdit }: { rules: ScrubRule[]; onEdit: (rule: ScrubRule) => void }) {
  const save = useSaveScrub();
  const remove = useDeleteScrub();
  const [doomed, setDoomed] = useState<ScrubRule | null>(null);
  return (
    <table className="table plain config-table">
      <thead>
        <tr>
          <th scope="col">On</th>
          <th scope="col">Rule</th>
          <th scope="col">Finds</th>
          <th scope="col">In</th>
          <th scope="col">Is</th>
          <th scope="col" className="num">
            Found
          </th>
          <th scope="col" aria-label="Actions" />
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.id} className={rule.enabled ? "" : "off"}>
            <td>
              <Switch
                checked={rule.enabled}
                label={`${rule.name} is on`}
                onChange={(enabled) => save.mutate({ ...rule, enabled }, { onError: complain })}
              />
            </td>
            <td>
              <button type="button" className="link" onClick={() => onEdit(rule)}>
                {rule.name}
              </button>
            </td>
            <td className="mono clip">{rule.preset ? `preset ${rule.preset}` : rule.pattern}</td>
            <td>
              {rule.signal ?? "everything"} <span className="mono dim">{rule.query}</span>
            </td>
            <td>{ACTIONS[rule.action]}</td>
            <td className="num">{formatCount(rule.matches ?? 0)}</td>
            <td className="num">
              <IconButton icon="trash" label={`Delete ${rule.name}`} onClick={() => setDoomed(rule)} />
            </td>
          </tr>
        ))}
        <Confirm
          open={doomed !== null}
          title="Delete the rule"
          text={`From now on, what “${doomed?.name ?? ""}” finds is kept as it comes.`}
          action="Delete"
          busy={remove.isPending}
          onConfirm={() =>
            doomed?.id && remove.mutate(doomed.id, { onSuccess: () => setDoomed(null), onError: complain })
          }
          onClose={() => setDoomed(null)}
        />
      </tbody>
    </table>
  );
}

interface DialogProps {
  rule: ScrubRule;
  presets: NonNullable<ScrubAnswer["presets"]>;
  onClose: () => void;
}

function RuleDialog({ rule, presets, onClose }: DialogProps) {
  const [draft, setDraft] = useState(rule);
  const save = useSaveScrub();
  const set = (part: Partial<ScrubRule>) => setDraft((before) => ({ ...before, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(draft, { onSuccess: () => (toast("Rule saved: it works from now on"), onClose()) });
  };
  const preset = presets.find(({ name }) => name === draft.preset);
  return (
    <Dialog open onClose={onClose} title={rule.id ? "Edit the rule" : "A new rule"}>
      <form className="stack" onSubmit={submit}>
        <label className="field">
          <span>Name</span>
          <input autoFocus value={draft.name} onChange={(event) => set({ name: event.target.value })} />
        </label>
        <label className="field">
          <span>Finds</span>
          <select value={draft.preset ?? ""} onChange={(event) => set({ preset: event.target.value || null })}>
            <option value="">an expression of one’s own</option>
            {presets.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {preset ? (
          <pre className="row-message">{preset.pattern}</pre>
        ) : (
          <label className="field">
            <span>
              Regular expression <span className="hint">a group named secret is the part that goes</span>
            </span>
            <input
              className="mono"
              spellCheck={false}
              placeholder="token=(?P<secret>\w+)"
              value={draft.pattern}
              onChange={(event) => set({ pattern: event.target.value })}
            />
          </label>
        )}
        <div className="editor-row">
          <label className="field small">
            <span>In</span>
            <select
              value={draft.signal ?? ""}
              onChange={(event) => set({ signal: (event.target.value || null) as Signal | null })}
            >
              <option value="">everything</option>
              <option>logs</option>
              <option>spans</option>
              <option>events</option>
            </select>
          </label>
          <label className="field small">
            <span>What is found is</span>
            <select
              value={draft.action}
              onChange={(event) => set({ action: event.target.value as ScrubRule["action"] })}
            >
              {Object.entries(ACTIONS).map(([action, label]) => (
                <option key={action} value={action}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          {draft.action === "redact" && (
            <label className="field grow">
              <span>By</span>
              <input
                className="mono"
                value={draft.replacement}
                onChange={(event) => set({ replacement: event.target.value })}
              />
            </label>
          )}
        </div>
        <div className="field">
          <span>Only in rows that match</span>
          <SearchInput
            signal={draft.signal ?? "logs"}
            label="Filter of the rule"
            hint="Every row; or service:payments …"
            value={draft.query}
            hotkey={false}
            onSubmit={(query) => set({ query })}
            onDraft={(query) => set({ query })}
          />
        </div>
        {save.isError && (
          <p className="form-error" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={draft.name.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
