import { useState } from "react";
import type { Monitor } from "../api/monitorModel";
import { CopyButton } from "../ui/Copy";
import { completed } from "./draft";

/** The whole document as JSON; what is typed is the draft as soon as it can be read. */
export function JsonPart({ monitor, onChange }: { monitor: Monitor; onChange: (monitor: Monitor) => void }) {
  const [text, setText] = useState(() => JSON.stringify(monitor, null, 2));
  const [seen, setSeen] = useState(monitor);
  const [problem, setProblem] = useState("");
  // A change from elsewhere (a threshold that was dragged) is written into the text.
  if (seen !== monitor) {
    setSeen(monitor);
    if (problem === "" && !sameJson(text, monitor)) setText(JSON.stringify(monitor, null, 2));
  }
  const type = (next: string) => {
    setText(next);
    try {
      const value: unknown = JSON.parse(next);
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("an object is expected");
      setProblem("");
      onChange(completed(value as Record<string, unknown>));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section className="editor-part json-part" aria-label="JSON">
      <header>
        <h2 className="grow">JSON</h2>
        <CopyButton text={text} label="Copy JSON" />
      </header>
      <textarea
        className="input json"
        aria-label="Monitor JSON"
        aria-invalid={problem !== ""}
        spellCheck={false}
        value={text}
        onChange={(event) => type(event.target.value)}
      />
      {problem !== "" && (
        <p className="form-error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function sameJson(text: string, monitor: Monitor): boolean {
  try {
    return JSON.stringify(completed(JSON.parse(text) as Record<string, unknown>)) === JSON.stringify(monitor);
  } catch {
    return false;
  }
}
