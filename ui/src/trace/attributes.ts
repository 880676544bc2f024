/** Attributes of a span as flat names, and the ones that the panel shows in a form of their own. */
import type { Json, Row } from "../api/rows";

export interface Attribute {
  /** As the search names it: `@http.url`, `team`. */
  field: string;
  value: Json;
}

export function flat(row: Row): Attribute[] {
  const found: Attribute[] = [];
  const walk = (path: string, value: Json) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0) {
      for (const [key, below] of Object.entries(value)) walk(path ? `${path}.${key}` : key, below);
    } else found.push({ field: `@${path}`, value });
  };
  walk("", row.attributes ?? {});
  for (const [key, value] of Object.entries(row.tags ?? {})) found.push({ field: key, value });
  return found.filter(({ field }) => field !== "@").sort((a, b) => order(a.field).localeCompare(order(b.field)));
}

/** What the tracer keeps for itself comes last. */
const order = (field: string) => (/^@_|^@_?dd\./.test(field) ? `zzz${field}` : field.replace("@", ""));

function firstText(all: Map<string, Json>, names: string[]): string | null {
  for (const name of names) {
    const value = all.get(name);
    if (typeof value === "string" && value !== "") return value;
  }
  return null;
}

export const asMap = (attributes: Attribute[]) => new Map(attributes.map(({ field, value }) => [field, value]));

const SQL_FIELDS = ["@db.query.text", "@db.statement", "@sql.query", "@db.sql"];
const NO_SQL = new Set(["redis", "memcached", "mongodb", "elasticsearch", "opensearch"]);

export function statementOf(row: Row, all: Map<string, Json>): { text: string; sql: boolean } | null {
  const system = String(all.get("@db.system") ?? all.get("@db.system.name") ?? row.type ?? "");
  const text = firstText(all, [...SQL_FIELDS, "@redis.raw_command", "@mongodb.query", "@db.query"]);
  const queried = row.type === "sql" || row.type === "db" || all.has("@db.system") || all.has("@db.system.name");
  const statement = text ?? (queried ? (row.resource ?? null) : null);
  return statement === null ? null : { text: statement, sql: !NO_SQL.has(system) };
}

export interface SpanFault {
  type: string | null;
  message: string | null;
  stack: string | null;
}

export function faultOf(row: Row, all: Map<string, Json>): SpanFault | null {
  const fault = {
    type: firstText(all, ["@error.type", "@exception.type"]),
    message: firstText(all, ["@error.message", "@error.msg", "@exception.message", "@otel.status_description"]),
    stack: firstText(all, ["@error.stack", "@exception.stacktrace"]),
  };
  return row.status === "error" || fault.message || fault.stack ? fault : null;
}

/** Attributes that the panel has said already. */
export const SAID = new Set([...SQL_FIELDS, "@error.stack", "@exception.stacktrace", "@span_links", "@span_events"]);
