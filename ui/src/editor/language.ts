/** Colours for the metric query language: a tokenizer of one line, enough to see where one is. */
import { HighlightStyle, StreamLanguage, syntaxHighlighting, type StringStream } from "@codemirror/language";
import { tags } from "@lezer/highlight";

interface State {
  braces: number;
}

const AGGREGATORS = /^(avg|sum|min|max|count|p\d{1,2}(\.\d+)?):/;

function token(stream: StringStream, state: State): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^'[^']*'?|^"[^"]*"?/)) return "string";
  const next = stream.peek();
  if (next === "{" || next === "}") {
    state.braces += next === "{" ? 1 : -1;
    stream.next();
    return "bracket";
  }
  if (state.braces > 0) return inBraces(stream);
  if (stream.match(AGGREGATORS)) return "keyword";
  if (stream.match(/^\.(as_count|as_rate|rollup|fill|weighted)\b/)) return "modifier";
  if (stream.match(/^by\b/i)) return "keyword";
  if (stream.match(/^[a-zA-Z_]\w*(?=\()/)) return "function";
  if (stream.match(/^[a-zA-Z_][\w./-]*\w/)) return "metric";
  if (stream.match(/^\d+(\.\d+)?/)) return "number";
  stream.next();
  return "operator";
}

function inBraces(stream: StringStream): string {
  if (stream.match(/^(AND|OR|NOT|IN)\b/i)) return "keyword";
  if (stream.match(/^\$[\w.-]+/)) return "variable";
  if (stream.match(/^[^\s,{}():]+(?=:)/)) return "key";
  if (stream.match(/^[^\s,{}():]+/)) return "string";
  stream.next();
  return "operator";
}

const language = StreamLanguage.define<State>({
  name: "metric query",
  startState: () => ({ braces: 0 }),
  copyState: (state) => ({ ...state }),
  token,
  tokenTable: {
    metric: tags.name,
    function: tags.function(tags.name),
    modifier: tags.modifier,
    key: tags.propertyName,
    variable: tags.special(tags.name),
  },
});

const style = HighlightStyle.define([
  { tag: tags.name, class: "tok-metric" },
  { tag: tags.function(tags.name), class: "tok-function" },
  { tag: tags.modifier, class: "tok-function" },
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: tags.propertyName, class: "tok-key" },
  { tag: tags.string, class: "tok-string" },
  { tag: tags.special(tags.name), class: "tok-variable" },
  { tag: tags.number, class: "tok-number" },
  { tag: tags.bracket, class: "tok-bracket" },
]);

export const queryLanguage = [language, syntaxHighlighting(style)];
