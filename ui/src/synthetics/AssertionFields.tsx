import type { Assertion, SyntheticTest } from "../api/synthetics";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { Button } from "../ui/Button";
import { ASSERTIONS, jsonTarget, needsNoValue, type AssertionKind } from "./form";
import { JsonLine } from "./JsonLine";

interface Props {
  test: SyntheticTest;
  onChange: (part: Partial<SyntheticTest>) => void;
}

/** What an answer must be for the run to pass: all of it. */
export function AssertionFields({ test, onChange }: Props) {
  const { assertions } = test.config;
  const kinds = ASSERTIONS[test.subtype];
  const setAll = (next: Assertion[]) => onChange({ config: { ...test.config, assertions: next } });
  const set = (index: number, part: Partial<Assertion>) =>
    setAll(assertions.map((old, at) => (at === index ? { ...old, ...part } : old)));
  return (
    <fieldset className="plain-set">
      <legend>It passes when</legend>
      {assertions.map((assertion, index) => (
        <Line
          key={index}
          assertion={assertion}
          kinds={kinds}
          onChange={(part) => set(index, part)}
          onRemove={() => setAll(assertions.filter((_, at) => at !== index))}
        />
      ))}
      {assertions.length === 0 && <p className="dim">It is reached at all.</p>}
      <div>
        <Menu
          align="start"
          trigger={
            <Button icon="plus" tone="quiet">
              And
            </Button>
          }
          items={kinds.map(({ label, first }) => ({ label, onSelect: () => setAll([...assertions, first]) }))}
        />
      </div>
    </fieldset>
  );
}

interface LineProps {
  assertion: Assertion;
  kinds: AssertionKind[];
  onChange: (part: Partial<Assertion>) => void;
  onRemove: () => void;
}

function Line({ assertion, kinds, onChange, onRemove }: LineProps) {
  const { operator, target, property } = assertion;
  const json = jsonTarget(assertion);
  if (json) return <JsonLine target={json} onChange={(next) => onChange({ target: next })} onRemove={onRemove} />;
  const kind = kinds.find(
    ({ type, operators }) => type === assertion.type && operators.some(([known]) => known === operator),
  );
  // What has no form is shown as it is, and kept.
  if (!kind || typeof target === "object")
    return (
      <p className="editor-row">
        <code className="grow cut">{JSON.stringify(assertion)}</code>
        <IconButton icon="trash" label={`Remove ${assertion.type}`} onClick={onRemove} />
      </p>
    );
  const numeric = kind.number && !/match/i.test(operator);
  return (
    <div className="editor-row assertion">
      <span className="assertion-name">{kind.label}</span>
      {kind.property !== undefined && (
        <input
          className="input mono property"
          aria-label={`Name for ${kind.label}`}
          value={property ?? ""}
          onChange={(event) => onChange({ property: event.target.value })}
        />
      )}
      <select
        className="input operator"
        aria-label={`Condition of ${kind.label}`}
        value={operator}
        onChange={(event) => onChange({ operator: event.target.value })}
      >
        {kind.operators.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {!needsNoValue(operator) && (
        <input
          className="input grow"
          type={numeric ? "number" : "text"}
          aria-label={`Value of ${kind.label}`}
          value={target ?? ""}
          onChange={(event) =>
            onChange({ target: numeric && event.target.value !== "" ? Number(event.target.value) : event.target.value })
          }
        />
      )}
      <span className="dim">{kind.unit}</span>
      <IconButton icon="trash" label={`Remove ${kind.label}`} onClick={onRemove} />
    </div>
  );
}
