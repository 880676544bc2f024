import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { MessagePreview } from "../api/monitorDraft";
import { completions, diagnosticsOf, messageColours } from "./messageLanguage";

interface Props {
  value: string;
  groupBy: string[];
  preview: MessagePreview | undefined;
  onChange: (value: string) => void;
  onFocus: () => void;
}

/** The message as it is written, with completion after `{{` and `@`, and with marks under what is not known. */
export function MessageInput({ value, groupBy, preview, onChange, onFocus }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onFocus, groupBy });
  const first = useRef(value);
  useEffect(() => {
    latest.current = { onChange, onFocus, groupBy };
  });
  useEffect(() => {
    const made = new EditorView({
      parent: root.current!,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          history(),
          closeBrackets(),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "Message" }),
          placeholder("{{#is_alert}} What is wrong, and what to do about it. @who-to-tell {{/is_alert}}"),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
            if (update.focusChanged && update.view.hasFocus) latest.current.onFocus();
          }),
          autocompletion({ override: [completions(() => latest.current.groupBy)], icons: false }),
          messageColours,
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state.doc.toString(), preview)));
  }, [preview]);
  return <div ref={root} className="query-input message-input" />;
}
