import { useState, type ReactNode } from "react";
import type { FieldProblem } from "../api/monitorDraft";
import type { MonitorOptions } from "../api/monitorModel";
import { Button } from "../ui/Button";
import { withOptions } from "./edit";
import { Part, Problems } from "./Fields";
import { MissingOptions } from "./MissingOptions";
import { TellingOptions } from "./TellingOptions";
import { TimingOptions } from "./TimingOptions";
import type { Editor } from "./useEditor";
import { optionWords } from "./words";

interface Props {
  editor: Editor;
  groupBy: string[];
  problems: FieldProblem[];
}

/** Missing data, timing, telling again: in words, with what is not special left out. */
export function OptionsForm({ editor, groupBy, problems }: Props) {
  const { monitor, form } = editor;
  const [open, setOpen] = useState(false);
  const words = optionWords(monitor.type, monitor.options);
  const parts = {
    options: monitor.options,
    form,
    set: (part: Partial<MonitorOptions>) => editor.set(withOptions(monitor, part)),
  };
  return (
    <Part
      step={4}
      title="Missing data, delays, telling again"
      aside={
        <Button
          tone="quiet"
          icon={open ? "up" : "down"}
          aria-expanded={open}
          aria-label={open ? "Fold the options" : "Change the options"}
          onClick={() => setOpen(!open)}
        >
          {open ? "Fold" : "Change"}
        </Button>
      }
    >
      {!open && <p className="dim">{words.length > 0 ? `${words.join("; ")}.` : "As usual: nothing special."}</p>}
      {open && (
        <>
          <Group title="Missing data">
            <MissingOptions {...parts} />
          </Group>
          <Group title="Telling">
            <TellingOptions {...parts} groupBy={groupBy} />
          </Group>
          <Group title="Timing">
            <TimingOptions {...parts} />
          </Group>
        </>
      )}
      <Problems problems={problems} />
    </Part>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="option-group">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}
