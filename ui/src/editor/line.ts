/** What every one-line editor does: Enter runs it, pasted line breaks become spaces, a fault is marked in its place. */
import {
  acceptCompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import type { QueryProblem } from "../api/query";

interface Line {
  label: string;
  hint: string;
  onChange: (text: string) => void;
  onSubmit: () => void;
  /** Esc, when no list is open: leaves the field. */
  onEscape?: () => void;
}

export function lineExtensions({ label, hint, onChange, onSubmit, onEscape }: Line): Extension[] {
  return [
    Prec.highest(keymap.of(lineKeys(onSubmit, onEscape))),
    history(),
    closeBrackets(),
    bracketMatching(),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    oneLine,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    placeholder(hint),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

function lineKeys(submit: () => void, escape?: () => void) {
  const run = () => {
    submit();
    return true;
  };
  return [
    {
      key: "Enter",
      run: (view: EditorView) => {
        if (completionStatus(view.state) === "active" && acceptCompletion(view)) return true;
        closeCompletion(view);
        return run();
      },
    },
    { key: "Tab", run: acceptCompletion },
    { key: "Ctrl-Space", run: startCompletion },
    { key: "Mod-Enter", run },
    {
      key: "Escape",
      run: (view: EditorView) => {
        if (!escape || completionStatus(view.state) === "active") return false;
        closeCompletion(view);
        view.contentDOM.blur();
        escape();
        return true;
      },
    },
  ];
}

const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines <= 1) return transaction;
  const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
  return [
    { changes: { from: 0, to: transaction.startState.doc.length, insert: text }, selection: { anchor: text.length } },
  ];
});

export function diagnosticsOf(state: EditorState, problem: QueryProblem | null | undefined) {
  if (!problem) return [];
  const length = state.doc.length;
  const from = Math.min(Math.max(0, problem.position), Math.max(0, length - 1));
  const rest = state.doc.toString().slice(from);
  const word = /^[\w.:@]+/.exec(rest)?.[0].length ?? 1;
  const expected = problem.expected?.length ? `; expected ${problem.expected.join(", ")}` : "";
  return [{ from, to: Math.min(length, from + word), severity: "error" as const, message: problem.message + expected }];
}
