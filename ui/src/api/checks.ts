/** States of service checks over all hosts. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, withParams } from "./client";
import type { ServiceCheck } from "./hosts";

export interface HostCheck extends ServiceCheck {
  host: string;
}

export const checks = (name: string) =>
  queryOptions({
    queryKey: ["checks", name],
    queryFn: ({ signal }) => get<{ checks: HostCheck[] }>(withParams("/api/ui/checks", { check: name }), signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    enabled: name !== "",
    retry: 1,
  });
