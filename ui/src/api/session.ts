import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, call, get } from "./client";

export interface Me {
  user: { name: string };
  org: { name: string };
  version: string;
  hostname: string;
  first_run: boolean;
  now_ms: number;
}

export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => get<Me>("/api/ui/me", signal),
    staleTime: 60_000,
    retry: (count, error) => !(error instanceof ApiError && error.status === 401) && count < 2,
  });
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: { user: string; password: string }) => call<unknown>("POST", "/api/ui/login", form),
    onSuccess: () => client.resetQueries(),
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<unknown>("POST", "/api/ui/logout", {}),
    onSettled: () => {
      client.clear();
      window.location.assign("/login");
    },
  });
}
