import { useDeferredValue, useMemo, useState } from "react";
import { firstQuery } from "./explore";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Board, useBoard } from "./context";
import { ALERT_TYPES, withAlert } from "./alertWidgets";
import { AlertFields } from "./EditorAlerts";
import { ChartOptions, FigureOptions } from "./EditorOptions";
import { StreamFields, STREAMS, withStream } from "./EditorStream";
import type { Path } from "./edit";
import type { Definition, Widget, WidgetRequest } from "./model";
import { requestsOf } from "./requests";
import { RequestEditor } from "./RequestEditor";
import { WidgetBody } from "./WidgetBody";

const TYPES = [
  ["timeseries", "Timeseries"],
  ["query_value", "Query value"],
  ["toplist", "Top list"],
  ["query_table", "Table"],
  ["log_stream", "Logs"],
  ["event_stream", "Events"],
  ["event_timeline", "Event timeline"],
  ["note", "Note"],
  ["group", "Group"],
  ...(Object.entries(ALERT_TYPES) as [string, string][]),
] as const;

interface Props {
  widget: Widget;
  path: Path;
  isNew: boolean;
  onSave: (widget: Widget) => void;
  onClose: () => void;
}

export function WidgetEditor({ widget, path, isNew, onSave, onClose }: Props) {
  const [definition, setDefinition] = useState(widget.definition);
  const preview = useDeferredValue(definition);
  const change = (part: Partial<Definition>) => setDefinition((before) => ({ ...before, ...part }));
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="primary" onClick={() => onSave({ ...widget, definition })}>
        {isNew ? "Add" : "Apply"}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={isNew ? "Add a widget" : "Edit the widget"} size="wide" footer={footer}>
      <div className="widget-editor">
        <Preview widget={{ ...widget, definition: preview }} path={path} />
        <div className="editor-row">
          <div className="segments" role="group" aria-label="Type">
            {TYPES.map(([type, label]) => (
              <button
                key={type}
                type="button"
                aria-pressed={definition.type === type}
                onClick={() => setDefinition(withType(definition, type))}
              >
                {label}
              </button>
            ))}
          </div>
          <input
            className="input grow"
            aria-label="Title"
            placeholder="Title"
            value={definition.title ?? ""}
            onChange={(event) => change({ title: event.target.value })}
          />
        </div>
        <Fields definition={definition} onChange={change} />
      </div>
    </Dialog>
  );
}

function Preview({ widget, path }: { widget: Widget; path: Path }) {
  const board = useBoard();
  const still = useMemo(() => ({ ...board, editing: false }), [board]);
  return (
    <Board value={still}>
      <div className="editor-preview">
        <WidgetBody widget={widget} path={path} />
      </div>
    </Board>
  );
}

/** Fields that the new type does not know stay in the JSON; they do no harm and come back when the type does. */
function withType(definition: Definition, type: string): Definition {
  if (type === "note") return { ...definition, type, content: definition.content ?? "" };
  if (type === "group") return { ...definition, type, layout_type: "ordered", widgets: definition.widgets ?? [] };
  if (STREAMS.has(type)) return withStream(definition, type);
  if (type in ALERT_TYPES) return withAlert(definition, type);
  return { ...definition, type, requests: requestsOf(definition).length > 0 ? definition.requests : [{ q: "" }] };
}

function Fields({ definition, onChange }: { definition: Definition; onChange: (part: Partial<Definition>) => void }) {
  if (definition.type === "group") return null;
  if (definition.type === "note") {
    return (
      <label className="field">
        <span>Markdown</span>
        <textarea
          rows={8}
          value={definition.content ?? ""}
          onChange={(event) => onChange({ content: event.target.value })}
        />
      </label>
    );
  }
  if (definition.type in ALERT_TYPES) return <AlertFields definition={definition} onChange={onChange} />;
  if (STREAMS.has(definition.type)) return <StreamFields definition={definition} onChange={onChange} />;
  const requests = requestsOf(definition);
  const setRequest = (index: number, request: WidgetRequest | null) =>
    onChange({
      requests:
        request === null
          ? requests.filter((_, at) => at !== index)
          : requests.map((old, at) => (at === index ? request : old)),
    });
  return (
    <>
      <div className="query-rows">
        {requests.map((request, index) => (
          <RequestEditor
            key={index}
            request={request}
            type={definition.type}
            removable={requests.length > 1}
            onChange={(next) => setRequest(index, next)}
          />
        ))}
        <div>
          <Button
            icon="plus"
            tone="quiet"
            onClick={() =>
              onChange({
                requests: [
                  ...requests,
                  { q: firstQuery({ name: "system.load.1", kind: "gauge" }), display_type: "line" },
                ],
              })
            }
          >
            Add a query
          </Button>
        </div>
      </div>
      {definition.type === "timeseries" ? (
        <ChartOptions definition={definition} onChange={onChange} />
      ) : (
        <FigureOptions definition={definition} onChange={onChange} />
      )}
    </>
  );
}
