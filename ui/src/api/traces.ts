import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "./client";
import type { Row } from "./rows";

/** A trace as the server sends it: one entry a span in every column, words by their place in `words`. */
export interface TraceColumns {
  trace_id: string;
  start_ns: string;
  end_ns: string;
  truncated: boolean;
  spans: {
    id: string[];
    /** The parent's place, -1 for a root. */
    parent: number[];
    /** From the start of the trace. */
    start_ns: number[];
    duration_ns: number[];
    service: number[];
    name: number[];
    resource: number[];
    type: number[];
    error: number[];
    host: number[];
  };
  words: { service: string[]; name: string[]; resource: string[]; type: string[]; host: string[] };
  logs_count: number;
  /** `[span, from, to]` in ns from the start. */
  critical_path: [number, number, number][];
}

export interface SpanLink {
  trace_id: string;
  span_id: string;
  attributes?: Record<string, unknown>;
}

export interface SpanEvent {
  time_ns: string | number;
  name: string;
  attributes?: Record<string, unknown>;
}

export interface SpanDetail {
  span: Row;
  logs: Row[];
  links: SpanLink[];
  events: SpanEvent[];
}

export function useTrace(id: string) {
  return useQuery({
    queryKey: ["trace", id],
    queryFn: ({ signal }) => get<TraceColumns>(`/api/ui/traces/${encodeURIComponent(id)}`, signal),
    staleTime: 60_000,
    // A trace of 50,000 spans is 4 MB of columns: a few are kept for the way back.
    gcTime: 120_000,
    structuralSharing: false,
  });
}

export function useSpan(trace: string, span: string | null) {
  return useQuery({
    queryKey: ["span", trace, span],
    queryFn: ({ signal }) =>
      get<SpanDetail>(`/api/ui/traces/${encodeURIComponent(trace)}/spans/${encodeURIComponent(span ?? "")}`, signal),
    enabled: span !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
