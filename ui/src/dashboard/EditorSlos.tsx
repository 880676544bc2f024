import { useQuery } from "@tanstack/react-query";
import { TIMEFRAMES, slos } from "../api/slos";
import { TIMEFRAME_TEXT } from "../slo/figures";
import { sloQueryOf, text } from "./alertWidgets";
import { Choice, Tick } from "./EditorChoice";
import type { Definition, WidgetRequest } from "./model";

interface Props {
  definition: Definition;
  onChange: (part: Partial<Definition>) => void;
}

export function OfSlo({ definition, onChange }: Props) {
  const { data } = useQuery(slos(""));
  const all = data?.slos ?? [];
  const windows = Array.isArray(definition.time_windows) ? (definition.time_windows as string[]) : [];
  const toggle = (name: string) =>
    onChange({ time_windows: windows.includes(name) ? windows.filter((each) => each !== name) : [...windows, name] });
  return (
    <div className="stack">
      <Choice
        label="Objective"
        value={text(definition.slo_id)}
        options={[["", "choose one"], ...all.map(({ id, name }): [string, string] => [id, name])]}
        onPick={(slo_id) => onChange({ slo_id })}
      />
      <div className="editor-row">
        <div className="segments" role="group" aria-label="Windows">
          {TIMEFRAMES.map((name) => (
            <button key={name} type="button" aria-pressed={windows.includes(name)} onClick={() => toggle(name)}>
              {TIMEFRAME_TEXT[name]}
            </button>
          ))}
        </div>
        <Choice
          label="Shows"
          value={text(definition.view_mode) || "overall"}
          options={[
            ["overall", "the whole"],
            ["component", "its groups"],
            ["both", "both"],
          ]}
          onPick={(view_mode) => onChange({ view_mode })}
        />
        <Tick
          label="Error budget"
          checked={definition.show_error_budget !== false}
          onChange={(show_error_budget) => onChange({ show_error_budget })}
        />
      </div>
    </div>
  );
}

export function SloQuery({ definition, onChange }: Props) {
  const query = sloQueryOf(definition);
  return (
    <label className="field">
      <span>Which objectives</span>
      <input
        className="mono"
        value={query.query_string ?? ""}
        placeholder="all; or a part of the name, or a tag as team:shop"
        onChange={(event) =>
          onChange({
            requests: [
              { request_type: "slo_list", query: { ...query, query_string: event.target.value } } as WidgetRequest,
            ],
          })
        }
      />
    </label>
  );
}

export function OfCheck({ definition, onChange }: Props) {
  const words = (value: string) => value.split(/[\s,]+/).filter(Boolean);
  const joined = (value: unknown) => (Array.isArray(value) ? value.join(", ") : "");
  return (
    <div className="editor-row">
      <label className="field grow">
        <span>Check</span>
        <input
          className="mono"
          value={text(definition.check)}
          placeholder="datadog.agent.up"
          onChange={(event) => onChange({ check: event.target.value })}
        />
      </label>
      <label className="field grow">
        <span>Tags</span>
        <input
          className="mono"
          defaultValue={joined(definition.tags)}
          placeholder="all"
          onBlur={(event) => onChange({ tags: words(event.target.value) })}
        />
      </label>
      <label className="field grow">
        <span>By</span>
        <input
          className="mono"
          defaultValue={joined(definition.group_by)}
          placeholder="host"
          onBlur={(event) => onChange({ group_by: words(event.target.value) })}
        />
      </label>
    </div>
  );
}
