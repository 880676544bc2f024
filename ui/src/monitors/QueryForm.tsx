import { useState } from "react";
import type { FieldProblem } from "../api/monitorDraft";
import type { QueryProblem } from "../api/query";
import { Button } from "../ui/Button";
import { Part, Problems } from "./Fields";
import { isMetric, isRows } from "./form";
import { MetricFields } from "./MetricFields";
import { CheckFields, CompositeFields, SloFields } from "./OtherFields";
import { RowsFields } from "./RowsFields";
import type { Editor } from "./useEditor";

interface Props {
  editor: Editor;
  problems: FieldProblem[];
}

/** The query as fields of its kind; as Datadog's text where it is no form's, or where somebody prefers that. */
export function QueryForm({ editor, problems }: Props) {
  const { monitor, form } = editor;
  const [asText, setAsText] = useState(false);
  const text = asText || form === null;
  return (
    <Part
      step={2}
      title="What to watch"
      aside={
        <Button
          tone="quiet"
          icon="code"
          disabled={form === null}
          onClick={() => setAsText(!asText)}
          aria-pressed={text}
        >
          {text ? "As fields" : "As text"}
        </Button>
      }
    >
      {text && <TextQuery key={monitor.type} query={monitor.query} onChange={editor.setQuery} />}
      {!text && isMetric(form) && (
        <MetricFields form={form} problem={inside(problems, monitor.query, form.query)} onChange={editor.setForm} />
      )}
      {!text && isRows(form) && (
        <RowsFields form={form} problem={inside(problems, monitor.query, form.search)} onChange={editor.setForm} />
      )}
      {!text && (form.kind === "check" || form.kind === "synthetic") && (
        <CheckFields form={form} onChange={editor.setForm} />
      )}
      {!text && form.kind === "slo" && <SloFields form={form} onChange={editor.setForm} />}
      {!text && form.kind === "composite" && <CompositeFields form={form} onChange={editor.setForm} />}
      <Problems problems={problems} />
    </Part>
  );
}

function TextQuery({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  return (
    <textarea
      className="input"
      aria-label="Query text"
      rows={4}
      spellCheck={false}
      value={query}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** The place of a problem, counted from the part of the query that a field holds. */
function inside(problems: FieldProblem[], query: string, part: string): QueryProblem | null {
  const found = problems.find(({ field, position }) => field === "query" && position != null);
  const start = query.indexOf(part);
  if (!found || part === "" || start < 0) return null;
  const position = found.position! - start;
  return position < 0 || position > part.length ? null : { message: found.message, position, expected: [] };
}
