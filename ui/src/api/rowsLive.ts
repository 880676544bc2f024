/** What is asked while one types, and what comes in by itself. */
import { get, withParams } from "./client";
import type { CompletionOption } from "./complete";
import type { Signal } from "./rows";

export interface RowCompletion {
  from: number;
  to: number;
  /** The kinds of rows' completion are fields, values and operators; none of them acts on its own. */
  options: (Omit<CompletionOption, "kind"> & { kind: string })[];
}

export const completeRows = (signal: Signal, text: string, cursor: number, abort?: AbortSignal) =>
  get<RowCompletion>(withParams("/api/ui/rows/complete", { signal, text, cursor }), abort);

export const tailPath = (signal: Signal, query: string) => withParams("/api/ui/rows/tail", { signal, query });
