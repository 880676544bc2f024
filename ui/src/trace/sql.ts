/** SQL laid out in lines and coloured by kind. Only blanks change: what is copied is what was run. */

export interface Piece {
  text: string;
  kind: "keyword" | "string" | "number" | "comment" | "name";
}

export type SqlLine = { indent: number; pieces: Piece[] };

const TOKEN =
  /\s+|--[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`[^`]*`|\d+(?:\.\d+)?\b|[\p{L}_][\p{L}\p{N}_$]*|[(),;]|[^\s\p{L}\p{N}_'"`(),;]+/gu;

const KEYWORDS = new Set(
  (
    "select from where and or not in is null as on join left right inner outer full cross group by order having limit offset " +
    "insert into values update set delete returning distinct union all exists between like ilike case when then else end asc desc " +
    "with recursive create table index drop alter begin commit rollback conflict do nothing using true false any over partition " +
    "interval for lateral call explain analyze savepoint release"
  ).split(" "),
);

/** Words that begin a line, with how deep it stands. */
const BREAKS: Record<string, number> = {
  select: 0,
  from: 0,
  where: 0,
  group: 0,
  order: 0,
  having: 0,
  limit: 0,
  offset: 0,
  union: 0,
  values: 0,
  set: 0,
  returning: 0,
  on: 2,
  and: 1,
  or: 1,
  join: 0,
  left: 0,
  right: 0,
  inner: 0,
  cross: 0,
  insert: 0,
  update: 0,
  delete: 0,
};

const JOIN_WORDS = new Set(["left", "right", "inner", "cross", "outer", "full"]);

/** The longest statement that is laid out; a longer one is shown as it came. */
const LAID_OUT_MAX = 20_000;
const SHORT = 60;

export function layOut(sql: string): SqlLine[] {
  const text = sql.trim();
  if (text.length > LAID_OUT_MAX) return [{ indent: 0, pieces: [{ text, kind: "name" }] }];
  const lines: SqlLine[] = [{ indent: 0, pieces: [] }];
  const short = text.length <= SHORT && !text.includes("\n");
  let depth = 0;
  let before = "";
  let blank = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^\s/.test(token)) {
      blank = true;
      continue;
    }
    const word = token.toLowerCase();
    const last = lines[lines.length - 1];
    const breaks = BREAKS[word] !== undefined && blank && !short && !joins(before, word);
    if (breaks && last.pieces.length > 0) lines.push({ indent: depth + BREAKS[word], pieces: [] });
    const line = lines[lines.length - 1];
    if (blank && line.pieces.length > 0) line.pieces.push({ text: " ", kind: "name" });
    line.pieces.push({ text: token, kind: kindOf(token, word) });
    if (token.startsWith("--") && !short) lines.push({ indent: depth, pieces: [] });
    if (token === "(") depth++;
    if (token === ")") depth = Math.max(0, depth - 1);
    before = word;
    blank = false;
  }
  return lines.filter(({ pieces }) => pieces.length > 0);
}

/** `LEFT JOIN`, `ON CONFLICT DO UPDATE`, `BETWEEN 1 AND 2`, `INSERT … ON`: no new line within. */
function joins(before: string, word: string): boolean {
  if (word === "join" || JOIN_WORDS.has(word)) return JOIN_WORDS.has(before);
  return (word === "update" && (before === "do" || before === "for")) || (word === "set" && before === "character");
}

function kindOf(token: string, word: string): Piece["kind"] {
  if (token.startsWith("'")) return "string";
  if (token.startsWith("--") || token.startsWith("/*")) return "comment";
  if (/^\d/.test(token)) return "number";
  return KEYWORDS.has(word) ? "keyword" : "name";
}
