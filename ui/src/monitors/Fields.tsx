import { useState, type ReactNode } from "react";
import type { FieldProblem } from "../api/monitorDraft";
import { zones } from "../downtimes/zone";
import { Icon } from "../ui/Icon";

/** A part of the editor with its number, so that one sees how far it goes. */
export function Part({
  step,
  title,
  children,
  aside,
}: {
  step: number;
  title: string;
  children: ReactNode;
  aside?: ReactNode;
}) {
  return (
    <section className="editor-part" aria-label={title}>
      <header>
        <span className="editor-step" aria-hidden="true">
          {step}
        </span>
        <h2 className="grow">{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Problems({ problems }: { problems: FieldProblem[] }) {
  return problems.map(({ field, message }) => (
    <p key={field + message} className="form-error editor-problem" role="alert">
      <Icon name="warn" size={13} /> {message}
    </p>
  ));
}

interface NumberProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  /** What stands there while it is empty. */
  placeholder?: string;
  width?: number;
}

/** A number as it is typed; empty is none. Half a number (`-`, `1e`) waits. */
export function NumberField({ label, value, onChange, placeholder, width = 92 }: NumberProps) {
  const [text, setText] = useState(value === null ? "" : String(value));
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    if (numberIn(text) !== value) setText(value === null ? "" : String(value));
  }
  const typed = numberIn(text);
  return (
    <input
      className="input number"
      inputMode="decimal"
      aria-label={label}
      aria-invalid={text.trim() !== "" && typed === null}
      placeholder={placeholder}
      style={{ width }}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const next = numberIn(event.target.value);
        if (next !== null || event.target.value.trim() === "") onChange(next);
      }}
    />
  );
}

function numberIn(text: string): number | null {
  const number = Number(text);
  return text.trim() === "" || !Number.isFinite(number) ? null : number;
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

/** One of a few; a value that is not among them is kept, and shown as it is. */
export function Select({ label, value, options, onChange }: SelectProps) {
  const known = options.some(([each]) => each === value);
  return (
    <select
      className="input inline"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {!known && <option value={value}>{value}</option>}
      {options.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** A time zone of those that the browser knows. */
export function ZoneSelect({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  return (
    <select
      className="input zone"
      aria-label="Time zone"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {[...new Set([value, ...zones()])].map((zone) => (
        <option key={zone}>{zone}</option>
      ))}
    </select>
  );
}

interface ChipsProps {
  label: string;
  values: string[];
  placeholder: string;
  onChange: (values: string[]) => void;
  children?: ReactNode;
}

/** Values that are typed one by one; Enter or a comma ends each. */
export function Chips({ label, values, placeholder, onChange, children }: ChipsProps) {
  const [text, setText] = useState("");
  const add = () => {
    const more = text.split(",").map((each) => each.trim());
    const next = [...new Set([...values, ...more])].filter(Boolean);
    setText("");
    if (next.length !== values.length) onChange(next);
  };
  return (
    <span className="chips">
      {values.map((value) => (
        <span key={value} className="chip mono">
          <span className="cut" title={value}>
            {value}
          </span>
          <button
            type="button"
            aria-label={`Remove ${value}`}
            onClick={() => onChange(values.filter((each) => each !== value))}
          >
            <Icon name="close" size={11} />
          </button>
        </span>
      ))}
      {children ?? (
        <input
          className="input"
          aria-label={label}
          placeholder={placeholder}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== ",") return;
            event.preventDefault();
            add();
          }}
        />
      )}
    </span>
  );
}
