import { useQuery } from "@tanstack/react-query";
import { get } from "./client";

export interface Settings {
  retention: Record<string, unknown>;
  memory: { limit_bytes: number; pools: { name: string; used_bytes: number; limit_bytes: number }[] };
  disk: { data_bytes: number; wal_bytes: number; free_bytes: number };
  listeners: { name: string; addr: string; state: string; error: string | null }[];
  refused: { source: string; reason: string; count: number; examples: string[] }[];
  unknown_agent_paths: { path: string; count: number; last_ms: number }[];
  figures: { name: string; value: number | string }[];
}

export function useSettings() {
  return useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => get<Settings>("/api/ui/settings", signal),
    refetchInterval: 10_000,
  });
}
