import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { get, withParams } from "./client";

export interface ServiceEntry {
  name: string;
  type: string;
  operation: string;
  envs: string[];
  versions: string[];
  hits: number;
  hits_per_s: number;
  errors: number;
  error_rate: number;
  p50_ms: number | null;
  p75_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  apdex: number | null;
  last_seen_ms: number | null;
}

export interface ResourceEntry {
  resource: string;
  hits: number;
  errors: number;
  error_rate: number;
  avg_ms: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  total_ms: number;
}

export interface VersionEntry {
  version: string;
  first_seen_ms: number;
  last_seen_ms: number;
  hits: number;
  errors: number;
  error_rate: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface Neighbour {
  service: string;
  hits: number;
  errors: number;
  p95_ms: number | null;
}

export interface ErrorIssue {
  type: string;
  message: string;
  count: number;
  first_ms: number;
  last_ms: number;
  trace_id: string;
}

export interface ServiceDetail {
  name: string;
  operations: { name: string; type: string; hits: number }[];
  operation: string;
  resources: ResourceEntry[];
  versions: VersionEntry[];
  upstream: Neighbour[];
  downstream: Neighbour[];
  error_issues: ErrorIssue[];
}

export interface ResourceSummary {
  hits: number;
  errors: number;
  avg_spans_per_trace: number | null;
  distribution: { bounds_ns: number[]; counts: number[]; errors: number[] };
}

export interface MapNode {
  service: string;
  type: string;
  hits_per_s: number;
  error_rate: number;
  p95_ms: number | null;
}

export interface MapEdge {
  from: string;
  to: string;
  hits_per_s: number;
  error_rate: number;
  p95_ms: number | null;
}

export interface ServiceMapAnswer {
  nodes: MapNode[];
  edges: MapEdge[];
}

interface Scope {
  env?: string;
  version?: string;
  operation?: string;
}

/** Everything of one range is cancelled together when the page's range changes: hence the prefix "query". */
const ranged = { placeholderData: keepPreviousData, gcTime: 60_000, staleTime: 30_000 } as const;

const span = (fromMs: number, toMs: number) => ({ from_ms: Math.round(fromMs), to_ms: Math.round(toMs) });

export function servicesOptions(env: string, fromMs: number, toMs: number, enabled = true) {
  return queryOptions({
    queryKey: ["query", "services", env, fromMs, toMs],
    queryFn: ({ signal }) =>
      get<{ envs: string[]; services: ServiceEntry[] }>(
        withParams("/api/ui/services", { env, ...span(fromMs, toMs) }),
        signal,
      ),
    enabled,
    ...ranged,
  });
}

export function serviceOptions(name: string, scope: Scope, fromMs: number, toMs: number, enabled = true) {
  return queryOptions({
    queryKey: ["query", "service", name, scope, fromMs, toMs],
    queryFn: ({ signal }) =>
      get<ServiceDetail>(
        withParams(`/api/ui/services/${encodeURIComponent(name)}`, { ...scope, ...span(fromMs, toMs) }),
        signal,
      ),
    enabled,
    ...ranged,
  });
}

export const useServices = (env: string, fromMs: number, toMs: number) => useQuery(servicesOptions(env, fromMs, toMs));

export const useService = (name: string, scope: Scope, fromMs: number, toMs: number) =>
  useQuery(serviceOptions(name, scope, fromMs, toMs));

export function useResource(
  name: string,
  resource: string,
  scope: { env?: string; operation?: string },
  fromMs: number,
  toMs: number,
) {
  return useQuery({
    queryKey: ["query", "resource", name, resource, scope, fromMs, toMs],
    queryFn: ({ signal }) =>
      get<ResourceSummary>(
        withParams(`/api/ui/services/${encodeURIComponent(name)}/resources/summary`, {
          resource,
          ...scope,
          ...span(fromMs, toMs),
        }),
        signal,
      ),
    ...ranged,
  });
}

export function useServiceMap(env: string, fromMs: number, toMs: number) {
  return useQuery({
    queryKey: ["query", "service-map", env, fromMs, toMs],
    queryFn: ({ signal }) =>
      get<ServiceMapAnswer>(withParams("/api/ui/service-map", { env, ...span(fromMs, toMs) }), signal),
    ...ranged,
  });
}
