/** The message's editor: completion of `{{variables}}` and `@handles`, their colours, and the places of what is unknown. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Diagnostic } from "@codemirror/lint";
import { Decoration, MatchDecorator, ViewPlugin, type EditorView, type ViewUpdate } from "@codemirror/view";
import { completeHandles, type MessagePreview } from "../api/monitorDraft";
import { CONDITIONS, VARIABLES } from "./kinds";

const block = (name: string) => ({ label: `#${name}`, insert: `#${name}}}\n\n{{/${name}}}`, detail: "only then" });

/** What may stand between the braces, for a monitor that is grouped by these keys. */
export function variablesOf(groupBy: string[]): { label: string; insert: string; detail: string; back?: number }[] {
  const tags = groupBy.map((key) => {
    const name = key.includes(".") && !key.startsWith("@") ? `[${key}].name` : `${key}.name`;
    return { label: name, insert: `${name}}}`, detail: `${key} of the group` };
  });
  const values = VARIABLES.filter(([name]) => !tags.some(({ label }) => label === name));
  return [
    ...tags,
    ...values.map(([name, detail]) => ({ label: name, insert: `${name}}}`, detail })),
    ...CONDITIONS.map(block),
    ...CONDITIONS.map((name) => ({ label: `^${name}`, insert: `^${name}}}\n\n{{/${name}}}`, detail: "only when not" })),
    { label: "#is_match", insert: '#is_match "host.name" "web"}}\n\n{{/is_match}}', detail: "when a tag holds a word" },
    { label: "eval", insert: 'eval "value*100"}}', detail: "arithmetic" },
    { label: "local_time", insert: "local_time 'last_triggered_at' 'Europe/Paris'}}", detail: "in a time zone" },
  ];
}

export function completions(groupBy: () => string[]) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const inside = context.matchBefore(/\{\{[#^/]?[\w.@[\]-]*$/);
    if (inside) {
      // In the order of the list: the group's own tags come first.
      const options = variablesOf(groupBy()).map(({ label, insert, detail }, index): Completion => ({
        label,
        detail,
        boost: Math.max(-99, 99 - index * 5),
        apply: (view, _completion, from, to) => put(view, insert, from, to),
      }));
      return { from: inside.from + 2, options, validFor: /^[#^/]?[\w.@[\]-]*$/ };
    }
    const handle = context.matchBefore(/(^|[\s(])@[\w.@-]*$/);
    if (!handle) return null;
    const text = handle.text.trimStart().replace(/^\(/, "");
    const from = handle.to - text.length;
    const found = await completeHandles(text.slice(1)).catch(() => []);
    return {
      from,
      filter: false,
      options: found.map(({ handle: label, channel, name }) => ({ label, detail: channel ?? name ?? "" })),
    };
  };
}

/** What was there already behind the cursor is not written twice; of a block, the cursor goes between its ends. */
function put(view: EditorView, insert: string, from: number, to: number): void {
  const after = view.state.sliceDoc(to, to + 2);
  const end = after === "}}" ? to + 2 : to;
  const middle = insert.indexOf("\n\n");
  const anchor = from + (middle >= 0 ? middle + 1 : insert.length);
  view.dispatch({ changes: { from, to: end, insert }, selection: { anchor } });
}

const marks = new MatchDecorator({
  regexp: /(\{\{\{?\{?[#^/][^}]*\}\}+)|(\{\{[^}]*\}\}+)|((?:^|(?<=[\s(]))@[\w.@-]+)/g,
  decoration: ([, condition, variable]) =>
    Decoration.mark({ class: condition ? "tok-keyword" : variable ? "tok-variable" : "tok-handle" }),
});

export const messageColours = ViewPlugin.fromClass(
  class {
    decorations;
    constructor(view: EditorView) {
      this.decorations = marks.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = marks.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** A place that the server counts in bytes, as a place in the text. */
export function indexOfByte(text: string, byte: number): number {
  let bytes = 0;
  let at = 0;
  for (const letter of text) {
    if (bytes >= byte) return at;
    const code = letter.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += letter.length;
  }
  return at;
}

/** Marks under what the server does not know, at its place. */
export function diagnosticsOf(message: string, preview: MessagePreview | undefined): Diagnostic[] {
  if (!preview) return [];
  const place = (position: number) => Math.min(indexOfByte(message, position), message.length);
  const until = (from: number, pattern: RegExp) =>
    Math.min(message.length, from + (pattern.exec(message.slice(from))?.[0].length ?? 1));
  const unknown = preview.unknown.map(({ name, position }) => {
    const from = place(position);
    const text = `{{${name}}} is not known: it is told as it stands`;
    return { from, to: until(from, /^\{*[^}\n]*\}*/), severity: "warning" as const, message: text };
  });
  const faults = preview.problems.map(({ message: text, position }) => {
    const from = place(position);
    return { from, to: until(from, /^\{*[^}\n]*\}*/), severity: "error" as const, message: text };
  });
  const handles = preview.handles
    .filter(({ known }) => !known)
    .flatMap(({ handle }) => {
      const from = placeOf(message, handle);
      const text = `no channel is called ${handle}`;
      return from < 0 ? [] : [{ from, to: from + handle.length, severity: "warning" as const, message: text }];
    });
  return [...unknown, ...faults, ...handles].filter(({ from, to }) => to > from);
}

/** Of the handle itself: `@on` is no part of `@oncall`. */
function placeOf(message: string, handle: string): number {
  for (let at = message.indexOf(handle); at >= 0; at = message.indexOf(handle, at + 1))
    if (
      !/[\w.@-]/.test(message[at + handle.length] ?? " ") ||
      /\.(\s|$)/.test(message.slice(at + handle.length, at + handle.length + 2))
    )
      return at;
  return -1;
}
