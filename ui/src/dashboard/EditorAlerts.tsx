import { MonitorPicker } from "../downtimes/MonitorPicker";
import { sortOf, text } from "./alertWidgets";
import { Choice, Tick } from "./EditorChoice";
import { OfCheck, OfSlo, SloQuery } from "./EditorSlos";
import type { Definition } from "./model";

interface Props {
  definition: Definition;
  onChange: (part: Partial<Definition>) => void;
}

/** Fields of the widgets about monitors and objectives. */
export function AlertFields({ definition, onChange }: Props) {
  switch (definition.type) {
    case "alert_graph":
    case "alert_value":
      return <OfMonitor definition={definition} onChange={onChange} />;
    case "manage_status":
      return <Summary definition={definition} onChange={onChange} />;
    case "slo":
      return <OfSlo definition={definition} onChange={onChange} />;
    case "slo_list":
      return <SloQuery definition={definition} onChange={onChange} />;
    default:
      return <OfCheck definition={definition} onChange={onChange} />;
  }
}

function OfMonitor({ definition, onChange }: Props) {
  const id = Number(text(definition.alert_id)) || null;
  return (
    <div className="stack">
      <div className="field">
        <span>Monitor</span>
        <MonitorPicker value={id} onPick={(next) => onChange({ alert_id: next === null ? "" : String(next) })} />
      </div>
      {definition.type === "alert_graph" ? (
        <div className="editor-row">
          <Choice
            label="Drawn as"
            value={text(definition.viz_type) || "timeseries"}
            options={[
              ["timeseries", "a chart"],
              ["toplist", "a list of groups"],
            ]}
            onPick={(viz_type) => onChange({ viz_type })}
          />
        </div>
      ) : (
        <div className="editor-row">
          <label className="field small">
            <span>Decimals</span>
            <input
              type="number"
              min={0}
              max={10}
              placeholder="auto"
              value={definition.precision ?? ""}
              onChange={(event) =>
                onChange({ precision: event.target.value === "" ? undefined : Number(event.target.value) })
              }
            />
          </label>
          <label className="field small">
            <span>Unit</span>
            <input
              placeholder="auto"
              value={text(definition.unit) === "auto" ? "" : text(definition.unit)}
              onChange={(event) => onChange({ unit: event.target.value || "auto" })}
            />
          </label>
          <Choice
            label="Stands"
            value={text(definition.text_align) || "left"}
            options={[
              ["left", "left"],
              ["center", "in the middle"],
              ["right", "right"],
            ]}
            onPick={(text_align) => onChange({ text_align })}
          />
        </div>
      )}
    </div>
  );
}

const SORTS: [string, string][] = [
  ["status,asc", "worst first"],
  ["triggered,desc", "latest trouble first"],
  ["name,asc", "by name"],
  ["priority,asc", "by priority"],
];

function Summary({ definition, onChange }: Props) {
  const sort = sortOf(definition);
  return (
    <div className="stack">
      <label className="field">
        <span>Which monitors</span>
        <input
          className="mono"
          value={text(definition.query)}
          placeholder='all; or tag:"env:prod" status:alert …'
          onChange={(event) => onChange({ query: event.target.value })}
        />
      </label>
      <div className="editor-row">
        <Choice
          label="Shows"
          value={text(definition.display_format) || "countsAndList"}
          options={[
            ["countsAndList", "counts and list"],
            ["counts", "counts"],
            ["list", "list"],
          ]}
          onPick={(display_format) => onChange({ display_format })}
        />
        <Choice
          label="Counts"
          value={text(definition.summary_type) || "monitors"}
          options={[
            ["monitors", "monitors"],
            ["groups", "groups"],
            ["combined", "both"],
          ]}
          onPick={(summary_type) => onChange({ summary_type })}
        />
        <Choice
          label="Colours"
          value={text(definition.color_preference) || "text"}
          options={[
            ["text", "of the figures"],
            ["background", "of the tiles"],
          ]}
          onPick={(color_preference) => onChange({ color_preference })}
        />
        <Choice
          label="Order"
          value={sort}
          options={SORTS.some(([value]) => value === sort) ? SORTS : [...SORTS, [sort, sort]]}
          onPick={(next) => onChange({ sort: next })}
        />
      </div>
      <div className="editor-row">
        <Tick
          label="Leave zeros out"
          checked={definition.hide_zero_counts !== false}
          onChange={(hide_zero_counts) => onChange({ hide_zero_counts })}
        />
        <Tick
          label="Last trouble"
          checked={definition.show_last_triggered === true}
          onChange={(show_last_triggered) => onChange({ show_last_triggered })}
        />
        <Tick
          label="Priority"
          checked={definition.show_priority === true}
          onChange={(show_priority) => onChange({ show_priority })}
        />
      </div>
    </div>
  );
}
