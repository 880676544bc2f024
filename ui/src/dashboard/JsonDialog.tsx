import { useState } from "react";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";

interface Props {
  title: string;
  value: unknown;
  /** Absent: the JSON is only shown. */
  onSave?: (value: unknown) => void;
  onClose: () => void;
}

/** The whole JSON, with whatever fields the pages don't know. */
export function JsonDialog({ title, value, onSave, onClose }: Props) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const problem = problemOf(text);
  const save = () => {
    onSave?.(JSON.parse(text));
    onClose();
  };
  const footer = (
    <>
      <CopyButton text={text} label="Copy JSON" />
      <span className="grow form-error" role="status">
        {problem ?? ""}
      </span>
      <Button onClick={onClose}>{onSave ? "Cancel" : "Close"}</Button>
      {onSave && (
        <Button tone="primary" disabled={problem !== null} onClick={save}>
          Apply
        </Button>
      )}
    </>
  );
  return (
    <Dialog open onClose={onClose} title={title} size="wide" footer={footer}>
      <textarea
        className="input json"
        aria-label="JSON"
        spellCheck={false}
        readOnly={!onSave}
        value={text}
        onChange={(event) => setText(event.target.value)}
        rows={26}
      />
    </Dialog>
  );
}

function problemOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "An object is expected.";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
