import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, withParams } from "./client";

export interface MetricEntry {
  name: string;
  kind: string;
  unit: string | { name: string; short_name: string } | null;
  description: string | null;
  series: number;
  hosts: number;
  tag_keys: string[];
  bytes: number;
  samples: number;
  last_ms: number | null;
}

export interface MetricDetail extends MetricEntry {
  tags: { key: string; cardinality: number; values: string[] }[];
}

export const METRICS_MAX = 10_000;

export function fetchMetrics(search: string, limit: number, signal?: AbortSignal) {
  return get<{ total: number; metrics: MetricEntry[] }>(withParams("/api/ui/metrics", { search, limit }), signal);
}

export function useMetrics(search: string, limit = METRICS_MAX, enabled = true) {
  return useQuery({
    queryKey: ["metrics", search, limit],
    queryFn: ({ signal }) => fetchMetrics(search, limit, signal),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    enabled,
  });
}

export function useMetric(name: string | null) {
  return useQuery({
    queryKey: ["metric", name],
    queryFn: ({ signal }) => get<MetricDetail>(`/api/ui/metrics/${encodeURIComponent(name ?? "")}`, signal),
    enabled: name !== null,
    staleTime: 15_000,
  });
}

export function metricUnit(unit: MetricEntry["unit"]): string {
  if (!unit) return "";
  return typeof unit === "string" ? unit : unit.name;
}
