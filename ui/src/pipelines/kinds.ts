/** The processors there are: what each is for, the fields of its form, and how a new one starts. */
import type { Processor } from "../api/pipelines";

export interface FieldSpec {
  /** A dotted path into the processor. */
  path: string;
  label: string;
  form: "text" | "list" | "area" | "tick" | "choice" | "categories" | "search";
  hint?: string;
  choices?: string[];
}

export interface Kind {
  type: string;
  label: string;
  what: string;
  fields: FieldSpec[];
  start: Record<string, unknown>;
}

const sources = (hint: string): FieldSpec => ({ path: "sources", label: "Attributes", form: "list", hint });
const target: FieldSpec = { path: "target", label: "Into", form: "text", hint: "attribute.path" };
const missing: FieldSpec = { path: "is_replace_missing", label: "Missing values count as empty or 0", form: "tick" };

const remapper = (type: string, label: string, what: string, start: string[]): Kind => ({
  type,
  label,
  what,
  fields: [sources("the first one that is there is taken")],
  start: { sources: start },
});

export const KINDS: Kind[] = [
  {
    type: "grok-parser",
    label: "Grok parser",
    what: "Takes a text apart into attributes by rules.",
    fields: [
      { path: "source", label: "Text", form: "text", hint: "message" },
      {
        path: "grok.match_rules",
        label: "Rules, the first that matches wins",
        form: "area",
        hint: "access %{ip:network.client.ip} %{notSpace:http.method}",
      },
      { path: "grok.support_rules", label: "Helper rules", form: "area" },
    ],
    start: { source: "message", grok: { match_rules: "rule %{data:text}", support_rules: "" }, samples: [] },
  },
  {
    type: "attribute-remapper",
    label: "Remapper",
    what: "Gives attributes or tags another name.",
    fields: [
      sources("old.name, another.old.name"),
      { path: "source_type", label: "They are", form: "choice", choices: ["attribute", "tag"] },
      target,
      { path: "target_type", label: "Which is", form: "choice", choices: ["attribute", "tag"] },
      { path: "target_format", label: "As", form: "choice", choices: ["auto", "string", "integer", "double"] },
      { path: "preserve_source", label: "Keep the old ones too", form: "tick" },
      { path: "override_on_conflict", label: "Replace a target that is there", form: "tick" },
    ],
    start: {
      sources: [],
      source_type: "attribute",
      target: "",
      target_type: "attribute",
      preserve_source: false,
      override_on_conflict: false,
    },
  },
  remapper("date-remapper", "Date", "The log's time, from one of its attributes.", ["timestamp", "date"]),
  remapper("status-remapper", "Status", "The log's status, from one of its attributes.", ["level", "severity"]),
  remapper("service-remapper", "Service", "The log's service, from one of its attributes.", ["service"]),
  remapper("message-remapper", "Message", "The log's message, from one of its attributes.", ["msg"]),
  remapper("trace-id-remapper", "Trace id", "The trace that the log belongs to.", ["dd.trace_id"]),
  remapper("span-id-remapper", "Span id", "The span that the log belongs to.", ["dd.span_id"]),
  {
    type: "url-parser",
    label: "URL parser",
    what: "Host, path and parameters of an address.",
    fields: [
      sources("http.url"),
      target,
      { path: "normalize_ending_slashes", label: "Without the slash at the end", form: "tick" },
    ],
    start: { sources: ["http.url"], target: "http.url_details", normalize_ending_slashes: false },
  },
  {
    type: "user-agent-parser",
    label: "User agent parser",
    what: "Browser, system and device of a user agent.",
    fields: [sources("http.useragent"), target, { path: "is_encoded", label: "It is percent-encoded", form: "tick" }],
    start: { sources: ["http.useragent"], target: "http.useragent_details", is_encoded: false },
  },
  {
    type: "category-processor",
    label: "Category",
    what: "A word by the first search that finds the log.",
    fields: [target, { path: "categories", label: "Categories", form: "categories" }],
    start: { target: "category", categories: [{ name: "slow", filter: { query: "@duration:>1000" } }] },
  },
  {
    type: "arithmetic-processor",
    label: "Arithmetic",
    what: "A number computed from others.",
    fields: [target, { path: "expression", label: "Formula", form: "text", hint: "end - start" }, missing],
    start: { target: "", expression: "", is_replace_missing: false },
  },
  {
    type: "string-builder-processor",
    label: "String builder",
    what: "A text built from attributes.",
    fields: [
      target,
      { path: "template", label: "Template", form: "text", hint: "%{http.method} %{http.url_details.path}" },
      missing,
    ],
    start: { target: "", template: "", is_replace_missing: false },
  },
  {
    type: "lookup-processor",
    label: "Lookup",
    what: "A value looked up in a table.",
    fields: [
      { path: "source", label: "Look up", form: "text", hint: "attribute.path" },
      target,
      { path: "lookup_table", label: "Table, one key,value a line", form: "list" },
      { path: "default_lookup", label: "When it is not there", form: "text" },
    ],
    start: { source: "", target: "", lookup_table: [] },
  },
  {
    type: "pipeline",
    label: "Nested pipeline",
    what: "More processors, for a part of the logs.",
    fields: [{ path: "filter.query", label: "For logs that match", form: "search" }],
    start: { filter: { query: "" }, processors: [] },
  },
];

export const kindOf = (type: string) => KINDS.find((kind) => kind.type === type);

/** On from the start: a processor that is added is meant to work. */
export function newProcessor(kind: Kind): Processor {
  return { name: kind.label, is_enabled: true, ...structuredClone(kind.start), type: kind.type } as Processor;
}

export function read(holder: object, path: string): unknown {
  return path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], holder);
}

export function written<T extends object>(holder: T, path: string, value: unknown): T {
  const [key, ...rest] = path.split(".");
  const inner = (holder as Record<string, unknown>)[key];
  return {
    ...holder,
    [key]: rest.length === 0 ? value : written((inner as object | undefined) ?? {}, rest.join("."), value),
  };
}

/** What a processor does, in the words of its own fields: for the line of its head. */
export function summaryOf(processor: Processor): string {
  const from = read(processor, "sources") ?? read(processor, "source");
  const names = Array.isArray(from) ? from.join(", ") : typeof from === "string" ? from : "";
  const formula = read(processor, "expression") ?? read(processor, "template") ?? read(processor, "filter.query");
  const into = read(processor, "target");
  return [names || formula, into].filter((part) => typeof part === "string" && part !== "").join(" → ");
}
