import { useState, type FormEvent } from "react";
import { useCreateKey, useKeys, useRevokeKey, type KeyEntry, type KeyKind } from "../api/keys";
import { agoText } from "../format/clock";
import { usePageRange } from "../time/page";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { CopyLine } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";

export function Keys() {
  const answer = useKeys();
  const { nowMs } = usePageRange();
  const revoke = useRevokeKey();
  const [making, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<KeyEntry | null>(null);
  return (
    <section className="card" aria-label="Keys">
      <div className="card-head">
        <h2 className="grow">Keys</h2>
        <Button icon="plus" onClick={() => setMaking(true)}>
          New key
        </Button>
      </div>
      {answer.isPending && <SkeletonRows rows={2} />}
      {answer.isError && !answer.data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="Keys cannot be listed" />
      )}
      {answer.data?.keys.length === 0 && (
        <p className="dim">No keys: clients cannot send over HTTP until one is made. Loopback listeners need none.</p>
      )}
      {answer.data && answer.data.keys.length > 0 && (
        <table className="table plain">
          <thead>
            <tr>
              <th>Name</th>
              <th>Kind</th>
              <th>Key</th>
              <th className="num">Made</th>
              <th className="num">Last used</th>
              <th>
                <span className="only-read">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.data.keys.map((key) => (
              <tr key={key.id}>
                <td>{key.name}</td>
                <td>
                  <span className="badge">{key.kind === "api" ? "API: sends" : "application: reads"}</span>
                </td>
                <td className="mono">…{key.hint.replace(/^…/, "")}</td>
                <td className="num">{agoText(key.created_ms, Math.max(nowMs, key.created_ms))}</td>
                <td className="num">{agoText(key.last_used_ms, Math.max(nowMs, key.last_used_ms ?? 0))}</td>
                <td className="num">
                  <IconButton icon="trash" label={`Revoke ${key.name}`} onClick={() => setDoomed(key)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {making && <MakeKey onClose={() => setMaking(false)} />}
      <Confirm
        open={doomed !== null}
        title={`Revoke “${doomed?.name}”?`}
        text="Whoever uses it is refused from now on. It cannot be brought back."
        action="Revoke"
        busy={revoke.isPending}
        onClose={() => setDoomed(null)}
        onConfirm={() =>
          doomed &&
          revoke.mutate(doomed.id, {
            onSuccess: () => toast("Revoked"),
            onError: (error) => toast(error.message, "bad"),
            onSettled: () => setDoomed(null),
          })
        }
      />
    </section>
  );
}

function MakeKey({ onClose }: { onClose: () => void }) {
  const create = useCreateKey();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<KeyKind>("api");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, kind });
  };
  if (create.data) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={`Key “${create.data.name}”`}
        size="small"
        footer={<Button onClick={onClose}>I have it</Button>}
      >
        <div className="stack">
          <p>Copy it now: it is kept hashed and is not shown again.</p>
          <CopyLine text={create.data.key} label="Copy the key" />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="New key" size="small">
      <form onSubmit={submit} className="stack">
        <label className="field">
          <span>Name</span>
          <input
            autoFocus
            value={name}
            placeholder="Who will use it"
            onChange={(event) => setName(event.target.value)}
            required
          />
        </label>
        <div className="segments" role="group" aria-label="Kind">
          <button type="button" aria-pressed={kind === "api"} onClick={() => setKind("api")}>
            API key: sends data
          </button>
          <button type="button" aria-pressed={kind === "app"} onClick={() => setKind("app")}>
            Application key: reads
          </button>
        </div>
        {create.isError && <p className="form-error">{create.error.message}</p>}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={create.isPending} disabled={name.trim() === ""}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
