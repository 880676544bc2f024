import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, withParams } from "./client";

export interface EventEntry {
  id: number | string;
  title: string;
  text?: string;
  date_happened: number;
  alert_type?: string;
  tags?: string[];
  host?: string;
}

/** Marks beyond this number would hide the lines they explain. */
const EVENTS_MAX = 200;

export function useEvents(fromMs: number, toMs: number, enabled: boolean) {
  return useQuery({
    queryKey: ["events", fromMs, toMs],
    queryFn: ({ signal }) =>
      get<{ events?: EventEntry[] }>(
        withParams("/api/v1/events", { start: Math.floor(fromMs / 1000), end: Math.ceil(toMs / 1000) }),
        signal,
      ),
    select: (answer) => (answer.events ?? []).slice(0, EVENTS_MAX),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 10_000,
    retry: false,
    enabled,
  });
}
