import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";

export type KeyKind = "api" | "app";

export interface KeyEntry {
  id: string;
  name: string;
  kind: KeyKind;
  hint: string;
  created_ms: number;
  last_used_ms: number | null;
}

export interface NewKey {
  id: string;
  name: string;
  kind: KeyKind;
  key: string;
}

export function useKeys() {
  return useQuery({
    queryKey: ["keys"],
    queryFn: ({ signal }) => get<{ keys: KeyEntry[] }>("/api/ui/keys", signal),
  });
}

export function useCreateKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: { name: string; kind: KeyKind }) => call<NewKey>("POST", "/api/ui/keys", key),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
}

export function useRevokeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<unknown>("DELETE", `/api/ui/keys/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
}
