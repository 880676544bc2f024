/** Search within a trace: words are looked for once in the dictionaries, then every span is two or three look-ups. */
import type { Trace } from "./model";

export interface Found {
  matches: Uint8Array;
  /** Matching spans in the order of the waterfall. */
  list: Int32Array;
}

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10 };

type Check = (span: number) => boolean;

/** `>20ms`, `<1s`, `error`, `service:web`, or any part of a service, operation, resource, type, host or span id. */
export function findIn(trace: Trace, text: string): Found | null {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const checks = words.map((word) => checkOf(trace, word));
  const matches = new Uint8Array(trace.count);
  const list: number[] = [];
  for (const span of trace.order) {
    if (!checks.every((check) => check(span))) continue;
    matches[span] = 1;
    list.push(span);
  }
  return { matches, list: Int32Array.from(list) };
}

function checkOf(trace: Trace, word: string): Check {
  const length = /^([<>])=?(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m)?$/.exec(word);
  if (length) {
    const bound = Number(length[2]) * UNITS[length[3] ?? "ms"];
    return length[1] === ">" ? (span) => trace.duration[span] >= bound : (span) => trace.duration[span] <= bound;
  }
  if (word === "error" || word === "status:error") return (span) => trace.error[span] === 1;
  const named = /^(service|name|operation|resource|type|host):(.+)$/.exec(word);
  if (named) return within(trace, [named[1] === "operation" ? "name" : (named[1] as keyof Trace["words"])], named[2]);
  const any = within(trace, ["service", "name", "resource", "type", "host"], word);
  if (!/^[0-9a-f]{6,16}$/.test(word)) return any;
  return (span) => any(span) || trace.ids[span].startsWith(word);
}

function within(trace: Trace, fields: (keyof Trace["words"])[], part: string): Check {
  const tables = fields.map((field) => ({
    column: trace[field],
    hits: new Uint8Array(trace.words[field].map((word) => (word.toLowerCase().includes(part) ? 1 : 0))),
  }));
  return (span) => tables.some(({ column, hits }) => hits[column[span]] === 1);
}

/** The next of a sorted-by-waterfall list after (or before) a span, round the end. */
export function nextIn(trace: Trace, list: Int32Array, span: number | null, step: 1 | -1): number | null {
  if (list.length === 0) return null;
  const here = span === null ? -1 : trace.place[span];
  if (step === 1) {
    for (const each of list) if (trace.place[each] > here) return each;
    return list[0];
  }
  for (let at = list.length - 1; at >= 0; at--) if (here >= 0 && trace.place[list[at]] < here) return list[at];
  return list[list.length - 1];
}
