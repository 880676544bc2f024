import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { downtime, useSaveDowntime, type DowntimeBody } from "../api/downtimes";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { useRested } from "../ui/rested";
import { EndFields } from "./EndFields";
import { MonitorPicker } from "./MonitorPicker";
import { DowntimePreviewPane } from "./DowntimePreview";
import { bodyOf, freshForm, problemOf, readForm, type DowntimeForm } from "./form";
import { ScheduleFields } from "./ScheduleFields";

interface Props {
  /** Null: a new one. */
  id: string | null;
  monitorId: number | null;
  onClose: () => void;
}

const REST_MS = 350;

export function DowntimeEditor({ id, monitorId, onClose }: Props) {
  const [fresh] = useState(() => freshForm(Date.now(), monitorId));
  const answer = useQuery({ ...downtime(id ?? ""), enabled: id !== null });
  const title = id === null ? "New downtime" : "Edit the downtime";
  if (id === null) return <Editor id={null} start={fresh} title={title} onClose={onClose} />;
  if (answer.data)
    return <Editor id={id} stored={answer.data} start={readForm(answer.data)} title={title} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={title}>
      {answer.isError ? (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The downtime cannot be read" />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Dialog>
  );
}

function Editor({
  id,
  stored,
  start,
  title,
  onClose,
}: {
  id: string | null;
  stored?: DowntimeBody;
  start: DowntimeForm;
  title: string;
  onClose: () => void;
}) {
  const [form, setForm] = useState(start);
  const save = useSaveDowntime();
  const set = (part: Partial<DowntimeForm>) => setForm((before) => ({ ...before, ...part }));
  const problem = problemOf(form);
  const rested = useRested(form, REST_MS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { id, body: bodyOf(form, stored) },
      { onSuccess: () => (toast(id === null ? "The downtime is set" : "Saved"), onClose()) },
    );
  };
  const footer = (
    <>
      <p className="form-error grow" role="alert">
        {save.isError ? save.error.message : problem}
      </p>
      <Button onClick={onClose}>Close</Button>
      <Button type="submit" form="downtime" tone="primary" busy={save.isPending} disabled={problem !== null}>
        {id === null ? "Set it" : "Save"}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={title} size="wide" footer={footer}>
      <div className="two-panes">
        <form id="downtime" className="stack" onSubmit={submit}>
          <What form={form} onChange={set} />
          <ScheduleFields form={form} onChange={set} />
          <label className="field">
            <span>Message, for those who wonder</span>
            <textarea
              rows={2}
              value={form.message}
              placeholder="Database upgrade; ask @ops"
              onChange={(event) => set({ message: event.target.value })}
            />
          </label>
          <EndFields form={form} onChange={set} />
        </form>
        <DowntimePreviewPane body={problemOf(rested) === null ? bodyOf(rested, stored) : null} zone={rested.zone} />
      </div>
    </Dialog>
  );
}

function What({ form, onChange }: { form: DowntimeForm; onChange: (part: Partial<DowntimeForm>) => void }) {
  return (
    <fieldset className="plain-set">
      <legend>What is silent</legend>
      <div className="segments" role="group" aria-label="Which monitors">
        <button type="button" aria-pressed={form.by === "tags"} onClick={() => onChange({ by: "tags" })}>
          Monitors by tags
        </button>
        <button type="button" aria-pressed={form.by === "monitor"} onClick={() => onChange({ by: "monitor" })}>
          One monitor
        </button>
      </div>
      {form.by === "tags" ? (
        <label className="field">
          <span>
            Tags that the monitors have, all of them; <code>*</code> for every monitor
          </span>
          <input
            className="mono"
            value={form.tags}
            placeholder="team:shop, env:prod"
            onChange={(event) => onChange({ tags: event.target.value })}
          />
        </label>
      ) : (
        <div className="field">
          <span>Monitor</span>
          <MonitorPicker value={form.monitorId} onPick={(monitorId) => onChange({ monitorId })} />
        </div>
      )}
      <label className="field">
        <span>
          Groups of them, by an expression over tags; <code>*</code> for all
        </span>
        <input
          className="mono"
          value={form.scope}
          placeholder="env:prod AND host:web-*"
          onChange={(event) => onChange({ scope: event.target.value })}
        />
      </label>
    </fieldset>
  );
}
