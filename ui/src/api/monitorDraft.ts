/** What the editor asks about a draft: its preview, its message, and how it would have done in the past. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ApiError, call, csrf, get, withParams } from "./client";
import type { GroupHistory, Monitor, MonitorPicture, Outage, ParsedRule, Status } from "./monitorModel";

export interface FieldProblem {
  field: string;
  message: string;
  position?: number | null;
}

export interface Preview extends MonitorPicture {
  errors: FieldProblem[];
  warnings: (FieldProblem | string)[];
  parsed: ParsedRule | null;
  groups: { group: string; value: number | null; status: Status }[];
  groups_total: number;
  evaluation: {
    at_ms: number;
    window: { from_ms?: number; to_ms?: number; start_ms?: number; end_ms?: number };
  } | null;
}

export function usePreview(monitor: Monitor, fromMs: number, toMs: number, enabled: boolean) {
  return useQuery({
    queryKey: ["query", "monitor", "preview", monitor, fromMs, toMs],
    queryFn: ({ signal }) =>
      call<Preview>(
        "POST",
        "/api/ui/monitors/preview",
        { monitor, from_ms: Math.round(fromMs), to_ms: Math.round(toMs) },
        signal,
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 60_000,
    retry: false,
    enabled,
  });
}

export interface MessagePreview {
  subject: string;
  text: string;
  html: string;
  unknown: { name: string; position: number }[];
  problems: { message: string; position: number }[];
  handles: { handle: string; channel: string | null; known: boolean; when: string[] }[];
}

export function useMessage(monitor: Monitor, transition: string, group: string, enabled: boolean) {
  return useQuery({
    queryKey: ["monitor-message", monitor, transition, group],
    queryFn: ({ signal }) =>
      call<MessagePreview>(
        "POST",
        "/api/ui/monitors/message",
        { monitor, transition, ...(group ? { group } : {}) },
        signal,
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 60_000,
    retry: false,
    enabled,
  });
}

export interface HandleOption {
  handle: string;
  channel?: string | null;
  name?: string | null;
}

/** Channels and addresses that begin with, or hold, the text. */
export async function completeHandles(text: string): Promise<HandleOption[]> {
  const answer = await get<{ handles: (HandleOption | string)[] }>(withParams("/api/ui/handles", { text }));
  return answer.handles.map((each) => (typeof each === "string" ? { handle: each } : each));
}

export interface TryResult {
  evaluations: number;
  groups: (GroupHistory & { alerts: number; alert_ms: number; warn_ms: number })[];
  groups_total: number;
  /** Nothing was evaluated in them, so nothing is tried there either. */
  outages: Outage[];
  notices: { at_ms: number; group: string; kind: string; value: number | null }[];
  totals: {
    alerts: number;
    warnings: number;
    no_data: number;
    notices: number;
    alert_ms: number;
    notices_per_day: number;
    flapping_groups: number;
  };
  suggestions: Suggestion[];
}

export interface Suggestion {
  label: string;
  critical: number;
  warning: number | null;
  alerts: number;
  notices: number;
  alert_ms: number;
}

interface Progress {
  done: number;
  total: number;
}

/** Runs the draft over the past; the signal cancels it on the server too, because the connection closes. */
export async function tryOnPast(
  asked: { monitor: Monitor; from_ms: number; to_ms: number },
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<TryResult> {
  const response = await fetch("/api/ui/monitors/try", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream", "X-CSRF-Token": csrf() },
    credentials: "same-origin",
    body: JSON.stringify(asked),
    signal,
  });
  if (!response.ok || !response.body) throw await failureOf(response);
  for await (const { event, data } of serverEvents(response.body)) {
    if (event === "progress") onProgress(JSON.parse(data) as Progress);
    if (event === "result") return JSON.parse(data) as TryResult;
    if (event === "error") throw new ApiError(500, errorText(data));
  }
  throw new ApiError(0, "the server ended before it had a result; try again");
}

async function failureOf(response: Response): Promise<ApiError> {
  return new ApiError(response.status, errorText(await response.text()) || `the server answered ${response.status}`);
}

function errorText(data: string): string {
  try {
    const { errors, error } = JSON.parse(data) as { errors?: string[]; error?: string };
    return errors?.join("; ") ?? error ?? data;
  } catch {
    return data;
  }
}

interface ServerEvent {
  event: string;
  data: string;
}

/** Events of a stream, which come in pieces that know nothing of lines. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += (value ?? "").replace(/\r\n?/g, "\n");
    const blocks = rest.split("\n\n");
    rest = done ? "" : (blocks.pop() ?? "");
    for (const block of blocks) {
      const found = eventOf(block);
      if (found) yield found;
    }
    if (done) return;
  }
}

function eventOf(block: string): ServerEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length > 0 ? { event, data: data.join("\n") } : null;
}
