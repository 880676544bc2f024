import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { get } from "../api/client";
import type { MetricDetail } from "../api/metrics";
import type { QueryProblem } from "../api/query";
import { completionSource } from "./completion";
import { queryLanguage } from "./language";

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
          Prec.highest(keymap.of(keys(() => latest.current.onSubmit()))),
          history(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({ override: [completionSource(kinds)], icons: false, maxRenderedOptions: 60 }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          queryLanguage,
          oneLine,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": start.label }),
          placeholder("Name a metric, for example avg:system.load.1{*} by {host}"),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
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

function keys(submit: () => void) {
  return [
    {
      key: "Enter",
      run: (view: EditorView) => {
        if (completionStatus(view.state) === "active" && acceptCompletion(view)) return true;
        submit();
        return true;
      },
    },
    { key: "Tab", run: acceptCompletion },
    { key: "Ctrl-Space", run: startCompletion },
    {
      key: "Mod-Enter",
      run: () => {
        submit();
        return true;
      },
    },
  ];
}

/** Pasted line breaks become spaces. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines <= 1) return transaction;
  const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
  return [
    { changes: { from: 0, to: transaction.startState.doc.length, insert: text }, selection: { anchor: text.length } },
  ];
});

function diagnosticsOf(state: EditorState, problem: QueryProblem | null | undefined) {
  if (!problem) return [];
  const length = state.doc.length;
  const from = Math.min(Math.max(0, problem.position), Math.max(0, length - 1));
  const rest = state.doc.toString().slice(from);
  const word = /^[\w.:]+/.exec(rest)?.[0].length ?? 1;
  const expected = problem.expected.length > 0 ? `; expected ${problem.expected.join(", ")}` : "";
  return [{ from, to: Math.min(length, from + word), severity: "error" as const, message: problem.message + expected }];
}
