import { useState } from "react";
import type { Processor } from "../api/pipelines";
import { SearchInput } from "../rows/SearchInput";
import { Button, IconButton } from "../ui/Button";
import { read, written, type FieldSpec, type Kind } from "./kinds";

interface Props {
  processor: Processor;
  kind: Kind;
  onChange: (processor: Processor) => void;
}

export function ProcessorForm({ processor, kind, onChange }: Props) {
  return (
    <div className="processor-form">
      <label className="field">
        <span>Name</span>
        <input
          value={processor.name ?? ""}
          placeholder={kind.label}
          onChange={(event) => onChange({ ...processor, name: event.target.value })}
        />
      </label>
      {kind.fields.map((field) => (
        <Field
          key={field.path}
          field={field}
          value={read(processor, field.path)}
          onChange={(value) => onChange(written(processor, field.path, value))}
        />
      ))}
    </div>
  );
}

/** About what fits on a line of a text field. */
const LINE_CHARS = 58;

interface FieldProps {
  field: FieldSpec;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Field({ field, value, onChange }: FieldProps) {
  const text = typeof value === "string" ? value : "";
  switch (field.form) {
    case "tick":
      return (
        <label className="tick wide">
          <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} />{" "}
          {field.label}
        </label>
      );
    case "choice":
      return (
        <label className="field">
          <span>{field.label}</span>
          <select value={text || field.choices?.[0]} onChange={(event) => onChange(event.target.value)}>
            {field.choices?.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        </label>
      );
    case "area":
      return (
        <label className="field wide">
          <span>{field.label}</span>
          <textarea
            rows={Math.min(
              12,
              Math.max(
                2,
                text.split("\n").reduce((sum, line) => sum + Math.ceil((line.length + 1) / LINE_CHARS), 0),
              ),
            )}
            placeholder={field.hint}
            spellCheck={false}
            value={text}
            onChange={(event) => onChange(event.target.value)}
          />
        </label>
      );
    case "search":
      return (
        <div className="field wide">
          <span>{field.label}</span>
          <SearchInput
            signal="logs"
            label={field.label}
            value={text}
            hotkey={false}
            onSubmit={onChange}
            onDraft={onChange}
          />
        </div>
      );
    case "list":
      return <ListField field={field} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case "categories":
      return <Categories value={Array.isArray(value) ? (value as Category[]) : []} onChange={onChange} />;
    default:
      return (
        <label className="field">
          <span>{field.label}</span>
          <input
            className="mono"
            placeholder={field.hint}
            spellCheck={false}
            value={text}
            onChange={(event) => onChange(event.target.value)}
          />
        </label>
      );
  }
}

/** Names are apart by commas, rows of a table by lines; the text is kept as it is typed until it says a list. */
function ListField({
  field,
  value,
  onChange,
}: {
  field: FieldSpec;
  value: string[];
  onChange: (value: string[]) => void;
}) {
  const lines = field.path === "lookup_table";
  const [text, setText] = useState(value.join(lines ? "\n" : ", "));
  const change = (next: string) => {
    setText(next);
    onChange(
      next
        .split(lines ? "\n" : ",")
        .map((part) => part.trim())
        .filter(Boolean),
    );
  };
  if (lines)
    return (
      <label className="field wide">
        <span>{field.label}</span>
        <textarea rows={4} spellCheck={false} value={text} onChange={(event) => change(event.target.value)} />
      </label>
    );
  return (
    <label className="field">
      <span>{field.label}</span>
      <input
        className="mono"
        placeholder={field.hint}
        spellCheck={false}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}

interface Category {
  name: string;
  filter: { query: string };
}

function Categories({ value, onChange }: { value: Category[]; onChange: (value: Category[]) => void }) {
  const set = (index: number, next: Category) => onChange(value.map((old, at) => (at === index ? next : old)));
  return (
    <div className="field wide">
      <span>Categories, the first that finds the log wins</span>
      {value.map((category, index) => (
        <div key={index} className="category">
          <input
            className="input"
            aria-label={`Name of category ${index + 1}`}
            value={category.name}
            onChange={(event) => set(index, { ...category, name: event.target.value })}
          />
          <SearchInput
            signal="logs"
            label={`Search of ${category.name}`}
            value={category.filter.query}
            hotkey={false}
            onSubmit={(query) => set(index, { ...category, filter: { query } })}
            onDraft={(query) => set(index, { ...category, filter: { query } })}
          />
          <IconButton
            icon="trash"
            label={`Remove ${category.name}`}
            onClick={() => onChange(value.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button icon="plus" tone="quiet" onClick={() => onChange([...value, { name: "", filter: { query: "" } }])}>
          Category
        </Button>
      </div>
    </div>
  );
}
