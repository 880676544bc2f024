import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { syntheticTest, useSaveTest, type SyntheticTest } from "../api/synthetics";
import { HandleInput } from "../notify/HandleInput";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { AssertionFields } from "./AssertionFields";
import { EVERY, freshTest, SUBTYPES, testProblem, withSubtype } from "./form";
import { RequestFields } from "./RequestFields";

export function TestDialog({ id, onClose }: { id: string | null; onClose: () => void }) {
  const answer = useQuery(syntheticTest(id ?? ""));
  const title = id === null ? "New synthetic test" : "Edit the synthetic test";
  if (id === null) return <Editor start={freshTest("http")} title={title} onClose={onClose} />;
  if (answer.data) return <Editor start={answer.data} title={title} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={title}>
      {answer.isError ? (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The test cannot be read" />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Dialog>
  );
}

interface FormProps {
  test: SyntheticTest;
  onChange: (part: Partial<SyntheticTest>) => void;
}

function Editor({ start, title, onClose }: { start: SyntheticTest; title: string; onClose: () => void }) {
  const [test, setTest] = useState(start);
  const save = useSaveTest();
  const set = (part: Partial<SyntheticTest>) => setTest((before) => ({ ...before, ...part }));
  const problem = testProblem(test);
  const isNew = test.public_id === undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(test, { onSuccess: () => (toast(isNew ? "It runs from now on" : "Saved"), onClose()) });
  };
  const footer = (
    <>
      <p className={save.isError ? "form-error grow" : "dim grow"} role={save.isError ? "alert" : undefined}>
        {save.isError ? save.error.message : problem}
      </p>
      <Button onClick={onClose}>Cancel</Button>
      <Button type="submit" form="synthetic" tone="primary" busy={save.isPending} disabled={problem !== null}>
        {isNew ? "Start it" : "Save"}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={title} size="wide" footer={footer}>
      <form id="synthetic" className="synthetic-form" onSubmit={submit}>
        <div className="stack">
          <div className="kinds three" role="radiogroup" aria-label="What is tested">
            {SUBTYPES.map(([subtype, label, text]) => (
              <button
                key={subtype}
                type="button"
                role="radio"
                aria-checked={test.subtype === subtype}
                disabled={!isNew && test.subtype !== subtype}
                onClick={() => setTest(withSubtype(test, subtype))}
              >
                <b>{label}</b>
                <span className="dim">{text}</span>
              </button>
            ))}
          </div>
          <RequestFields test={test} onChange={set} />
        </div>
        <div className="stack">
          <AssertionFields test={test} onChange={set} />
          <Schedule test={test} onChange={set} />
          <Telling test={test} onChange={set} />
        </div>
      </form>
    </Dialog>
  );
}

function Schedule({ test, onChange }: FormProps) {
  const { options } = test;
  const { count = 0, interval = 300 } = options.retry ?? {};
  const known = EVERY.some(([seconds]) => seconds === options.tick_every);
  const set = (part: Partial<SyntheticTest["options"]>) => onChange({ options: { ...options, ...part } });
  return (
    <fieldset className="plain-set">
      <legend>When</legend>
      <div className="editor-row">
        <label className="field small">
          <span>Every</span>
          <select value={options.tick_every} onChange={(event) => set({ tick_every: Number(event.target.value) })}>
            {!known && <option value={options.tick_every}>{options.tick_every} seconds</option>}
            {EVERY.map(([seconds, label]) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label className="field tiny">
          <span>Tries more</span>
          <input
            type="number"
            min={0}
            max={5}
            value={count}
            onChange={(event) => set({ retry: { count: Number(event.target.value), interval } })}
          />
        </label>
        <label className="field">
          <span>
            From <span className="hint">hosts with an agent; empty: this server</span>
          </span>
          <input
            className="mono"
            value={test.locations.join(", ")}
            placeholder="web-1, web-2"
            onChange={(event) => onChange({ locations: event.target.value.split(/,\s*/).filter(Boolean) })}
          />
        </label>
      </div>
    </fieldset>
  );
}

function Telling({ test, onChange }: FormProps) {
  return (
    <fieldset className="plain-set">
      <legend>Name, and who is told</legend>
      <label className="field">
        <span className="only-read">Name</span>
        <input
          value={test.name}
          placeholder="The shop answers"
          aria-label="Name"
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </label>
      <div className="field">
        <span>Who is told when it fails, and when it is well again</span>
        <HandleInput value={test.message} onChange={(message) => onChange({ message })} />
      </div>
    </fieldset>
  );
}
