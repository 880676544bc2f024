import { useState } from "react";
import { copyText } from "./clipboard";
import { Icon } from "./Icon";

/** A line to copy, with its button; the button says that it has. */
export function CopyLine({ text, label }: { text: string; label?: string }) {
  return (
    <div className="copy-line">
      {/* A long line scrolls: arrow keys reach its end. */}
      <pre className="grow" tabIndex={0}>
        {text}
      </pre>
      <CopyButton text={text} label={label ?? "Copy"} />
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <button
      type="button"
      className={`button quiet copy ${copied ? "done" : ""}`}
      onClick={() => void copy()}
      aria-label={copied ? "Copied" : label}
      title={label}
    >
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
