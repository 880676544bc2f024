/** Completion from the server, and what follows a choice: `{*}` after a metric, `.as_count()` after a count. */
import {
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { complete, type CompletionOption } from "../api/complete";

export interface Kinds {
  /** The kind of a metric, for the modifier that its first query gets. */
  (metric: string): Promise<string>;
}

const COUNTED = new Set(["count", "rate", "cumulative"]);
const GOES_ON = /[:{(,]$/;
const TYPES: Record<CompletionOption["kind"], string> = {
  metric: "variable",
  tag_key: "property",
  tag_value: "text",
  function: "function",
  aggregator: "keyword",
  modifier: "method",
};

export function completionSource(kinds: Kinds) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const control = new AbortController();
    context.addEventListener("abort", () => control.abort());
    const text = context.state.doc.toString();
    try {
      const { from, to, options } = await complete(text, context.pos, control.signal);
      return { from, to, filter: false, options: options.map((option) => optionOf(option, kinds)) };
    } catch {
      // Typing went on, or the server is away: no list is the answer to both.
      return null;
    }
  };
}

function optionOf(option: CompletionOption, kinds: Kinds): Completion {
  const { label, insert, kind, detail } = option;
  return {
    label,
    detail,
    type: TYPES[kind],
    apply: (view: EditorView, _completion: Completion, from: number, to: number) => {
      if (kind === "metric") void applyMetric(view, insert, from, to, kinds);
      else applyText(view, insert, from, to);
    },
  };
}

function applyText(view: EditorView, insert: string, from: number, to: number): void {
  const closes = insert.endsWith("(") ? ")" : insert.endsWith("{") ? "}" : "";
  view.dispatch({ changes: { from, to, insert: insert + closes }, selection: { anchor: from + insert.length } });
  if (GOES_ON.test(insert)) startCompletion(view);
}

/** A bare name becomes a whole query; counts and rates are asked as counts. */
async function applyMetric(view: EditorView, name: string, from: number, to: number, kinds: Kinds): Promise<void> {
  const text = view.state.doc.toString();
  const bare = name.replace(/\{\*?\}?$/, "");
  const filtered = text.slice(to).trimStart().startsWith("{");
  const prefixed = /:\s*$/.test(text.slice(0, from));
  view.dispatch({
    changes: { from, to, insert: filtered ? bare : `${bare}{*}` },
    selection: { anchor: from + bare.length + (filtered ? 0 : 2) },
  });
  if (filtered) return;
  const counted = COUNTED.has(await kinds(bare).catch(() => ""));
  const now = view.state.doc.toString();
  const end = from + bare.length + 3;
  if (now.slice(from, end) !== `${bare}{*}`) return;
  const changes = [];
  if (!prefixed) changes.push({ from, insert: counted ? "sum:" : "avg:" });
  if (counted && !now.slice(end).startsWith(".as_")) changes.push({ from: end, insert: ".as_count()" });
  if (changes.length > 0) view.dispatch({ changes });
}
