/** Commands made of what was typed: how well a name fits, and searches for the words themselves. */
import { logsLink, term, traceLink, tracesLink } from "../apm/links";
import type { IconName } from "../ui/Icon";

export interface Command {
  id: string;
  label: string;
  hint: string;
  icon: IconName;
  to?: string;
  run?: () => void;
}

/** A user's id, a trace's id, a word: whatever it is, it can be looked for in a day of rows, in every attribute. */
export function searches(text: string): Command[] {
  const word = text.trim();
  if (word.length < 3) return [];
  const trace = /^[0-9a-f]{32}$/i.test(word);
  const opened: Command[] = trace
    ? [
        {
          id: "s-id",
          label: `Open the trace ${word}`,
          hint: "trace",
          icon: "traces",
          to: traceLink(word.toLowerCase()),
        },
      ]
    : [];
  const query = term("*", word);
  return [
    ...opened,
    {
      id: "s-traces",
      label: `Search traces for “${word}”, slowest first`,
      hint: "past day",
      icon: "traces",
      to: `${tracesLink(query, undefined, "-duration")}&range=1d`,
    },
    {
      id: "s-logs",
      label: `Search logs for “${word}”`,
      hint: "past day",
      icon: "logs",
      to: `${logsLink(query)}&range=1d`,
    },
  ];
}

/** Every word must be found; a start of a word counts most. */
export function score(label: string, text: string): number {
  const low = label.toLowerCase();
  let total = 0;
  for (const word of text.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = low.indexOf(word);
    if (at < 0) return 0;
    total += at === 0 ? 3 : /[\s._:-]/.test(low[at - 1]) ? 2 : 1;
  }
  return total;
}
