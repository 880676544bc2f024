import { useQuery } from "@tanstack/react-query";
import { get } from "./client";

export interface SetupClient {
  id: string;
  title: string;
  lines: { label: string; text: string }[];
  seen_ms: number | null;
  see: string;
}

export interface Setup {
  base_url: string;
  statsd_addr: string;
  statsd_socket: string | null;
  api_key_hint: string;
  clients: SetupClient[];
}

export function useSetup() {
  return useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => get<Setup>("/api/ui/setup", signal),
    refetchInterval: 2_000,
  });
}
