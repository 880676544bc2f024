import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { deletionCount, useDeleteRows } from "../api/deletions";
import type { Scope } from "../api/rows";
import { rangeText } from "../format/clock";
import { formatCount } from "../format/units";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";

/** Deletes what a search finds. It can't be taken back: the number of rows is typed before anything goes. */
export function DeleteDialog({ scope: asked, onClose }: { scope: Scope; onClose: () => void }) {
  // A live page goes on; what is about to be deleted does not.
  const [scope] = useState(asked);
  const counted = useQuery(deletionCount(scope));
  const remove = useDeleteRows();
  const [typed, setTyped] = useState("");
  const rows = counted.data?.rows ?? null;
  const sure = rows !== null && rows > 0 && typed.replace(/[\s,.]/g, "") === String(rows);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!sure) return;
    remove.mutate(scope, {
      onSuccess: (answer) => {
        toast(`${formatCount(answer.rows ?? rows)} ${scope.signal} deleted`);
        onClose();
      },
    });
  };
  const problem = remove.error?.message ?? counted.error?.message ?? counted.data?.error?.message;
  return (
    <Dialog open onClose={onClose} title={`Delete ${scope.signal}`} size="small">
      <form className="stack" onSubmit={submit}>
        <dl className="facts">
          <div>
            <dt>Search</dt>
            <dd className="mono">{scope.query || "everything"}</dd>
          </div>
          <div>
            <dt>Range</dt>
            <dd>{rangeText(scope.fromMs, scope.toMs)}</dd>
          </div>
          <div>
            <dt>Rows</dt>
            <dd aria-busy={counted.isPending}>
              {counted.isPending ? <span className="dim">counting…</span> : <b>{formatCount(rows)}</b>}
            </dd>
          </div>
        </dl>
        <p className="dim">
          They are gone from every answer at once, and from every file after its next compaction; the receipt under{" "}
          <Link to="/settings#deletions">Settings</Link> says when. It can’t be taken back.
        </p>
        {rows !== null && rows > 0 && (
          <label className="field">
            <span>{`Type ${rows} to confirm`}</span>
            <input autoFocus inputMode="numeric" value={typed} onChange={(event) => setTyped(event.target.value)} />
          </label>
        )}
        {rows === 0 && <p>The search finds nothing in this range: there is nothing to delete.</p>}
        {problem && (
          <p className="form-error" role="alert">
            {problem}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="danger" icon="trash" busy={remove.isPending} disabled={!sure}>
            Delete
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
