import { FieldInput } from "../rows/FieldInput";
import { SearchInput } from "../rows/SearchInput";
import { Icon } from "../ui/Icon";
import { useFields } from "./EditorRows";
import type { Definition } from "./model";
import { streamOf } from "./rowsSource";

interface Props {
  definition: Definition;
  onChange: (part: Partial<Definition>) => void;
}

export const STREAMS = new Set(["log_stream", "event_stream", "event_timeline"]);

/** What the new type can't do without; the rest is as the reader leaves it. */
export function withStream(definition: Definition, type: string): Definition {
  const query = typeof definition.query === "string" ? definition.query : "";
  if (type === "log_stream")
    return {
      columns: ["status", "service", "host"],
      indexes: ["*"],
      message_display: "inline",
      show_date_column: true,
      show_message_column: true,
      ...definition,
      type,
      query,
    };
  return { event_size: "s", tags_execution: "and", ...definition, type, query };
}

export function StreamFields({ definition, onChange }: Props) {
  const stream = streamOf(definition, (text) => text);
  const signal = stream?.signal ?? "logs";
  const fields = useFields(signal, "");
  if (!stream) return null;
  const columns = stream.columns;
  return (
    <div className="stack">
      <SearchInput
        signal={signal}
        value={stream.query}
        hotkey={false}
        autoFocus={stream.query === ""}
        onSubmit={(query) => onChange({ query })}
        onDraft={(query) => onChange({ query })}
      />
      {signal === "logs" && (
        <div className="editor-row">
          <span className="dim">Columns</span>
          {columns.map((field) => (
            <span key={field} className="chip mono">
              {field}
              <button
                type="button"
                aria-label={`Remove the column ${field}`}
                onClick={() => onChange({ columns: columns.filter((each) => each !== field) })}
              >
                <Icon name="close" size={11} />
              </button>
            </span>
          ))}
          <FieldInput
            label="Add a column"
            placeholder="add a column"
            options={fields.map(({ field, kind }) => ({ value: field, detail: kind }))}
            free={(text) => text || null}
            onPick={(field) => onChange({ columns: [...columns, field] })}
          />
          <label className="tick">
            <input
              type="checkbox"
              checked={stream.wrap}
              onChange={(event) => onChange({ message_display: event.target.checked ? "expanded-md" : "inline" })}
            />{" "}
            Lines wrapped
          </label>
        </div>
      )}
    </div>
  );
}
