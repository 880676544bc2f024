import { autocompletion } from "@codemirror/autocomplete";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { get } from "../api/client";
import type { MetricDetail } from "../api/metrics";
import type { QueryProblem } from "../api/query";
import { completionSource } from "./completion";
import { queryLanguage } from "./language";
import { diagnosticsOf, lineExtensions } from "./line";

interface Props {
  value: string;
  label: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
  problem?: QueryProblem | null;
  autoFocus?: boolean;
}

/** One query on one line, with completion, colours, and the error under its place. Enter runs it. */
export function QueryInput({ value, label, onChange, onSubmit, problem, autoFocus = false }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onSubmit });
  const first = useRef({ value, label, autoFocus });
  const client = useQueryClient();
  useEffect(() => {
    latest.current = { onChange, onSubmit };
  });
  useEffect(() => {
    const kinds = async (name: string) => {
      const metric = await client.fetchQuery({
        queryKey: ["metric", name],
        queryFn: () => get<MetricDetail>(`/api/ui/metrics/${encodeURIComponent(name)}`),
        staleTime: 60_000,
      });
      return metric.kind;
    };
    const start = first.current;
    const made = new EditorView({
      parent: root.current!,
      state: EditorState.create({
        doc: start.value,
        extensions: [
          ...lineExtensions({
            label: start.label,
            hint: "Name a metric, for example avg:system.load.1{*} by {host}",
            onChange: (text) => latest.current.onChange(text),
            onSubmit: () => latest.current.onSubmit(),
          }),
          autocompletion({ override: [completionSource(kinds)], icons: false, maxRenderedOptions: 60 }),
          queryLanguage,
        ],
      }),
    });
    view.current = made;
    if (start.autoFocus) made.focus();
    return () => made.destroy();
  }, [client]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, problem)));
  }, [problem]);
  return <div ref={root} className={problem ? "query-input bad" : "query-input"} />;
}
