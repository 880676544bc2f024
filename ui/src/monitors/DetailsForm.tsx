import type { FieldProblem } from "../api/monitorDraft";
import { Chips, Part, Problems, Select } from "./Fields";
import type { Editor } from "./useEditor";

const PRIORITIES = [
  ["", "no priority"],
  ["1", "P1, the highest"],
  ["2", "P2"],
  ["3", "P3"],
  ["4", "P4"],
  ["5", "P5, the lowest"],
] as const;

export function DetailsForm({ editor, problems }: { editor: Editor; problems: FieldProblem[] }) {
  const { monitor } = editor;
  return (
    <Part step={6} title="Name, tags, priority">
      <div className="editor-fields">
        <label className="field">
          <span>Name</span>
          <input
            value={monitor.name}
            placeholder="Disk of {{host.name}} fills up"
            onChange={(event) => editor.set({ ...monitor, name: event.target.value })}
          />
        </label>
        <div className="sentence">
          Tags
          <Chips
            label="Tags"
            placeholder="team:web, env:prod"
            values={monitor.tags}
            onChange={(tags) => editor.set({ ...monitor, tags })}
          />
          <Select
            label="Priority"
            value={monitor.priority == null ? "" : String(monitor.priority)}
            options={PRIORITIES}
            onChange={(value) => editor.set({ ...monitor, priority: value === "" ? null : Number(value) })}
          />
        </div>
        <label className="tick">
          <input
            type="checkbox"
            checked={monitor.draft_status === "draft"}
            onChange={({ target }) => editor.set({ ...monitor, draft_status: target.checked ? "draft" : "published" })}
          />
          A draft: it is evaluated and shown, and tells nobody
        </label>
      </div>
      <Problems problems={problems} />
    </Part>
  );
}
