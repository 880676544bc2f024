import { useRef, useState, type ClipboardEvent } from "react";
import { useNavigate } from "react-router";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { copyOf, editorWith, monitorOf } from "./draft";
import { ImportPane } from "./ImportPane";
import { monitorsOf } from "./importing";

interface Props {
  /** Several monitors that were pasted outside of a field. */
  initial: unknown[] | null;
  onClose: () => void;
}

/** Paste is enough: one monitor opens in the editor at once, where whatever can't be run is named; several are imported. */
export function PasteDialog({ initial, onClose }: Props) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [many, setMany] = useState(initial);
  const file = useRef<HTMLInputElement>(null);
  const read = text.trim() === "" ? null : monitorOf(text);
  const open = (json: string): boolean => {
    const found = monitorOf(json);
    if (!("monitor" in found)) return false;
    void navigate(editorWith(copyOf(found.monitor, found.monitor.name)));
    return true;
  };
  const paste = (event: ClipboardEvent) => {
    if (text !== "") return;
    const pasted = event.clipboardData.getData("text");
    const several = monitorsOf(pasted);
    if (several) setMany(several);
    if (several || open(pasted)) event.preventDefault();
  };
  const readFile = async (file: File | undefined) => {
    const content = (await file?.text()) ?? "";
    const several = monitorsOf(content);
    if (several) setMany(several);
    else if (!open(content)) setText(content);
  };
  if (many)
    return (
      <Dialog open onClose={onClose} title={`Import ${many.length} monitors`} size="medium">
        <ImportPane monitors={many} onClose={onClose} />
      </Dialog>
    );
  const several = monitorsOf(text);
  return (
    <Dialog open onClose={onClose} title="Paste monitors" size="medium">
      <div className="stack">
        <p className="dim">
          In Datadog: <b>Export</b> in the menu of a monitor. Paste it here; it opens in the editor with live data, and
          with every field kept. Several at once, as <code>GET /api/v1/monitor</code> answers them, are imported with a
          report.
        </p>
        <textarea
          className="input json-paste"
          autoFocus
          rows={14}
          spellCheck={false}
          aria-label="Monitor JSON"
          placeholder='{"type": "metric alert", "query": …}'
          value={text}
          onPaste={paste}
          onChange={(event) => setText(event.target.value)}
        />
        {!several && read && "problem" in read && (
          <p className="form-error" role="alert">
            {read.problem}
          </p>
        )}
        <div className="actions">
          <Button tone="quiet" onClick={() => file.current?.click()}>
            Choose a file
          </Button>
          <input
            ref={file}
            hidden
            type="file"
            accept=".json,.jsonl,.ndjson,application/json"
            onChange={(event) => void readFile(event.target.files?.[0])}
          />
          <Button onClick={onClose}>Cancel</Button>
          {several ? (
            <Button tone="primary" onClick={() => setMany(several)}>
              Import {several.length} monitors
            </Button>
          ) : (
            <Button tone="primary" disabled={!read || "problem" in read} onClick={() => open(text)}>
              Open in the editor
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
