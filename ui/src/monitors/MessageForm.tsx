import type { FieldProblem, MessagePreview } from "../api/monitorDraft";
import { withOptions } from "./edit";
import { Part, Problems } from "./Fields";
import { MessageInput } from "./MessageInput";
import type { Editor } from "./useEditor";

interface Props {
  editor: Editor;
  groupBy: string[];
  preview: MessagePreview | undefined;
  problems: FieldProblem[];
  onFocus: () => void;
}

/** What is told, and to whom. */
export function MessageForm({ editor, groupBy, preview, problems, onFocus }: Props) {
  const { monitor } = editor;
  const again = Number(monitor.options.renotify_interval ?? 0) > 0;
  return (
    <Part step={5} title="What to tell, and whom">
      <MessageInput
        value={monitor.message}
        groupBy={groupBy}
        preview={preview}
        onChange={(message) => editor.set({ ...monitor, message })}
        onFocus={onFocus}
      />
      <p className="dim hint">
        <code>{"{{"}</code> offers variables and conditions, <code>@</code> channels and addresses. A handle inside of a
        condition is told only then; outside, on every change.
      </p>
      {(preview?.unknown ?? []).map(({ name, position }) => (
        <p key={`${name}${position}`} className="tone-warn editor-problem">
          {`{{${name}}} is not known here; it would be told as it stands.`}
        </p>
      ))}
      {again && (
        <label className="field">
          <span>Added when it is told again</span>
          <textarea
            rows={2}
            value={monitor.options.escalation_message ?? ""}
            onFocus={onFocus}
            onChange={(event) => editor.set(withOptions(monitor, { escalation_message: event.target.value }))}
          />
        </label>
      )}
      <Problems problems={problems} />
    </Part>
  );
}
