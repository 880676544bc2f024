/** Downtimes: read as the pages show them, written as Datadog's v2 API has them. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";

export type DowntimeStatus = "active" | "scheduled" | "ended" | "canceled";

export interface Occurrence {
  start_ms: number;
  end_ms: number | null;
}

export type MonitorIdentifier = { monitor_id: number } | { monitor_tags: string[] };

export interface DowntimeEntry extends Occurrence {
  id: string;
  scope: string;
  monitor: MonitorIdentifier;
  message: string | null;
  status: DowntimeStatus;
  recurrence: Recurrence[] | null;
  timezone?: string;
  next: Occurrence[];
  /** Ids of the monitors that it silences. */
  muting: number[];
  mute_first_recovery: boolean;
}

export interface Recurrence {
  rrule: string;
  duration: string;
  start?: string | null;
}

export type Schedule = { start?: string | null; end?: string | null } | { recurrences: Recurrence[]; timezone: string };

export interface DowntimeBody {
  scope: string;
  monitor_identifier: MonitorIdentifier;
  schedule: Schedule;
  message: string | null;
  mute_first_recovery_notification: boolean;
  notify_end_states?: string[];
  notify_end_types?: string[];
  display_timezone: string;
}

export interface DowntimePreview {
  next: Occurrence[];
  monitors: { id: number; name: string; groups: string[] }[];
}

const PATH = "/api/v2/downtime";

export const downtimes = queryOptions({
  queryKey: ["downtimes"],
  queryFn: ({ signal }) => get<{ downtimes: DowntimeEntry[] }>("/api/ui/downtimes", signal),
  refetchInterval: 15_000,
});

export const downtime = (id: string) =>
  queryOptions({
    queryKey: ["downtime", id],
    queryFn: async ({ signal }) =>
      (await get<{ data: { attributes: DowntimeBody } }>(`${PATH}/${encodeURIComponent(id)}`, signal)).data.attributes,
  });

export function preview(body: DowntimeBody) {
  return queryOptions({
    queryKey: ["downtime preview", body],
    queryFn: ({ signal }) => call<DowntimePreview>("POST", "/api/ui/downtimes/preview", { downtime: body }, signal),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    retry: false,
  });
}

function useChange<T>(change: (value: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(
        [["downtimes"], ["downtime"], ["monitors"], ["monitor"]].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export const useSaveDowntime = () =>
  useChange(({ id, body }: { id: string | null; body: DowntimeBody }) =>
    id === null
      ? call("POST", PATH, { data: { type: "downtime", attributes: body } })
      : call("PATCH", `${PATH}/${encodeURIComponent(id)}`, { data: { type: "downtime", id, attributes: body } }),
  );

export const useCancelDowntime = () => useChange((id: string) => call("DELETE", `${PATH}/${encodeURIComponent(id)}`));
