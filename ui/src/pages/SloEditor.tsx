import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { slo, useSaveSlo } from "../api/slos";
import { CountedFields } from "../slo/CountedFields";
import { freshSlo, readSlo, sloOf, sloProblem, type SloForm } from "../slo/form";
import { SloPreview } from "../slo/SloPreview";
import { TargetFields } from "../slo/TargetFields";
import { TimePicker } from "../time/TimePicker";
import { Button } from "../ui/Button";
import { PageHead } from "../ui/PageHead";
import { useRested } from "../ui/rested";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

const REST_MS = 500;
const KINDS = [
  ["metric", "Good of all events", "Counts: good requests of all requests, for example."],
  ["monitor", "Uptime of monitors", "The time in which monitors were not alerting."],
  ["time_slice", "Good slices of time", "Minutes in which a figure was as it should be."],
] as const;

export function SloEditor() {
  const { id } = useParams();
  const answer = useQuery(slo(id ?? ""));
  if (id === undefined) return <Editor id={null} start={freshSlo()} />;
  if (answer.data) return <Editor key={id} id={id} start={readSlo(answer.data.slo)} />;
  return (
    <>
      <PageHead title="Edit the objective" />
      <div className="page-body">
        {answer.isError ? (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="The objective cannot be read" />
        ) : (
          <SkeletonRows />
        )}
      </div>
    </>
  );
}

function Editor({ id, start }: { id: string | null; start: SloForm }) {
  const navigate = useNavigate();
  const [form, setForm] = useState(start);
  const save = useSaveSlo();
  const set = (part: Partial<SloForm>) => setForm((before) => ({ ...before, ...part }));
  const problem = sloProblem(form);
  const rested = useRested(form, REST_MS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = sloOf(form);
    save.mutate(id === null ? body : { ...body, id }, {
      onSuccess: (made) => (toast("Saved"), void navigate(`/slos/${made?.id ?? id ?? ""}`)),
    });
  };
  return (
    <>
      <PageHead title={id === null ? "New objective" : `Edit “${start.name}”`}>
        <TimePicker />
        <Link to={id === null ? "/slos" : `/slos/${id}`} className="button">
          Cancel
        </Link>
        <Button type="submit" form="slo" tone="primary" busy={save.isPending} disabled={problem !== null}>
          Save
        </Button>
      </PageHead>
      <div className="page-body two-panes wide">
        <form id="slo" className="stack" onSubmit={submit}>
          {save.isError && (
            <p className="form-error" role="alert">
              {save.error.message}
            </p>
          )}
          <div className="kinds" role="radiogroup" aria-label="What is counted">
            {KINDS.map(([type, label, text]) => (
              <button
                key={type}
                type="button"
                role="radio"
                aria-checked={form.type === type}
                disabled={id !== null && form.type !== type}
                onClick={() => set({ type })}
              >
                <b>{label}</b>
                <span className="dim">{text}</span>
              </button>
            ))}
          </div>
          <CountedFields form={form} onChange={set} />
          <TargetFields targets={form.targets} onChange={(targets) => set({ targets })} />
          <Words form={form} onChange={set} />
          {problem && <p className="dim">{problem}</p>}
        </form>
        <SloPreview form={rested} />
      </div>
    </>
  );
}

function Words({ form, onChange }: { form: SloForm; onChange: (part: Partial<SloForm>) => void }) {
  return (
    <fieldset className="plain-set">
      <legend>Name</legend>
      <label className="field">
        <span className="only-read">Name</span>
        <input
          value={form.name}
          placeholder="Payments go through"
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </label>
      <label className="field">
        <span>Description</span>
        <input value={form.description} onChange={(event) => onChange({ description: event.target.value })} />
      </label>
      <label className="field">
        <span>Tags</span>
        <input
          className="mono"
          value={form.tags}
          placeholder="team:shop, service:payments"
          onChange={(event) => onChange({ tags: event.target.value })}
        />
      </label>
    </fieldset>
  );
}
