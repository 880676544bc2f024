import { get, withParams } from "./client";

export interface CompletionOption {
  label: string;
  insert: string;
  kind: "metric" | "tag_key" | "tag_value" | "function" | "aggregator" | "modifier";
  detail?: string;
}

export interface CompletionAnswer {
  from: number;
  to: number;
  options: CompletionOption[];
}

export function complete(text: string, cursor: number, signal?: AbortSignal): Promise<CompletionAnswer> {
  return get(withParams("/api/ui/complete", { text, cursor }), signal);
}
