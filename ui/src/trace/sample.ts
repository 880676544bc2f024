/** A small trace for tests: `[parent, start, duration, service, name, error?]` in ms. */
import type { TraceColumns } from "../api/traces";

export type SampleSpan = [parent: number, start: number, duration: number, service: string, name: string, error?: 1];

export function sample(spans: SampleSpan[], path: [number, number, number][] = []): TraceColumns {
  const place = (list: string[], word: string) => {
    if (!list.includes(word)) list.push(word);
    return list.indexOf(word);
  };
  const words: TraceColumns["words"] = { service: [], name: [], resource: [], type: [], host: [] };
  const ns = (ms: number) => ms * 1e6;
  return {
    trace_id: "0".repeat(31) + "1",
    start_ns: "1700000000000000000",
    end_ns: String(1700000000000000000n + BigInt(ns(Math.max(...spans.map(([, start, length]) => start + length))))),
    truncated: false,
    logs_count: 0,
    spans: {
      id: spans.map((_, at) => at.toString(16).padStart(16, "0")),
      parent: spans.map(([parent]) => parent),
      start_ns: spans.map(([, start]) => ns(start)),
      duration_ns: spans.map(([, , length]) => ns(length)),
      service: spans.map(([, , , service]) => place(words.service, service)),
      name: spans.map(([, , , , name]) => place(words.name, name)),
      resource: spans.map(([, , , , name]) => place(words.resource, `resource of ${name}`)),
      type: spans.map(() => place(words.type, "custom")),
      host: spans.map(() => place(words.host, "h1")),
      error: spans.map(([, , , , , error]) => error ?? 0),
    },
    words,
    critical_path: path.map(([span, from, to]) => [span, ns(from), ns(to)]),
  };
}
