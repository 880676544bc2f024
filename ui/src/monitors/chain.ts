/** Reads `head("a").by("b", "c").last("5m")` and the arguments of functions: quotes, escapes and brackets are heeded. */

export interface Call {
  name: string;
  args: Arg[];
}

/** A text in quotes, or anything else as it was written. */
export interface Arg {
  text: string;
  quoted: boolean;
}

export interface Chain {
  head: Call;
  calls: Call[];
}

const CLOSES: Record<string, string> = { "(": ")", "{": "}", "[": "]" };

/** Where the bracket that opens at `at` closes, or -1. */
export function closing(text: string, at: number): number {
  const open: string[] = [];
  let quote = "";
  for (let index = at; index < text.length; index += 1) {
    const c = text[index];
    if (quote) {
      if (c === "\\") index += 1;
      else if (c === quote) quote = "";
    } else if (c === '"' || c === "'") quote = c;
    else if (CLOSES[c]) open.push(CLOSES[c]);
    else if (c === open[open.length - 1]) {
      open.pop();
      if (open.length === 0) return index;
    }
  }
  return -1;
}

/** Parts between the separator where no bracket and no quote is open. */
export function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const c = text[index];
    if (quote) {
      if (c === "\\") index += 1;
      else if (c === quote) quote = "";
    } else if (c === '"' || c === "'") quote = c;
    else if ("({[".includes(c)) depth += 1;
    else if (")}]".includes(c)) depth -= 1;
    else if (c === separator && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim());
}

export function argsOf(text: string): Arg[] {
  if (text.trim() === "") return [];
  return splitTop(text, ",").map(argOf);
}

function argOf(text: string): Arg {
  const quote = text[0];
  const quoted = text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote);
  if (!quoted) return { text, quoted: false };
  return { text: text.slice(1, -1).replace(/\\(["'\\])/g, "$1"), quoted: true };
}

export const quoted = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;

const NAME = /^\s*\.?\s*([\w-]+)\s*\(/;

/** Null when the text is no chain of calls to its very end. */
export function readChain(text: string): Chain | null {
  const whole = text.trim();
  const bare = /^"((?:[^"\\]|\\.)*)"/.exec(whole);
  const calls: Call[] = [];
  if (bare) calls.push({ name: "", args: [argOf(bare[0])] });
  let rest = bare ? whole.slice(bare[0].length) : whole;
  while (rest !== "") {
    const match = NAME.exec(rest);
    if (!match || (calls.length > 0 && !/^\s*\./.test(rest)) || (calls.length === 0 && /^\s*\./.test(rest)))
      return null;
    const open = match[0].length - 1;
    const end = closing(rest, open);
    if (end < 0) return null;
    calls.push({ name: match[1], args: argsOf(rest.slice(open + 1, end)) });
    rest = rest.slice(end + 1).trim();
  }
  const [head, ...others] = calls;
  return head ? { head, calls: others } : null;
}

/** The arguments of the call of that name; null when the chain has none. */
export function callOf(chain: Chain, name: string): string[] | null {
  const found = chain.calls.find((call) => call.name === name);
  return found ? found.args.map(({ text }) => text) : null;
}
