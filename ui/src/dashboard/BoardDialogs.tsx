import { lazy, Suspense, useState, type FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useSaveDashboard } from "../api/dashboards";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";
import { addWidget, copyOf, replaceWidget, widgetAt, type Path } from "./edit";
import { JsonDialog } from "./JsonDialog";
import type { Dashboard, Widget } from "./model";
import { VariablesEditor } from "./VariablesEditor";
import { WidgetBody } from "./WidgetBody";
import { titleOf } from "./WidgetFrame";

export type Open =
  | { kind: "edit"; path: Path }
  | { kind: "json"; path: Path }
  | { kind: "add" }
  | { kind: "copy" }
  | { kind: "board-json" }
  | { kind: "variables" };

interface Props {
  dashboard: Dashboard;
  full: string | null;
  open: Open | null;
  editing: boolean;
  onOpen: (open: Open | null) => void;
  setDraft: (change: (before: Dashboard | null) => Dashboard | null) => void;
  onStart: () => void;
}

/** The query editor is the heaviest part of the pages: who only looks at a dashboard does not load it. */
const WidgetEditor = lazy(async () => ({ default: (await import("./WidgetEditor")).WidgetEditor }));

const NEW_WIDGET: Widget = {
  definition: {
    type: "timeseries",
    title: "",
    requests: [{ q: "avg:system.load.1{*} by {host}", display_type: "line" }],
  },
};

export function BoardDialogs({ dashboard, full, open, editing, onOpen, setDraft }: Props) {
  const close = () => onOpen(null);
  const change = (make: (before: Dashboard) => Dashboard) => {
    setDraft((before) => make(before ?? dashboard));
    close();
  };
  if (!open) return full === null ? null : <FullScreen dashboard={dashboard} path={full.split(".").map(Number)} />;
  switch (open.kind) {
    case "add":
      return (
        <Suspense fallback={null}>
          <WidgetEditor
            widget={NEW_WIDGET}
            path={[]}
            isNew
            onClose={close}
            onSave={({ definition }) => change((before) => addWidget(before, definition))}
          />
        </Suspense>
      );
    case "edit": {
      const widget = widgetAt(dashboard, open.path);
      return (
        widget && (
          <Suspense fallback={null}>
            <WidgetEditor
              widget={widget}
              path={open.path}
              isNew={false}
              onClose={close}
              onSave={(next) => change((before) => replaceWidget(before, open.path, next))}
            />
          </Suspense>
        )
      );
    }
    case "json": {
      const widget = widgetAt(dashboard, open.path);
      const save = (value: unknown) => change((before) => replaceWidget(before, open.path, value as Widget));
      return (
        widget && (
          <JsonDialog
            title={`JSON of ${titleOf(widget.definition)}`}
            value={widget}
            onSave={editing ? save : undefined}
            onClose={close}
          />
        )
      );
    }
    case "board-json":
      return (
        <JsonDialog
          title={`JSON of ${dashboard.title}`}
          value={dashboard}
          onSave={editing ? (value) => change(() => value as Dashboard) : undefined}
          onClose={close}
        />
      );
    case "variables":
      return (
        <VariablesEditor
          variables={dashboard.template_variables ?? []}
          onClose={close}
          onSave={(template_variables) => change((before) => ({ ...before, template_variables }))}
        />
      );
    case "copy":
      return <CopyDialog dashboard={dashboard} onClose={close} />;
  }
}

function FullScreen({ dashboard, path }: { dashboard: Dashboard; path: Path }) {
  const [, setParams] = useSearchParams();
  const widget = widgetAt(dashboard, path);
  const close = () =>
    setParams((current) => {
      const next = new URLSearchParams(current);
      next.delete("full");
      return next;
    });
  if (!widget) return null;
  return (
    <Dialog open onClose={close} title={titleOf(widget.definition)} size="wide">
      <div className="full-widget">
        <WidgetBody widget={widget} path={path} large />
      </div>
    </Dialog>
  );
}

function CopyDialog({ dashboard, onClose }: { dashboard: Dashboard; onClose: () => void }) {
  const navigate = useNavigate();
  const save = useSaveDashboard();
  const [title, setTitle] = useState(`${dashboard.title} (copy)`);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { id: null, body: copyOf(dashboard, title) },
      {
        onSuccess: (saved) => (toast("Copied"), onClose(), void navigate(`/dashboard/${saved.id}?edit=1`)),
        onError: (error) => toast(error.message, "bad"),
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={dashboard.is_read_only ? "A built-in dashboard is changed as a copy" : "Make a copy"}
      size="small"
    >
      <form onSubmit={submit} className="stack">
        <label className="field">
          <span>Title of the copy</span>
          <input autoFocus value={title} onChange={(event) => setTitle(event.target.value)} required />
        </label>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending}>
            Copy and edit
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
