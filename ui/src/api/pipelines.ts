/** Pipelines for logs, scrub rules and metrics from rows: what happens to rows before they are kept. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get } from "./client";
import type { Json, Row, Signal } from "./rows";

/** One processor as Datadog writes it: what its type does not know is carried along. */
export interface Processor {
  type: string;
  name?: string;
  is_enabled: boolean;
  processors?: Processor[];
  [field: string]: Json | Processor[] | undefined;
}

export interface Pipeline {
  id?: string;
  name: string;
  is_enabled: boolean;
  is_read_only?: boolean;
  filter: { query: string };
  processors: Processor[];
  [extra: string]: unknown;
}

export interface Step {
  processor: string;
  name: string;
  applied: boolean;
  changed: { field: string; before: Json; after: Json }[];
  error: string | null;
}

export interface BenchAnswer {
  steps: Step[];
  row: Row;
  scrubbed?: boolean;
}

export interface ScrubRule {
  id?: string;
  name: string;
  pattern: string;
  preset?: string | null;
  signal: Signal | null;
  query: string;
  action: "redact" | "hash" | "drop_field";
  replacement: string;
  enabled: boolean;
  matches?: number;
}

export interface ScrubAnswer {
  rules: ScrubRule[];
  presets?: { name: string; title: string; pattern: string }[];
}

export interface RowMetric {
  id: string;
  attributes: {
    compute: { aggregation_type: "count" | "distribution"; path?: string; include_percentiles?: boolean };
    filter: { query: string };
    group_by: { path: string; tag_name?: string }[];
  };
}

const PIPELINES = "/api/v1/logs/config/pipelines";
const METRICS = { logs: "/api/v2/logs/config/metrics", spans: "/api/v2/apm/config/metrics" };

export type MetricSource = keyof typeof METRICS;

export const pipelines = queryOptions({
  queryKey: ["pipelines"],
  queryFn: ({ signal }) => get<Pipeline[]>(PIPELINES, signal),
});

export const scrubRules = queryOptions({
  queryKey: ["scrub"],
  queryFn: ({ signal }) => get<ScrubAnswer>("/api/ui/scrub", signal),
});

export const rowMetrics = (source: MetricSource) =>
  queryOptions({
    queryKey: ["row metrics", source],
    queryFn: ({ signal }) => get<{ data: RowMetric[] }>(METRICS[source], signal),
  });

/** What each processor does to a sample: a pipeline that need not be stored, or all that are. */
export function bench(pipeline: Pipeline | null, sample: string) {
  return queryOptions({
    queryKey: ["bench", pipeline, sample],
    queryFn: ({ signal }) =>
      call<BenchAnswer>("POST", "/api/ui/pipelines/test", { pipeline, sample: sampleOf(sample) }, signal),
    enabled: sample.trim() !== "",
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    retry: false,
  });
}

/** An object goes as one, so that the server does not have to guess. */
function sampleOf(text: string): unknown {
  if (!/^\s*\{/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function useChange<T>(key: string[], change: (value: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: key }) });
}

export const useSavePipeline = () =>
  useChange(["pipelines"], ({ id, ...body }: Pipeline) =>
    id === undefined
      ? call<Pipeline>("POST", PIPELINES, body)
      : call<Pipeline>("PUT", `${PIPELINES}/${encodeURIComponent(id)}`, body),
  );

export const useDeletePipeline = () =>
  useChange(["pipelines"], (id: string) => call("DELETE", `${PIPELINES}/${encodeURIComponent(id)}`));

export const useOrderPipelines = () =>
  useChange(["pipelines"], (pipeline_ids: string[]) =>
    call("PUT", "/api/v1/logs/config/pipeline-order", { pipeline_ids }),
  );

export const useSaveScrub = () =>
  useChange(["scrub"], ({ id, matches: _matches, ...body }: ScrubRule) =>
    id === undefined
      ? call("POST", "/api/ui/scrub", body)
      : call("PUT", `/api/ui/scrub/${encodeURIComponent(id)}`, body),
  );

export const useDeleteScrub = () =>
  useChange(["scrub"], (id: string) => call("DELETE", `/api/ui/scrub/${encodeURIComponent(id)}`));

export const useSaveRowMetric = (source: MetricSource) =>
  useChange(["row metrics", source], ({ metric, isNew }: { metric: RowMetric; isNew: boolean }) => {
    const { filter, group_by, compute } = metric.attributes;
    const type = source === "logs" ? "logs_metrics" : "spans_metrics";
    if (isNew) return call("POST", METRICS[source], { data: { type, id: metric.id, attributes: metric.attributes } });
    // What is computed is settled when a metric is made; Datadog's clients may not change it either.
    const kept =
      compute.include_percentiles === undefined
        ? {}
        : { compute: { include_percentiles: compute.include_percentiles } };
    const data = { type, id: metric.id, attributes: { filter, group_by, ...kept } };
    return call("PATCH", `${METRICS[source]}/${encodeURIComponent(metric.id)}`, { data });
  });

export const useDeleteRowMetric = (source: MetricSource) =>
  useChange(["row metrics", source], (id: string) => call("DELETE", `${METRICS[source]}/${encodeURIComponent(id)}`));
