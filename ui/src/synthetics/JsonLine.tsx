import type { JsonTarget } from "../api/synthetics";
import { IconButton } from "../ui/Button";
import { ELEMENTS, JSON_OPERATORS, needsNoValue } from "./form";

interface Props {
  target: JsonTarget;
  onChange: (target: JsonTarget) => void;
  onRemove: () => void;
}

/** A value inside a JSON body: where it is, which of several, and what it must be. */
export function JsonLine({ target, onChange, onRemove }: Props) {
  const { jsonPath, operator, targetValue, elementsOperator } = target;
  const set = (part: Partial<JsonTarget>) => onChange({ ...target, ...part });
  return (
    <div className="editor-row assertion parts">
      <span className="assertion-name">Value in JSON</span>
      <input
        className="input mono property"
        aria-label="JSONPath"
        placeholder="$.data[0].id"
        value={jsonPath}
        onChange={(event) => set({ jsonPath: event.target.value })}
      />
      <Choice
        label="Which of several values"
        options={ELEMENTS}
        value={elementsOperator ?? "firstElementMatches"}
        onChange={(next) => set({ elementsOperator: next })}
      />
      <Choice
        label="Condition of the value"
        options={JSON_OPERATORS}
        value={operator}
        onChange={(next) => set({ operator: next })}
      />
      {!needsNoValue(operator) && (
        <input
          className="input grow"
          aria-label="What the value must be"
          value={targetValue ?? ""}
          onChange={(event) => set({ targetValue: event.target.value })}
        />
      )}
      <IconButton icon="trash" label="Remove the value in JSON" onClick={onRemove} />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  options: [string, string][];
  value: string;
  onChange: (value: string) => void;
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  return (
    <select
      className="input operator"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {options.map(([each, words]) => (
        <option key={each} value={each}>
          {words}
        </option>
      ))}
    </select>
  );
}
