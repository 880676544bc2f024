/** Colours for the search syntax of rows: a tokenizer of one line, enough to see fields, values, words and operators apart. */
import { HighlightStyle, StreamLanguage, syntaxHighlighting, type StringStream } from "@codemirror/language";
import { tags } from "@lezer/highlight";

interface State {
  /** After `field:` comes a value. */
  value: boolean;
}

function token(stream: StringStream, state: State): string | null {
  if (stream.eatSpace()) {
    state.value = false;
    return null;
  }
  if (stream.match(/^"(\\.|[^"\\])*"?/)) return done(state, "string");
  if (stream.match(/^(AND|OR|NOT|TO)\b/)) return "keyword";
  if (!state.value && stream.match(/^[-!]?@?[\w.*$-]+(?=:)/)) return "key";
  if (stream.match(/^(>=|<=|>|<)/)) return "operator";
  if (stream.eat(":")) {
    state.value = true;
    return "operator";
  }
  if (stream.match(/^[()[\]{}]/)) return "bracket";
  if (stream.match(/^\$[\w.-]+/)) return done(state, "variable");
  if (stream.match(/^-?\d+(\.\d+)?(?=[\s)\]}]|$)/)) return done(state, "number");
  if (stream.match(/^(\\.|[^\s:()[\]{}"])+/)) return done(state, state.value ? "string" : "word");
  stream.next();
  return null;
}

function done(state: State, kind: string): string {
  state.value = false;
  return kind;
}

const language = StreamLanguage.define<State>({
  name: "row search",
  startState: () => ({ value: false }),
  copyState: (state) => ({ ...state }),
  token,
  tokenTable: { key: tags.propertyName, variable: tags.special(tags.name), word: tags.name },
});

const style = HighlightStyle.define([
  { tag: tags.name, class: "tok-word" },
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: tags.propertyName, class: "tok-key" },
  { tag: tags.string, class: "tok-string" },
  { tag: tags.special(tags.name), class: "tok-variable" },
  { tag: tags.number, class: "tok-number" },
  { tag: tags.bracket, class: "tok-bracket" },
]);

export const searchLanguage = [language, syntaxHighlighting(style)];
