/** Synthetic tests: written as Datadog's API tests, listed with what their last runs said. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";

export type Subtype = "http" | "tcp" | "ssl";

export interface LastRun {
  at_ms: number;
  passed: boolean;
  took_ms: number | null;
  error: string | null;
}

export interface SyntheticEntry {
  public_id: string;
  name: string;
  subtype: Subtype;
  target: string;
  status: "live" | "paused";
  monitor_id: number | null;
  locations: string[];
  last: LastRun | null;
  /** Percent of the runs of a day that passed. */
  uptime_24h: number | null;
}

export interface JsonTarget {
  jsonPath: string;
  operator: string;
  targetValue?: string | number;
  elementsOperator?: string;
}

export interface Assertion {
  type: string;
  operator: string;
  target: string | number | JsonTarget;
  property?: string;
}

export interface SyntheticTest {
  public_id?: string;
  name: string;
  type: "api";
  subtype: Subtype;
  status?: "live" | "paused";
  monitor_id?: number;
  message: string;
  tags: string[];
  locations: string[];
  config: {
    request: {
      url?: string;
      method?: string;
      headers?: Record<string, string>;
      body?: string;
      host?: string;
      port?: number | string;
      timeout?: number;
      servername?: string;
      follow_redirects?: boolean;
      allow_insecure?: boolean;
    };
    assertions: Assertion[];
  };
  options: {
    tick_every: number;
    follow_redirects?: boolean;
    accept_self_signed?: boolean;
    allow_insecure?: boolean;
    retry?: { count?: number; interval?: number };
    min_failure_duration?: number;
    min_location_failed?: number;
    monitor_name?: string;
    monitor_priority?: number;
    [extra: string]: unknown;
  };
}

export interface SyntheticRun extends LastRun {
  location: string;
}

const PATH = "/api/v1/synthetics/tests";
const at = (id: string) => `${PATH}/api/${encodeURIComponent(id)}`;

export const syntheticTests = queryOptions({
  queryKey: ["synthetics"],
  queryFn: ({ signal }) => get<{ tests: SyntheticEntry[] }>("/api/ui/synthetics", signal),
  refetchInterval: 5_000,
});

export const syntheticTest = (id: string) =>
  queryOptions({
    queryKey: ["synthetic", id],
    queryFn: ({ signal }) => get<SyntheticTest>(at(id), signal),
    enabled: id !== "",
  });

export const syntheticResults = (id: string) =>
  queryOptions({
    queryKey: ["synthetic", id, "results"],
    queryFn: ({ signal }) =>
      get<{ results: SyntheticRun[] }>(`/api/ui/synthetics/${encodeURIComponent(id)}/results`, signal),
    enabled: id !== "",
    refetchInterval: 5_000,
  });

function useChange<T, R>(change: (value: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([["synthetics"], ["synthetic"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useSaveTest = () =>
  useChange(({ public_id, ...body }: SyntheticTest) =>
    public_id === undefined
      ? call<SyntheticTest>("POST", `${PATH}/api`, body)
      : call<SyntheticTest>("PUT", at(public_id), body),
  );

export const useDeleteTest = () => useChange((id: string) => call("POST", `${PATH}/delete`, { public_ids: [id] }));

/** It runs within seconds on the server's own host, within half a minute elsewhere. */
export const useRunTest = () =>
  useChange((id: string) => call("POST", `${PATH}/trigger`, { tests: [{ public_id: id }] }));

export const useSetTestStatus = () =>
  useChange(({ id, status }: { id: string; status: "live" | "paused" }) =>
    call("PUT", `${PATH}/${encodeURIComponent(id)}/status`, { new_status: status }),
  );
