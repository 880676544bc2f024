/**
 * Changes to a search by clicking: only its top-level terms are read, `field:value`, `field:(a OR b)` and their
 * negations; whatever else a person wrote stays as it is.
 */

export type FieldValue = string | number | boolean;

interface Term {
  text: string;
  negated: boolean;
  field: string;
  values: string[];
}

const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.@/-]*$/;
const WORDS = new Set(["AND", "OR", "NOT", "TO"]);

/** A value as the search reads it literally. */
export function quote(value: FieldValue): string {
  const text = String(value);
  if (PLAIN.test(text) && !WORDS.has(text)) return text;
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** The pieces of a query between blanks that stand outside of quotes and brackets. */
export function pieces(query: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = -1;
  for (let at = 0; at < query.length; at += 1) {
    const c = query[at];
    if (c === "\\") {
      if (start < 0) start = at;
      at += 1;
      continue;
    }
    if (c === '"') quoted = !quoted;
    else if (!quoted && "([{".includes(c)) depth += 1;
    else if (!quoted && ")]}".includes(c)) depth -= 1;
    const blank = /\s/.test(c) && !quoted && depth <= 0;
    if (blank && start >= 0) {
      found.push(query.slice(start, at));
      start = -1;
    } else if (!blank && start < 0) start = at;
  }
  if (start >= 0) found.push(query.slice(start));
  return found;
}

const TERM = /^(-?)(@?[\w.$/-]+):([^]+)$/;

/** Null for what is not a list of plain values: ranges, wildcards, words, groups. */
function termOf(text: string): Term | null {
  const match = TERM.exec(text);
  if (!match) return null;
  const [, minus, field, rest] = match;
  const listed = rest.startsWith("(") && rest.endsWith(")") ? pieces(rest.slice(1, -1)) : [rest];
  const words = listed.filter((_, index) => index % 2 === 0);
  if (listed.some((word, index) => index % 2 === 1 && word !== "OR")) return null;
  const values = words.map(literalOf);
  if (words.length === 0 || values.some((value) => value === null)) return null;
  return { text, negated: minus === "-", field, values: values as string[] };
}

function literalOf(word: string): string | null {
  if (/^"([^"\\]|\\.)*"$/.test(word)) return word.slice(1, -1).replace(/\\(.)/g, "$1");
  if (/^[[({<>]/.test(word) || /(^|[^\\])[*?"]/.test(word)) return null;
  return word.replace(/\\(.)/g, "$1");
}

/** Terms next to OR or NOT are parts of something larger: clicking leaves them alone. */
function readTerms(query: string): { all: string[]; terms: (Term | null)[] } {
  const all = pieces(query);
  const terms = all.map((text, index) => {
    const bound = [all[index - 1], all[index + 1]].includes("OR") || all[index - 1] === "NOT";
    return bound ? null : termOf(text);
  });
  return { all, terms };
}

/** Joins what is left; an AND that lost a neighbour goes too. Alternatives become one group before more is added. */
function joined(kept: string[], added: string[]): string {
  const clean = kept.filter(
    (word, index) => word !== "AND" || (index > 0 && index < kept.length - 1 && kept[index - 1] !== "AND"),
  );
  const loose = added.length > 0 && clean.includes("OR");
  const before = loose ? [`(${clean.join(" ")})`] : clean;
  return [...before, ...added].filter((word) => word !== "*" || before.length + added.length === 1).join(" ");
}

function write(field: string, values: FieldValue[], negated = false): string {
  const words = values.map(quote);
  const side = words.length === 1 ? words[0] : `(${words.join(" OR ")})`;
  return `${negated ? "-" : ""}${field}:${side}`;
}

export interface Chosen {
  included: string[];
  excluded: string[];
}

export function chosen(query: string, field: string): Chosen {
  const own = readTerms(query).terms.filter((term) => term?.field === field);
  const of = (negated: boolean) => own.flatMap((term) => (term && term.negated === negated ? term.values : []));
  return { included: of(false), excluded: of(true) };
}

function replace(query: string, field: string, added: string[]): string {
  const { all, terms } = readTerms(query);
  return joined(
    all.filter((_, index) => terms[index]?.field !== field),
    added,
  );
}

/** Free text stands without a field. */
const isText = (field: string) => field === "message" || field === "content";

/** Only this value of the field. */
export function filterBy(query: string, field: string, value: FieldValue): string {
  if (isText(field)) return joined(pieces(query), [`"${String(value).replace(/[\\"]/g, "\\$&")}"`]);
  return replace(query, field, [write(field, [value])]);
}

export function exclude(query: string, field: string, value: FieldValue): string {
  if (isText(field)) return joined(pieces(query), [`-"${String(value).replace(/[\\"]/g, "\\$&")}"`]);
  const { excluded } = chosen(query, field);
  return replace(query, field, [write(field, [...new Set([...excluded, String(value)])], true)]);
}

/** The rows of one group; a group without a value is of rows that lack the field. */
export function groupQuery(query: string, by: [string, string][]): string {
  return by.reduce(
    (text, [field, value]) => (value === "" ? replace(text, field, [`-${field}:*`]) : filterBy(text, field, value)),
    query,
  );
}

/** A tick in a facet: more values of the same field are alternatives. */
export function toggle(query: string, field: string, value: FieldValue): string {
  const { included } = chosen(query, field);
  const text = String(value);
  const next = included.includes(text) ? included.filter((each) => each !== text) : [...included, text];
  return replace(query, field, next.length > 0 ? [write(field, next)] : []);
}

export const clear = (query: string, field: string) => replace(query, field, []);

/** Both ends are part of the range; an open end is `*`. */
export function withRange(query: string, field: string, low: string, high: string): string {
  const { all } = readTerms(query);
  const kept = all.filter((text) => !text.startsWith(`${field}:`));
  return joined(kept, low === "" && high === "" ? [] : [`${field}:[${low || "*"} TO ${high || "*"}]`]);
}

export function rangeOf(query: string, field: string): { low: string; high: string } {
  const own = pieces(query).find((text) => text.startsWith(`${field}:[`)) ?? "";
  const match = /:\[(\S+) TO (\S+)\]$/.exec(own);
  const end = (text: string | undefined) => (text === undefined || text === "*" ? "" : text);
  return { low: end(match?.[1]), high: end(match?.[2]) };
}
