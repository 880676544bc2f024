import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";
import type { Signal } from "./rows";

/** Rows that a search finds are kept for a time of their own; the first rule that takes a row decides. */
export interface RetentionRule {
  name: string;
  signal: Signal;
  query: string;
  keep_ms: number;
}

/** What of the traces stays when files are merged. Counts stay right: what stays bears the weight of what went. */
export interface TailSampling {
  /** The share of unremarkable traces that stays, 0 to 1. */
  keep: number;
  /** Younger traces are left alone. */
  after_ms: number;
  /** Traces slower than this quantile of their resource stay. */
  slow_quantile: number;
}

export interface Retention {
  rules: RetentionRule[];
  tail_sampling: TailSampling | null;
  /** How long what no rule takes is kept, by the server's flags. */
  defaults?: Record<string, number>;
}

/** The store keeps no more classes apart. */
export const RULES_MAX = 8;

export const retention = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => get<Retention>("/api/ui/retention", signal),
});

export function useSaveRetention() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ rules, tail_sampling }: Retention) =>
      call<Retention>("PUT", "/api/ui/retention", { rules, tail_sampling }),
    onSettled: () => client.invalidateQueries({ queryKey: ["retention"] }),
  });
}
