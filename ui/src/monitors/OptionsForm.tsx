import { useState } from "react";
import type { FieldProblem } from "../api/monitorDraft";
import type { MonitorOptions } from "../api/monitorModel";
import { Button } from "../ui/Button";
import { withOptions } from "./edit";
import { Chips, NumberField, Part, Problems, Select } from "./Fields";
import { numberOf } from "./thresholds";
import type { Editor } from "./useEditor";
import { optionWords } from "./words";

const MISSING = [
  ["default", "evaluate as zero where it counts, else keep the last state"],
  ["show_no_data", "show No Data"],
  ["show_and_notify_no_data", "show No Data and tell"],
  ["resolve", "go back to OK"],
] as const;

const RENOTIFIED = ["alert", "warn", "no data"];

interface Props {
  editor: Editor;
  problems: FieldProblem[];
}

/** Missing data, delays, telling again: in words, with what is not special left out. */
export function OptionsForm({ editor, problems }: Props) {
  const { monitor } = editor;
  const options: MonitorOptions = monitor.options;
  const [open, setOpen] = useState(false);
  const set = (part: Partial<MonitorOptions>) => editor.set(withOptions(monitor, part));
  const number = (name: string) => numberOf(options[name]);
  const given = (value: number | null) => value ?? undefined;
  const words = optionWords(monitor.type, options);
  const older = options.notify_no_data === true;
  return (
    <Part
      step={4}
      title="Missing data, delays, telling again"
      aside={
        <Button tone="quiet" icon={open ? "up" : "down"} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Fold" : "Change"}
        </Button>
      }
    >
      {!open && <p className="dim">{words.length > 0 ? `${words.join("; ")}.` : "As usual: nothing special."}</p>}
      {open && (
        <div className="editor-fields">
          {older ? (
            <p className="sentence">
              Tell of no data after
              <NumberField
                label="No data after minutes"
                width={64}
                value={number("no_data_timeframe")}
                placeholder="10"
                onChange={(value) => set({ no_data_timeframe: value })}
              />
              minutes
              <button
                type="button"
                className="tag"
                onClick={() =>
                  set({
                    notify_no_data: false,
                    no_data_timeframe: undefined,
                    on_missing_data: "show_and_notify_no_data",
                  })
                }
              >
                use the newer option
              </button>
            </p>
          ) : (
            <p className="sentence">
              Without data
              <Select
                label="Without data"
                value={options.on_missing_data ?? "default"}
                options={MISSING}
                onChange={(on_missing_data) => set({ on_missing_data })}
              />
            </p>
          )}
          <p className="sentence">
            Tell again every
            <NumberField
              label="Tell again every minutes"
              width={64}
              value={number("renotify_interval") || null}
              placeholder="never"
              onChange={(value) => set({ renotify_interval: given(value) })}
            />
            minutes, at most
            <NumberField
              label="Tell again at most"
              width={64}
              value={number("renotify_occurrences")}
              placeholder="∞"
              onChange={(value) => set({ renotify_occurrences: given(value) })}
            />
            times, while it is
            {RENOTIFIED.map((status) => {
              const on = options.renotify_statuses ?? ["alert"];
              return (
                <label key={status} className="tick">
                  <input
                    type="checkbox"
                    checked={on.includes(status)}
                    onChange={({ target }) =>
                      set({
                        renotify_statuses: target.checked ? [...on, status] : on.filter((each) => each !== status),
                      })
                    }
                  />
                  {status}
                </label>
              );
            })}
          </p>
          <p className="sentence">
            Evaluate
            <NumberField
              label="Evaluation delay in seconds"
              width={64}
              value={number("evaluation_delay")}
              placeholder="0"
              onChange={(value) => set({ evaluation_delay: given(value) })}
            />
            s late; a new group waits
            <NumberField
              label="New group delay in seconds"
              width={64}
              value={number("new_group_delay") ?? number("new_host_delay")}
              placeholder="60"
              onChange={(value) => set({ new_group_delay: given(value), new_host_delay: undefined })}
            />
            s
          </p>
          <label className="tick">
            <input
              type="checkbox"
              checked={options.require_full_window === true}
              onChange={({ target }) => set({ require_full_window: target.checked })}
            />
            Evaluate only when the whole window has data
          </label>
          <label className="tick">
            <input
              type="checkbox"
              checked={options.include_tags !== false}
              onChange={({ target }) => set({ include_tags: target.checked })}
            />
            The subject names the group that triggered
          </label>
          <div className="sentence">
            One notice for each
            <Chips
              label="One notice for each"
              placeholder="group (or a key of the grouping, or *)"
              values={options.notify_by ?? []}
              onChange={(all) => set({ notify_by: all.length > 0 ? all : undefined })}
            />
          </div>
        </div>
      )}
      <Problems problems={problems} />
    </Part>
  );
}
