import { useState, type FormEvent } from "react";
import { useAddCorrection, useDeleteCorrection, type SloCorrection } from "../api/slos";
import { instantOf, localText, OWN_ZONE } from "../downtimes/zone";
import { rangeText, stamp } from "../format/clock";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";

const CATEGORIES = ["Scheduled Maintenance", "Outside Business Hours", "Deployment", "Other"];
const HOUR = 3_600_000;

/** Times that do not count. */
export function Corrections({ sloId, corrections }: { sloId: string; corrections: SloCorrection[] }) {
  const [adding, setAdding] = useState(false);
  const remove = useDeleteCorrection();
  return (
    <section className="card" aria-label="Corrections">
      <div className="card-head">
        <h2 className="grow">Corrections</h2>
        <Button icon="plus" onClick={() => setAdding(true)}>
          Correction
        </Button>
      </div>
      {corrections.length === 0 && (
        <p className="dim">
          None. A correction takes a time out of the count: maintenance, or what was nobody’s fault.
        </p>
      )}
      {corrections.length > 0 && (
        <table className="table plain">
          <tbody>
            {corrections.map(({ id, category, description, start_ms, end_ms, rrule }) => (
              <tr key={id}>
                <td>{end_ms === null ? `from ${stamp(start_ms)}` : rangeText(start_ms, end_ms)}</td>
                <td>
                  <span className="badge">{category}</span> {rrule && <code>{rrule}</code>}
                </td>
                <td className="dim">{description}</td>
                <td className="num">
                  <IconButton
                    icon="trash"
                    label={`Delete the correction from ${stamp(start_ms)}`}
                    onClick={() => remove.mutate(id, { onError: (error) => toast(error.message, "bad") })}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {adding && <AddCorrection sloId={sloId} onClose={() => setAdding(false)} />}
    </section>
  );
}

function AddCorrection({ sloId, onClose }: { sloId: string; onClose: () => void }) {
  const add = useAddCorrection();
  const [category, setCategory] = useState(CATEGORIES[0]);
  const [description, setDescription] = useState("");
  const [start, setStart] = useState(() => localText(Date.now() - HOUR, OWN_ZONE));
  const [end, setEnd] = useState(() => localText(Date.now(), OWN_ZONE));
  const from = instantOf(start, OWN_ZONE);
  const to = instantOf(end, OWN_ZONE);
  const valid = from !== null && to !== null && to > from;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!valid) return;
    const body = { slo_id: sloId, category, description, start: from / 1000, end: to / 1000, timezone: "UTC" };
    add.mutate(body, { onSuccess: () => (toast("It no longer counts"), onClose()) });
  };
  return (
    <Dialog open onClose={onClose} title="A time that does not count" size="small">
      <form className="stack" onSubmit={submit}>
        <div className="editor-row">
          <label className="field">
            <span>From</span>
            <input type="datetime-local" value={start} onChange={(event) => setStart(event.target.value)} />
          </label>
          <label className="field">
            <span>To</span>
            <input type="datetime-local" value={end} onChange={(event) => setEnd(event.target.value)} />
          </label>
        </div>
        <label className="field">
          <span>Why</span>
          <select value={category} onChange={(event) => setCategory(event.target.value)}>
            {CATEGORIES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Description</span>
          <input value={description} onChange={(event) => setDescription(event.target.value)} />
        </label>
        {!valid && <p className="form-error">It ends before it starts.</p>}
        {add.isError && (
          <p className="form-error" role="alert">
            {add.error.message}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" tone="primary" busy={add.isPending} disabled={!valid}>
            Take it out
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
