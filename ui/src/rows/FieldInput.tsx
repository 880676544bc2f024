import { useId, useState, type KeyboardEvent } from "react";

export interface FieldOption {
  value: string;
  label?: string;
  detail?: string;
}

interface Props {
  label: string;
  placeholder: string;
  options: FieldOption[];
  onPick: (value: string) => void;
  /** Whether what was typed counts when no option has it. */
  free?: (text: string) => string | null;
  autoFocus?: boolean;
}

const SHOWN_MAX = 40;

/** A field with a list under it: type a part of the name, Enter takes the first. */
export function FieldInput({ label, placeholder, options, onPick, free, autoFocus }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = options
    .filter(({ value, label: said = value }) => words.every((word) => `${said} ${value}`.toLowerCase().includes(word)))
    .slice(0, SHOWN_MAX);
  const chosen = Math.min(at, Math.max(0, shown.length - 1));
  const pick = (value: string | null | undefined) => {
    if (!value) return;
    onPick(value);
    setText("");
    setAt(0);
    setOpen(false);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setOpen(true);
    if (step !== 0) setAt((chosen + step + shown.length) % Math.max(1, shown.length));
    else if (event.key === "Enter") pick((open || text !== "" ? shown[chosen]?.value : null) ?? free?.(text.trim()));
    else if (event.key === "Escape" && open) setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <span className="field-input">
      <input
        className="input"
        role="combobox"
        aria-label={label}
        aria-expanded={open && shown.length > 0}
        aria-controls={id}
        aria-activedescendant={open && shown.length > 0 ? `${id}-${chosen}` : undefined}
        placeholder={placeholder}
        autoFocus={autoFocus}
        spellCheck={false}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      {open && shown.length > 0 && (
        <ul id={id} role="listbox" className="menu field-options" aria-label={label}>
          {shown.map((option, index) => (
            <li
              key={option.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              ref={index === chosen ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
              className={index === chosen ? "menu-item on" : "menu-item"}
              // The field keeps the focus: the list would close before the click came.
              onMouseDown={(event) => event.preventDefault()}
              onMouseMove={() => setAt(index)}
              onClick={() => pick(option.value)}
            >
              <span className="grow cut mono">{option.label ?? option.value}</span>
              <span className="dim">{option.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </span>
  );
}
