import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";
import type { QueryProblem } from "./query";
import type { Scope, Signal } from "./rows";

/** What a delete-by-query took, and how far its files have been rewritten. */
export interface Deletion {
  id: string | number;
  signal: Signal;
  query: string;
  from_ms: number;
  to_ms: number;
  rows: number;
  created_ms: number;
  user?: string;
  files_total?: number;
  files_left?: number;
  /** When the last file was rewritten; null while some still hold the bytes. */
  done_ms?: number | null;
}

export interface DeleteAnswer {
  rows: number;
  deletion?: Deletion;
  error?: QueryProblem | null;
}

const bodyOf = ({ signal, query, fromMs, toMs }: Scope, dry: boolean) => ({
  signal,
  query,
  from_ms: Math.round(fromMs),
  to_ms: Math.round(toMs),
  dry_run: dry,
});

/** How many rows would go: counted now, not taken from what the page shows. */
export function deletionCount(scope: Scope) {
  return queryOptions({
    queryKey: ["deletion", bodyOf(scope, true)],
    queryFn: ({ signal }) => call<DeleteAnswer>("POST", "/api/ui/delete", bodyOf(scope, true), signal),
    gcTime: 0,
    retry: false,
  });
}

export const deletions = queryOptions({
  queryKey: ["deletions"],
  queryFn: ({ signal }) => get<{ deletions: Deletion[] }>("/api/ui/deletions", signal),
  refetchInterval: 5_000,
});

export function useDeleteRows() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (scope: Scope) => call<DeleteAnswer>("POST", "/api/ui/delete", bodyOf(scope, false)),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["deletions"] }),
        client.invalidateQueries({ queryKey: ["query", "rows"] }),
      ]),
  });
}
