/** A search for the lines of a pattern: its fixed parts as phrases. */
import type { Pattern } from "../api/rows";

/** More phrases than this narrow no further. */
const PHRASES_MAX = 6;

export function patternQuery(query: string, { parts }: Pattern): string {
  const phrases = parts
    .map(({ text }) => text?.split("\n")[0].trim() ?? "")
    .filter((text) => /[\p{L}\p{N}]{2}/u.test(text))
    .sort((a, b) => b.length - a.length)
    .slice(0, PHRASES_MAX)
    .map((text) => `"${text.replace(/[\\"]/g, "\\$&")}"`);
  const before = query.trim() === "*" ? "" : query.trim();
  const added = phrases.filter((phrase) => !before.includes(phrase));
  if (added.length === 0) return before;
  return [/\bOR\b/.test(before) ? `(${before})` : before, ...added].filter(Boolean).join(" ");
}
