import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";
import type { QueryProblem } from "./query";
import type { Scope, Signal } from "./rows";

/** What a deletion took, and what is left to do on the disks. */
export interface Deletion {
  id: number;
  signal: Signal;
  query: string;
  created_ms: number;
  start_ns: number;
  end_ns: number;
  rows: number;
  /** Files that still hold deleted rows, and bytes of the log that may; none once compaction was over all of them. */
  files_left: number;
  wal_bytes: number;
  /** Metrics were counted from such rows, and stay. */
  derived_metrics_remain: boolean;
}

export interface DeleteAnswer {
  rows: number;
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
