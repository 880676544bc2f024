/** Values of rows by the names that the search uses: `service`, `@http.status_code`, `team`. */
import type { Unit } from "../api/query";
import type { Json, Row, Signal } from "../api/rows";
import { formatValue } from "../format/units";
import type { FieldValue } from "./filters";

const CORE: Record<string, keyof Row> = {
  service: "service",
  host: "host",
  env: "env",
  status: "status",
  source: "source",
  version: "version",
  message: "message",
  content: "message",
  title: "name",
  operation_name: "name",
  resource_name: "resource",
  type: "type",
  trace_id: "trace_id",
  span_id: "span_id",
  parent_id: "parent_id",
  duration: "duration_ns",
  "@duration": "duration_ns",
};

const NANOSECOND: Unit = { family: "time", name: "nanosecond", short_name: "ns", scale_factor: 1e-9 };

export const nanosText = (ns: number | null | undefined) => formatValue(ns, NANOSECOND);

/** A span's duration is nanoseconds; an attribute of that name elsewhere is a plain number. */
export const unitOfField = (signal: Signal, field: string | undefined): Unit | null =>
  signal === "spans" && (field === "@duration" || field === "duration") ? NANOSECOND : null;

export function valueOf(row: Row, field: string): Json | undefined {
  const own = CORE[field] ? row[CORE[field]] : undefined;
  if (own !== undefined) return own as Json;
  if (!field.startsWith("@")) return row.tags?.[field];
  return at(row.attributes, field.slice(1));
}

/** Names may hold dots themselves: the longest key that fits wins over the nested one. */
function at(value: Json | undefined, path: string): Json | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  if (path in value) return value[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const found = at(value[path.slice(0, dot)], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function cellText(row: Row, field: string): string {
  if (field === "@duration" || field === "duration") {
    if (row.duration_ns !== undefined) return nanosText(row.duration_ns);
  }
  return textOf(valueOf(row, field));
}

/** What one value can be filtered by: plain ones only. */
export function filterable(value: Json | undefined): FieldValue | null {
  if (Array.isArray(value)) return value.length === 1 ? filterable(value[0]) : null;
  return value === undefined || value === null || typeof value === "object" ? null : value;
}

/** One line for a row, whatever it has to say. */
export function headline(row: Row): string {
  const text = row.message ?? row.name ?? row.resource ?? "";
  if (text !== "") return text;
  const attributes = row.attributes ?? {};
  return Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : "";
}

/** The row as it stands in a file: nested, without what only the page needs. */
export function plainRow({ time_ms: _ms, ...row }: Row): object {
  return { ...row, timestamp: new Date(_ms).toISOString() };
}
