import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, withParams } from "./client";

export type CheckStatus = "ok" | "warning" | "critical" | "unknown";

export interface HostEntry {
  name: string;
  last_seen_ms: number | null;
  up: boolean;
  cpu_pct: number | null;
  mem_used_pct: number | null;
  disk_used_pct: number | null;
  load_1: number | null;
  tags: string[];
  checks: Record<CheckStatus, number>;
}

export interface ServiceCheck {
  check: string;
  status: CheckStatus;
  message: string | null;
  tags: string[];
  last_ms: number | null;
}

export interface AgentCheck {
  name: string;
  instance: string | null;
  status: "ok" | "warning" | "error" | "pending";
  message: string | null;
  file: string | null;
  line: number | null;
  hint: string | null;
  last_run_ms: number | null;
  next_run_ms: number | null;
  interval_s: number | null;
  runs: number;
  metrics: number;
}

export interface HostDetail {
  name: string;
  last_seen_ms: number | null;
  up: boolean;
  meta: Record<string, unknown>;
  tags_by_source: Record<string, string[]>;
  service_checks: ServiceCheck[];
  agent_checks: AgentCheck[];
}

export function useHosts(search = "") {
  return useQuery({
    queryKey: ["hosts", search],
    queryFn: ({ signal }) => get<{ hosts: HostEntry[] }>(withParams("/api/ui/hosts", { search }), signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

export function useHost(name: string) {
  return useQuery({
    queryKey: ["host", name],
    queryFn: ({ signal }) => get<HostDetail>(`/api/ui/hosts/${encodeURIComponent(name)}`, signal),
    // A person who mends a check watches this page: its next run should show within a breath.
    refetchInterval: 3_000,
  });
}
