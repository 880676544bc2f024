/** What was told, and why: deliveries and rendered notices of a monitor, and the evaluation of any past minute. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, get, withParams } from "./client";
import type { Status, Thresholds, Transition } from "./monitorModel";
import type { QueryResult } from "./query";
import type { Row } from "./rows";

export interface Delivery {
  key: string;
  at_ms: number;
  monitor: number;
  monitor_name?: string;
  group: string;
  kind: string;
  handle: string;
  channel: string | null;
  state: "pending" | "sent" | "failed";
  attempts: number;
  error: string | null;
  next_ms: number | null;
  sent_ms: number | null;
  subject: string | null;
}

export function useDeliveries(id: string, fromMs: number, toMs: number, enabled = true) {
  return useQuery({
    queryKey: ["query", "monitor", id, "deliveries", fromMs, toMs],
    queryFn: ({ signal }) =>
      get<{ deliveries: Delivery[] }>(
        withParams(`/api/ui/monitors/${id}/deliveries`, { from_ms: Math.round(fromMs), to_ms: Math.round(toMs) }),
        signal,
      ),
    select: ({ deliveries }) => deliveries,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 5_000,
    retry: 1,
    enabled,
  });
}

export function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, handle }: { key: string; handle: string }) =>
      call<unknown>("POST", `/api/ui/deliveries/${key}/${encodeURIComponent(handle)}/retry`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ["query", "monitor"] }),
  });
}

/** One value of one attribute, and its share of the rows in the bad window and in the one before. */
export interface Difference {
  field: string;
  value: string;
  now: number;
  before: number;
}

export interface Notice {
  notice: {
    key: string;
    transition: Pick<Transition, "at_ms" | "group" | "from" | "to" | "kind" | "value">;
    window?: { start_ms: number; end_ms: number };
    [extra: string]: unknown;
  };
  subject: string;
  text: string;
  html: string;
  chart_url: string | null;
  logs: Row[];
  differences: Difference[];
  deliveries: Delivery[];
}

export function useNotice(key: string) {
  return useQuery({
    queryKey: ["notice", key],
    queryFn: ({ signal }) => get<Notice>(`/api/ui/notices/${key}`, signal),
    staleTime: 60_000,
    retry: 1,
    enabled: key !== "",
  });
}

export interface Step {
  rule: string;
  text: string;
  outcome: string;
}

export interface Why {
  at_ms: number;
  group: string;
  window: { from_ms: number; to_ms: number };
  query: string;
  results: QueryResult[];
  value: number | null;
  comparison: string;
  comparator: string;
  thresholds: Thresholds;
  status_before: Status;
  status_after: Status;
  steps: Step[];
  notice_key: string | null;
  muted: string | null;
  recorded: Transition | null;
  agrees: boolean;
}

export function useWhy(id: string, atMs: number, group: string, enabled = true) {
  return useQuery({
    queryKey: ["monitor-why", id, atMs, group],
    queryFn: ({ signal }) =>
      get<Why>(withParams(`/api/ui/monitors/${id}/why`, { at_ms: Math.round(atMs), group }), signal),
    placeholderData: keepPreviousData,
    gcTime: 300_000,
    staleTime: 60_000,
    retry: 1,
    enabled: enabled && atMs > 0,
  });
}
