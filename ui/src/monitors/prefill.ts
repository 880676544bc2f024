/** New monitors that begin with something: a chart's query, an explorer's search, an SLO. Written into, and read from, an address. */
import type { Monitor } from "../api/monitorModel";
import type { Signal } from "../api/rows";
import { EMPTY } from "./draft";
import { STARTS, TYPE_OF, type Form, type Kind } from "./form";
import { withForm } from "./edit";

const KIND_OF: Record<Signal, Kind> = { logs: "logs", spans: "traces", events: "events" };

const address = (params: Record<string, string>) => `/monitors/new?${new URLSearchParams(params)}`;

/** From a line of a chart. */
export const monitorOfQuery = (query: string) => address({ kind: "threshold", q: query });

/** From a search of an explorer. */
export function monitorOfSearch(signal: Signal, search: string, by: string[] = []): string {
  return address({ kind: KIND_OF[signal], q: search, ...(by.length > 0 ? { by: by.join(",") } : {}) });
}

/** Null: the address asks for nothing in particular. */
export function prefilled(params: URLSearchParams): Monitor | null {
  const type = params.get("type");
  const query = params.get("query");
  const name = params.get("name") ?? "";
  const message = params.get("message") ?? "";
  if (type && query) return { ...EMPTY, type, query, name, message };
  const kind = params.get("kind") as Kind | null;
  if (!kind || !(kind in STARTS)) return null;
  const form = filled(STARTS[kind], params);
  return withForm({ ...EMPTY, name, message, type: TYPE_OF[kind] }, form);
}

function filled(form: Form, params: URLSearchParams): Form {
  const q = params.get("q") ?? "";
  const threshold = Number(params.get("threshold"));
  const by = (params.get("by") ?? "").split(",").filter(Boolean);
  if ("timeAgg" in form) return { ...form, query: q };
  if ("aggregation" in form) return { ...form, search: q, by };
  if (form.kind === "slo") {
    const text = (name: "over" | "long" | "short") => params.get(name) ?? form[name];
    const measure = params.get("measure") === "error_budget" ? "error_budget" : "burn_rate";
    const windows = { over: text("over"), long: text("long"), short: text("short") };
    return { ...form, ...windows, measure, id: params.get("slo") ?? "", threshold: threshold || form.threshold };
  }
  if ("check" in form && q)
    return { ...form, check: form.kind === "check" ? q : form.check, over: by.length > 0 ? by : form.over };
  return form;
}
