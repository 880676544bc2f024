import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";
import type { Signal } from "./rows";

/** A page's address under a name; `url` is a path with its parameters. */
export interface SavedView {
  id: string | number;
  name: string;
  signal: Signal;
  url: string;
}

export function useViews() {
  return useQuery({
    queryKey: ["views"],
    queryFn: ({ signal }) => get<{ views: SavedView[] }>("/api/ui/views", signal),
    select: ({ views }) => views,
    staleTime: 30_000,
  });
}

export function useSaveView() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (view: Omit<SavedView, "id">) => call<SavedView>("POST", "/api/ui/views", view),
    onSuccess: () => client.invalidateQueries({ queryKey: ["views"] }),
  });
}

export function useDeleteView() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: SavedView["id"]) => call<unknown>("DELETE", `/api/ui/views/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["views"] }),
  });
}
