/** Deliveries of all monitors: what was told to whom, and what could not be. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, withParams } from "./client";
import type { Delivery } from "./notices";

/** Keyed beside the deliveries of one monitor, so that a retry asks for both again. */
export const deliveries = (state: string) =>
  queryOptions({
    queryKey: ["query", "monitor", "all deliveries", state],
    queryFn: ({ signal }) => get<{ deliveries: Delivery[] }>(withParams("/api/ui/deliveries", { state }), signal),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
