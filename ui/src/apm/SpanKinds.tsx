import { useParam } from "../ui/param";
import { pieces } from "../rows/filters";

export type SpanKind = "entry" | "all";

/** Spans by which a service is entered: one a request and service, instead of every step within. */
export const ENTRY_TERM = "@_top_level:1";

/** A search narrowed by one more term, whatever alternatives it holds. */
export function within(query: string, term: string): string {
  if (term === "") return query;
  if (query.trim() === "" || query.trim() === "*") return term;
  return pieces(query).includes("OR") ? `(${query}) ${term}` : `${query} ${term}`;
}

export function useSpanKind(): [SpanKind, (kind: SpanKind) => void] {
  const [text, setText] = useParam("spans", false);
  return [text === "entry" ? "entry" : "all", (kind) => setText(kind === "all" ? "" : kind)];
}

const KINDS: [SpanKind, string, string][] = [
  ["all", "All spans", "Every step of every trace"],
  ["entry", "Entry spans", "Only the spans by which a service is entered: one a request"],
];

export function SpanKinds({ kind, onKind }: { kind: SpanKind; onKind: (kind: SpanKind) => void }) {
  return (
    <div className="segments" role="group" aria-label="Spans">
      {KINDS.map(([id, label, title]) => (
        <button key={id} type="button" aria-pressed={kind === id} title={title} onClick={() => onKind(id)}>
          {label}
        </button>
      ))}
    </div>
  );
}
