/** Addresses of the trace pages, and the search texts that lead from one to the other. */

import type { Row } from "../api/rows";
import { quote, type FieldValue } from "../rows/filters";

export interface Moment {
  fromMs: number;
  toMs: number;
}

export const term = (field: string, value: FieldValue) => `${field}:${quote(value)}`;

/** Words of a search that name something, joined; empty ones are left out. */
export const both = (...parts: (string | undefined | null | false)[]) => parts.filter(Boolean).join(" ");

function address(path: string, params: Record<string, string | undefined>, at?: Moment): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) search.set(name, value);
  if (at) {
    search.set("from_ms", String(Math.floor(at.fromMs)));
    search.set("to_ms", String(Math.ceil(at.toMs)));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export const tracesLink = (query: string, at?: Moment, sort?: string) => address("/apm/traces", { query, sort }, at);

export const logsLink = (query: string, at?: Moment) => address("/logs", { query }, at);

export const traceLink = (trace: string, span?: string) => address(`/apm/trace/${trace}`, { span });

export const servicesLink = (params: Record<string, string | undefined>, at?: Moment) =>
  address("/apm/services", params, at);

export const serviceLink = (name: string, params: Record<string, string | undefined> = {}, at?: Moment) =>
  address(`/apm/services/${encodeURIComponent(name)}`, params, at);

export const resourceLink = (name: string, params: Record<string, string | undefined>, at?: Moment) =>
  address(`/apm/services/${encodeURIComponent(name)}/resource`, params, at);

export const hostLink = (name: string, at?: Moment) => address(`/hosts/${encodeURIComponent(name)}`, {}, at);

export const mapLink = (params: Record<string, string | undefined>, at?: Moment) => address("/apm/map", params, at);

/** A link that keeps the range of the page it stands on. */
export function keepingRange(to: string, search: string): string {
  const here = new URLSearchParams(search);
  const [path, own = ""] = to.split("?");
  const next = new URLSearchParams(own);
  if (next.has("from_ms") || next.has("range")) return to;
  for (const name of ["range", "from_ms", "to_ms"]) {
    const value = here.get(name);
    if (value) next.set(name, value);
  }
  const text = next.toString();
  return text ? `${path}?${text}` : path;
}

const NO_PARENT = /^0*$/;

/** A root leads to its trace, where the page chooses what is worth a look; any other span is chosen there. */
export function spanLink({ trace_id = "", span_id, parent_id = "" }: Row): string {
  return traceLink(trace_id, NO_PARENT.test(parent_id) ? undefined : span_id);
}
