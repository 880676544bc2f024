/** One monitor's latest figure, for widgets that show it. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { Status } from "./monitorModel";
import type { Unit } from "./query";

export interface MonitorValue {
  value: number | null;
  unit: Unit | null;
  status: Status;
  group: string;
  name?: string;
}

export const monitorValue = (id: string) =>
  queryOptions({
    queryKey: ["monitor", id, "value"],
    queryFn: ({ signal }) => get<MonitorValue>(`/api/ui/monitors/${encodeURIComponent(id)}/value`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    retry: 1,
    enabled: id !== "",
  });
