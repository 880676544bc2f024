import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Dashboard } from "../dashboard/model";
import { call, get } from "./client";

export interface DashboardEntry {
  id: string;
  title: string;
  description: string | null;
  layout_type: string;
  author_handle?: string;
  created_at?: string;
  modified_at?: string;
  is_read_only: boolean;
  url?: string;
}

const path = (id: string) => `/api/v1/dashboard/${encodeURIComponent(id)}`;

export const BUILT_IN = new Set(["system", "postgres", "oriel"]);

export function useDashboards() {
  return useQuery({
    queryKey: ["dashboards"],
    queryFn: ({ signal }) => get<{ dashboards: DashboardEntry[] }>("/api/v1/dashboard", signal),
    staleTime: 5_000,
  });
}

export function useDashboard(id: string) {
  return useQuery({
    queryKey: ["dashboard", id],
    queryFn: ({ signal }) => get<Dashboard>(path(id), signal),
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });
}

export const fetchDashboard = (id: string) => get<Dashboard>(path(id));

/** Creates when the body has no id that the server knows; the answer is the stored JSON. */
export function useSaveDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, body }: { id: string | null; body: Dashboard }) =>
      id === null ? call<Dashboard>("POST", "/api/v1/dashboard", body) : call<Dashboard>("PUT", path(id), body),
    onSuccess: (saved) => {
      if (saved.id) client.setQueryData(["dashboard", saved.id], saved);
      return client.invalidateQueries({ queryKey: ["dashboards"] });
    },
  });
}

export function useDeleteDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<unknown>("DELETE", path(id)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["dashboards"] }),
  });
}
