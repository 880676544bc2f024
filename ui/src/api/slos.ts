/** Service level objectives: Datadog's objects for what is kept, the page API for what they come to. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get, withParams } from "./client";
import type { AskedQuery } from "./query";

export type SloStatus = "ok" | "warning" | "breached" | "no_data";
export type Timeframe = "7d" | "30d" | "90d";
export const TIMEFRAMES: Timeframe[] = ["7d", "30d", "90d"];

export interface SloEntry {
  id: string;
  name: string;
  type: SloType;
  tags: string[];
  target: number;
  timeframe: Timeframe;
  /** Percent. */
  sli: number | null;
  /** Percent of the budget; below zero when it is overspent. */
  error_budget_remaining: number | null;
  status: SloStatus;
  burn_rate_1h: number | null;
}

export type SloType = "metric" | "monitor" | "time_slice";

export interface Threshold {
  timeframe: Timeframe;
  target: number;
  warning?: number;
}

export type Comparator = ">" | ">=" | "<" | "<=";

export interface TimeSlice {
  comparator: Comparator;
  query_interval_seconds: 60 | 300;
  threshold: number;
  query: {
    formulas: { formula: string }[];
    queries: (AskedQuery & { data_source?: string })[];
  };
}

export interface Slo {
  id?: string;
  name: string;
  description?: string | null;
  type: SloType;
  tags?: string[];
  thresholds: Threshold[];
  /** The primary window. */
  timeframe?: Timeframe;
  query?: { numerator: string; denominator: string };
  monitor_ids?: number[];
  groups?: string[];
  sli_specification?: { time_slice: TimeSlice };
  created_at?: number;
  modified_at?: number;
  creator?: { name?: string | null; email?: string; handle?: string };
}

export interface SloWindow {
  timeframe: Timeframe;
  target: number;
  warning: number | null;
  sli: number | null;
  error_budget_remaining: number | null;
  status: SloStatus;
  burn: { window: string; rate: number | null }[];
}

export interface SloCorrection {
  id: string;
  category: string;
  description: string | null;
  start_ms: number;
  end_ms: number | null;
  rrule?: string | null;
}

export interface SloDetail {
  slo: Slo;
  windows: SloWindow[];
  history: { times: number[]; sli: (number | null)[]; budget: (number | null)[] };
  groups: { group: string; sli: number | null; error_budget_remaining?: number | null; status?: SloStatus }[];
  corrections: SloCorrection[];
}

const PATH = "/api/v1/slo";

export const slos = (query: string) =>
  queryOptions({
    queryKey: ["slos", query],
    queryFn: ({ signal }) => get<{ slos: SloEntry[] }>(withParams("/api/ui/slos", { query }), signal),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });

export const slo = (id: string, timeframe?: string) =>
  queryOptions({
    queryKey: ["slo", id, timeframe ?? ""],
    queryFn: ({ signal }) =>
      get<SloDetail>(withParams(`/api/ui/slos/${encodeURIComponent(id)}`, { timeframe }), signal),
    placeholderData: keepPreviousData,
    enabled: id !== "",
    refetchInterval: 30_000,
  });

function useChange<T, R>(change: (value: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all([["slos"], ["slo"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useSaveSlo = () =>
  useChange(async ({ id, ...body }: Slo) => {
    const { data } = await call<{ data: Slo[] }>(
      id === undefined ? "POST" : "PUT",
      id === undefined ? PATH : `${PATH}/${encodeURIComponent(id)}`,
      body,
    );
    return data[0];
  });

export const useDeleteSlo = () => useChange((id: string) => call("DELETE", `${PATH}/${encodeURIComponent(id)}`));

export interface NewCorrection {
  slo_id: string;
  category: string;
  description: string;
  start: number;
  end: number;
  timezone: string;
}

export const useAddCorrection = () =>
  useChange((attributes: NewCorrection) =>
    call("POST", `${PATH}/correction`, { data: { type: "correction", attributes } }),
  );

export const useDeleteCorrection = () =>
  useChange((id: string) => call("DELETE", `${PATH}/correction/${encodeURIComponent(id)}`));

/** A monitor of Datadog's form, as far as the burn-rate pair needs it. */
export interface NewMonitor {
  type: "slo alert";
  name: string;
  query: string;
  message: string;
  tags: string[];
  options: { thresholds: { critical: number; warning?: number }; include_tags: boolean };
}

export function useAddMonitors() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (monitors: NewMonitor[]) => {
      const made: { id: number; name: string }[] = [];
      for (const monitor of monitors) made.push(await call("POST", "/api/v1/monitor", monitor));
      return made;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["monitors"] }),
  });
}
