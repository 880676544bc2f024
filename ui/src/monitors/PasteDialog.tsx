import { useState, type ClipboardEvent } from "react";
import { useNavigate } from "react-router";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { copyOf, editorWith, monitorOf } from "./draft";

/** Paste is enough: what is a monitor opens in the editor at once, where whatever can't be run is named. */
export function PasteDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const read = text.trim() === "" ? null : monitorOf(text);
  const open = (json: string): boolean => {
    const found = monitorOf(json);
    if (!("monitor" in found)) return false;
    void navigate(editorWith(copyOf(found.monitor, found.monitor.name)));
    return true;
  };
  const paste = (event: ClipboardEvent) => {
    if (text === "" && open(event.clipboardData.getData("text"))) event.preventDefault();
  };
  return (
    <Dialog open onClose={onClose} title="Paste a monitor" size="medium">
      <div className="stack">
        <p className="dim">
          In Datadog: <b>Export</b> in the menu of a monitor. Paste it here; it opens in the editor with live data, and
          with every field kept.
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
        {read && "problem" in read && (
          <p className="form-error" role="alert">
            {read.problem}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={!read || "problem" in read} onClick={() => open(text)}>
            Open in the editor
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
