import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { fetchDashboard, useDashboards, useSaveDashboard } from "../api/dashboards";
import { addWidget } from "../dashboard/edit";
import type { Dashboard, Definition } from "../dashboard/model";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";

const NEW = "";

interface Props {
  /** What the title starts with. */
  title: string;
  /** The widget that shows the same, or several, under the title that was given. */
  widget: (title: string) => Definition | Definition[];
  onClose: () => void;
}

export function SaveDialog({ title: start, widget, onClose }: Props) {
  const navigate = useNavigate();
  const boards = (useDashboards().data?.dashboards ?? []).filter(({ is_read_only }) => !is_read_only);
  const save = useSaveDashboard();
  const [target, setTarget] = useState(NEW);
  const [name, setName] = useState("");
  const [title, setTitle] = useState(start);
  const [problem, setProblem] = useState<string | null>(null);
  const store = async () => {
    const before: Dashboard =
      target === NEW
        ? { title: name || "New dashboard", layout_type: "ordered", widgets: [] }
        : await fetchDashboard(target);
    const saved = await save.mutateAsync({
      id: target === NEW ? null : target,
      body: [widget(title)].flat().reduce((board, definition) => addWidget(board, definition), before),
    });
    toast(`Saved to ${saved.title}`);
    await navigate(`/dashboard/${saved.id}`);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    store().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  return (
    <Dialog open onClose={onClose} title="Save to a dashboard" size="small">
      <form onSubmit={submit} className="stack">
        <label className="field">
          <span>Dashboard</span>
          <select autoFocus value={target} onChange={(event) => setTarget(event.target.value)}>
            <option value={NEW}>A new dashboard</option>
            {boards.map((board) => (
              <option key={board.id} value={board.id}>
                {board.title}
              </option>
            ))}
          </select>
        </label>
        {target === NEW && (
          <label className="field">
            <span>Its title</span>
            <input value={name} placeholder="New dashboard" onChange={(event) => setName(event.target.value)} />
          </label>
        )}
        <label className="field">
          <span>Widget title</span>
          <input value={title} onChange={(event) => setTitle(event.target.value)} />
        </label>
        {problem && (
          <p className="form-error" role="alert">
            {problem}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
