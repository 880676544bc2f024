import { Popover } from "radix-ui";
import { useDeferredValue, useState, type KeyboardEvent } from "react";
import { useSearchParams } from "react-router";
import { useTagValues } from "../api/tags";
import { Icon } from "../ui/Icon";
import type { TemplateVariable } from "./model";
import { defaultsOf, writeChoice, type Choice } from "./variables";

const SHOWN_MAX = 200;

export function Variables({ variables, choice }: { variables: TemplateVariable[]; choice: Choice }) {
  if (variables.length === 0) return null;
  return (
    <div className="variables" role="group" aria-label="Template variables">
      {variables.map((variable) => (
        <Variable key={variable.name} variable={variable} values={choice[variable.name] ?? ["*"]} />
      ))}
    </div>
  );
}

function Variable({ variable, values }: { variable: TemplateVariable; values: string[] }) {
  const [open, setOpen] = useState(false);
  const [, setParams] = useSearchParams();
  const set = (next: string[]) => {
    const plain = next.length === 0 ? ["*"] : next;
    const isDefault = plain.join() === defaultsOf(variable).join();
    setParams((params) => writeChoice(params, variable.name, isDefault ? [] : plain));
  };
  const all = values.includes("*");
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className={all ? "button variable" : "button variable set"}
        aria-label={`${variable.name}: ${all ? "all" : values.join(", ")}`}
      >
        <span className="dim">{variable.name}</span>
        <span className="cut">{all ? "all" : values.join(", ")}</span>
        <Icon name="down" size={12} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover variable-menu" align="start" sideOffset={4} collisionPadding={8}>
          <Values variable={variable} values={values} onSet={set} onClose={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ValuesProps {
  variable: TemplateVariable;
  values: string[];
  onSet: (values: string[]) => void;
  onClose: () => void;
}

function Values({ variable, values, onSet, onClose }: ValuesProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const fixed = variable.available_values?.length ? variable.available_values : null;
  const found = useTagValues(variable.prefix ?? variable.name, useDeferredValue(text), fixed === null);
  const offered = (fixed ?? found.data?.values ?? [])
    .filter((value) => value.toLowerCase().includes(text.toLowerCase()))
    .slice(0, SHOWN_MAX);
  const options = text === "" ? ["*", ...offered] : offered;
  const choose = (value: string, add: boolean) => {
    if (value === "*") onSet(["*"]);
    else if (add)
      onSet(
        values.includes(value)
          ? values.filter((each) => each !== value)
          : [...values.filter((each) => each !== "*"), value],
      );
    else onSet([value]);
    if (!add) onClose();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      event.preventDefault();
      setAt((before) => Math.max(0, Math.min(options.length - 1, before + step)));
    } else if (event.key === "Enter") {
      const value = options[at] ?? text;
      if (value) choose(value, event.shiftKey);
    }
  };
  return (
    <>
      <input
        className="input"
        autoFocus
        aria-label={`Values of ${variable.name}`}
        placeholder={`Filter ${variable.prefix ?? variable.name}, or type a value`}
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
      />
      <ul className="variable-list">
        {options.map((value, index) => (
          <li key={value} className={index === at ? "on" : ""}>
            <button
              type="button"
              className="menu-item grow"
              onClick={(event) => choose(value, event.shiftKey || event.ctrlKey)}
            >
              <span className="cut">{value === "*" ? "all" : value}</span>
            </button>
            <input
              type="checkbox"
              aria-label={`${value === "*" ? "all" : value} too`}
              checked={values.includes(value)}
              onChange={() => choose(value, true)}
            />
          </li>
        ))}
        {options.length === 0 && (
          <li className="variable-none dim">
            {found.isFetching ? "Looking …" : "No such value was seen; Enter takes it as typed."}
          </li>
        )}
      </ul>
    </>
  );
}
