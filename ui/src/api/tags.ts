import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, withParams } from "./client";

export function useTagValues(key: string, search: string, enabled: boolean) {
  return useQuery({
    queryKey: ["tags", key, search],
    queryFn: ({ signal }) => get<{ values: string[] }>(withParams("/api/ui/tags", { key, search }), signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    enabled: enabled && key !== "",
  });
}
