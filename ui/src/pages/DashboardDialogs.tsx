import { useState, type ClipboardEvent, type FormEvent } from "react";
import { Link, useNavigate } from "react-router";
import { useSaveDashboard } from "../api/dashboards";
import { importOf, type Imported } from "../dashboard/import";
import { notDrawn, type Dashboard } from "../dashboard/model";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

export function NewDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const save = useSaveDashboard();
  const [title, setTitle] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body: Dashboard = {
      title,
      layout_type: "ordered",
      widgets: [],
      template_variables: [{ name: "host", prefix: "host", defaults: ["*"], available_values: [] }],
    };
    save.mutate({ id: null, body }, { onSuccess: (saved) => void navigate(`/dashboard/${saved.id}?edit=1`) });
  };
  return (
    <Dialog open onClose={onClose} title="New dashboard" size="small">
      <form onSubmit={submit} className="stack">
        <label className="field">
          <span>Title</span>
          <input autoFocus value={title} onChange={(event) => setTitle(event.target.value)} required />
        </label>
        {save.isError && <p className="form-error">{save.error.message}</p>}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={title.trim() === ""}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Paste is enough: what is good JSON is stored and opened at once, unless there is something to say about it first. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const save = useSaveDashboard();
  const [text, setText] = useState("");
  const read: Imported | null = text.trim() === "" ? null : importOf(text);
  const board = read && "board" in read ? read.board : null;
  const store = (body: Dashboard) =>
    save.mutate(
      { id: null, body },
      { onSuccess: (stored) => notDrawn(body.widgets).size === 0 && void navigate(`/dashboard/${stored.id}`) },
    );
  const paste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text");
    const result = importOf(pasted);
    if (text !== "" || !("board" in result)) return;
    event.preventDefault();
    setText(pasted);
    store(result.board);
  };
  const saved = save.data;
  const kept = board ? [...notDrawn(board.widgets)] : [];
  return (
    <Dialog open onClose={onClose} title="Import a dashboard" size="medium">
      <div className="stack">
        {!saved && (
          <>
            <p className="dim">
              In Datadog: <b>Configure → Export dashboard JSON</b> (or <b>Copy dashboard JSON</b>). Paste it here; it is
              stored and drawn at once, with every field kept.
            </p>
            <textarea
              className="input json-paste"
              autoFocus
              rows={14}
              spellCheck={false}
              aria-label="Dashboard JSON"
              placeholder='{"title": …, "widgets": […]}'
              value={text}
              onPaste={paste}
              onChange={(event) => setText(event.target.value)}
            />
            {read && "problem" in read && (
              <p className="form-error" role="alert">
                {read.problem}
              </p>
            )}
            {save.isError && (
              <p className="form-error" role="alert">
                {save.error.message}
              </p>
            )}
            <div className="actions">
              <Button onClick={onClose}>Cancel</Button>
              <Button tone="primary" disabled={!board} busy={save.isPending} onClick={() => board && store(board)}>
                Import
              </Button>
            </div>
          </>
        )}
        {saved && (
          <>
            <p>
              <b>{saved.title}</b> is stored. What can be drawn is drawn with live data; widgets of these types are kept
              as they are and named in their place:
            </p>
            <ul className="kept-list">
              {kept.map(([type, count]) => (
                <li key={type}>
                  <code>{type}</code> <span className="dim">{count > 1 ? `× ${count}` : ""}</span>
                </li>
              ))}
            </ul>
            <div className="actions">
              <Link className="button primary" to={`/dashboard/${saved.id}`} autoFocus>
                Open it
              </Link>
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}
