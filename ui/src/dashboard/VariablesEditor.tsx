import { useState } from "react";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { TemplateVariable } from "./model";
import { defaultsOf } from "./variables";

interface Props {
  variables: TemplateVariable[];
  onSave: (variables: TemplateVariable[]) => void;
  onClose: () => void;
}

export function VariablesEditor({ variables, onSave, onClose }: Props) {
  const [draft, setDraft] = useState(variables);
  const set = (index: number, part: Partial<TemplateVariable>) =>
    setDraft(draft.map((old, at) => (at === index ? { ...old, ...part } : old)));
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="primary" disabled={draft.some(({ name }) => !/^[\w-]+$/.test(name))} onClick={() => onSave(draft)}>
        Apply
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title="Template variables" footer={footer}>
      <div className="stack">
        <p className="dim">
          In a query, <code>$name</code> stands for <code>tag:value</code>, <code>$name.value</code> for the value
          alone.
        </p>
        {draft.map((variable, index) => (
          <div key={index} className="editor-row">
            <input
              className="input"
              aria-label="Name"
              placeholder="Name"
              value={variable.name}
              onChange={(event) => set(index, { name: event.target.value })}
            />
            <input
              className="input"
              aria-label="Tag"
              placeholder="Tag, for example host"
              value={variable.prefix ?? ""}
              onChange={(event) => set(index, { prefix: event.target.value || null })}
            />
            <input
              className="input"
              aria-label="Default"
              placeholder="Default"
              value={defaultsOf(variable).join(",")}
              onChange={(event) => set(index, { defaults: event.target.value.split(",") })}
            />
            <IconButton
              icon="trash"
              label={`Remove ${variable.name}`}
              onClick={() => setDraft(draft.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <div>
          <Button
            icon="plus"
            tone="quiet"
            onClick={() => setDraft([...draft, { name: "", prefix: "", defaults: ["*"] }])}
          >
            Add a variable
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
