import {
  autocompletion,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { QueryProblem } from "../api/query";
import type { Signal } from "../api/rows";
import { completeRows } from "../api/rowsLive";
import { useHotkeys } from "../app/hotkeys";
import { diagnosticsOf, lineExtensions } from "../editor/line";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { searchLanguage } from "./searchLanguage";

interface Props {
  signal: Signal;
  /** The query of the URL; typing is a draft of it until Enter. */
  value: string;
  onSubmit: (query: string) => void;
  label?: string;
  hint?: string;
  problem?: QueryProblem | null;
  autoFocus?: boolean;
  /** The page's own search field takes the key `/`; fields of dialogs don't. */
  hotkey?: boolean;
  /** For forms that have their own button: every change is told. */
  onDraft?: (query: string) => void;
}

const HINTS: Record<Signal, string> = {
  logs: "Search logs: words, service:web, @http.status_code:>=500, -status:info",
  spans: "Search spans: service:web, resource_name:checkout, @duration:>100ms, *:user-42",
  events: "Search events: words, source:deploy, service:web, priority:normal",
};

/** The search of a page of rows: completion of fields and values, colours, the fault in its place. Enter runs it. */
export function SearchInput({
  signal,
  value,
  onSubmit,
  label,
  hint,
  problem,
  autoFocus,
  hotkey = true,
  onDraft,
}: Props) {
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onSubmit, onDraft });
  const name = label ?? `Search ${signal}`;
  const first = useRef({ value, name, hint: hint ?? HINTS[signal], autoFocus, hotkey });
  useEffect(() => {
    latest.current = { onSubmit, onDraft };
  });
  useHotkeys(hotkey ? { "/": () => view.current?.focus() } : {});
  useEffect(() => {
    const start = first.current;
    const made = new EditorView({
      parent: root.current!,
      state: EditorState.create({
        doc: start.value,
        extensions: [
          ...lineExtensions({
            label: start.name,
            hint: start.hint,
            onChange: (text) => latest.current.onDraft?.(text),
            onSubmit: () => {
              // The keys of the list work as soon as a search has run.
              if (start.hotkey) made.contentDOM.blur();
              latest.current.onSubmit(made.state.doc.toString().trim());
            },
            onEscape: () => undefined,
          }),
          autocompletion({ override: [completions(signal)], icons: false, maxRenderedOptions: 60 }),
          searchLanguage,
        ],
      }),
    });
    view.current = made;
    if (start.autoFocus) made.focus();
    return () => made.destroy();
  }, [signal]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, problem)));
  }, [problem]);
  return (
    <div className="row-search">
      <div className={problem ? "query-input row-query bad" : "query-input row-query"}>
        <Icon name="search" />
        <div ref={root} className="grow" />
        {value !== "" && (
          <IconButton icon="close" label="Clear the search" onClick={() => (onSubmit(""), view.current?.focus())} />
        )}
        {hotkey && value === "" && <kbd aria-hidden="true">/</kbd>}
      </div>
      {problem && (
        <p className="query-error" role="alert">
          {problem.message}
          {problem.expected?.length > 0 && <span className="dim"> · expected {problem.expected.join(", ")}</span>}
        </p>
      )}
    </div>
  );
}

const GOES_ON = /[:(]$/;

function completions(signal: Signal) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const control = new AbortController();
    context.addEventListener("abort", () => control.abort());
    try {
      const { from, to, options } = await completeRows(
        signal,
        context.state.doc.toString(),
        context.pos,
        control.signal,
      );
      return { from, to, filter: false, options: options.map(optionOf) };
    } catch {
      // Typing went on, or the server is away: no list is the answer to both.
      return null;
    }
  };
}

function optionOf({ label, insert, detail, kind }: { label: string; insert: string; detail?: string; kind: string }) {
  return {
    label,
    detail,
    type: kind,
    apply: (view: EditorView, _completion: Completion, from: number, to: number) => {
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
      if (GOES_ON.test(insert)) startCompletion(view);
    },
  };
}
