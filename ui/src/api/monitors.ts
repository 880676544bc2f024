/** Monitors: Datadog's documents for reading and writing, the page API for lists, states and history. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, get, withParams } from "./client";
import type { History, Monitor, MonitorDetail, MonitorGraph, MonitorList } from "./monitorModel";

export interface ListScope {
  query: string;
  sort: string;
}

/** More than this nobody scrolls through: the search narrows it. */
export const LIST_MAX = 1_000;
/** States change at evaluations, which come each minute: a list that is looked at is asked for anew this often. */
const REFRESH_MS = 15_000;

export function useMonitors({ query, sort }: ListScope, enabled = true) {
  return useQuery({
    queryKey: ["monitors", query, sort],
    queryFn: ({ signal }) =>
      get<MonitorList>(withParams("/api/ui/monitors", { query, sort, page: 0, per_page: LIST_MAX }), signal),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    refetchInterval: REFRESH_MS,
    retry: 1,
    enabled,
  });
}

const path = (id: number | string) => `/api/v1/monitor/${id}`;

/** What a document that a program made may leave out. */
const whole = (monitor: Monitor): Monitor => ({
  ...monitor,
  message: monitor.message ?? "",
  tags: monitor.tags ?? [],
  options: monitor.options ?? {},
});

export function useMonitor(id: string) {
  return useQuery({
    queryKey: ["monitor", id],
    queryFn: async ({ signal }) => {
      const detail = await get<MonitorDetail>(`/api/ui/monitors/${id}`, signal);
      return { ...detail, monitor: whole(detail.monitor) };
    },
    staleTime: 5_000,
    refetchInterval: REFRESH_MS,
    retry: 1,
  });
}

/** The document alone, as it is stored and exported. */
export function useDocument(id: string, enabled = true) {
  return useQuery({
    queryKey: ["monitor", id, "document"],
    queryFn: async ({ signal }) => whole(await get<Monitor>(path(id), signal)),
    staleTime: 0,
    refetchOnWindowFocus: false,
    enabled,
  });
}

export function useHistory(id: string, fromMs: number, toMs: number, group: string) {
  return useQuery({
    queryKey: ["query", "monitor", id, "history", fromMs, toMs, group],
    queryFn: ({ signal }) =>
      get<History>(
        withParams(`/api/ui/monitors/${id}/history`, {
          from_ms: Math.round(fromMs),
          to_ms: Math.round(toMs),
          group,
          limit: 200,
        }),
        signal,
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 5_000,
    retry: 1,
  });
}

/** `atMs`: the moment that is looked at, where it is not the newest. */
export function useGraph(id: string, fromMs: number, toMs: number, group: string, atMs?: number) {
  return useQuery({
    queryKey: ["query", "monitor", id, "graph", fromMs, toMs, group, atMs],
    queryFn: ({ signal }) =>
      get<MonitorGraph>(
        withParams(`/api/ui/monitors/${id}/graph`, {
          from_ms: Math.round(fromMs),
          to_ms: Math.round(toMs),
          group,
          at_ms: atMs || undefined,
        }),
        signal,
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 60_000,
    retry: 1,
  });
}

/** Whatever changes a monitor makes lists, pages and widgets ask again. */
function useChange<V, T>(change: (value: V) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["monitors"] }),
        client.invalidateQueries({ queryKey: ["monitor"] }),
      ]),
  });
}

export const useSaveMonitor = () =>
  useChange(({ id, body }: { id: string | null; body: Monitor }) =>
    id === null ? call<Monitor>("POST", "/api/v1/monitor", body) : call<Monitor>("PUT", path(id), body),
  );

export const useDeleteMonitor = () => useChange((id: string) => call<unknown>("DELETE", `${path(id)}?force=true`));

export interface Mute {
  id: string | number;
  /** Of one group: `host:web-1,env:prod`; absent: all. */
  scope?: string;
  /** Absent: until it is unmuted. */
  untilMs?: number;
}

export const useMute = () =>
  useChange(({ id, scope, untilMs }: Mute) =>
    call<unknown>("POST", `${path(id)}/mute`, {
      ...(scope ? { scope } : {}),
      ...(untilMs ? { end: Math.round(untilMs / 1000) } : {}),
    }),
  );

export const useUnmute = () =>
  useChange(({ id, scope }: { id: string | number; scope?: string }) =>
    call<unknown>("POST", `${path(id)}/unmute`, scope ? { scope } : { all_scopes: true }),
  );

export interface Bulk {
  ids: number[];
  action: "mute" | "unmute" | "delete" | "resolve";
  until_ms?: number;
}

export interface BulkAnswer {
  done: number[];
  failed: { id: number; error: string }[];
}

export const useBulk = () => useChange((bulk: Bulk) => call<BulkAnswer>("POST", "/api/ui/monitors/bulk", bulk));
