/** What a point on a chart is about, as a search for rows: the tags of its line and of its query's filter. */
import type { Line } from "./plot";
import { both, term } from "../apm/links";

/** Tags that metrics, logs and spans share; others (`device`, `interface` …) would find nothing there. */
const SHARED = new Set([
  "service",
  "host",
  "env",
  "version",
  "source",
  "status",
  "team",
  "region",
  "zone",
  "availability-zone",
  "datacenter",
  "cluster",
  "container_name",
  "container_id",
  "pod_name",
  "kube_namespace",
  "kube_deployment",
  "kube_cluster_name",
]);

const SPANS = new Set(["resource_name", "operation_name", "type", "span.kind", "http.status_code"]);
const TO_SPANS: Record<string, string> = {
  resource: "resource_name",
  "span.kind": "@span.kind",
  "http.status_code": "@http.status_code",
};

export interface PointScope {
  logs: string;
  spans: string;
  service: string | null;
  host: string | null;
}

interface Pair {
  key: string;
  value: string;
  not: boolean;
}

/** The first filter in braces; variables and wildcards name no one value. */
function filterOf(query: string): Pair[] {
  const braces = /\{([^{}]*)\}/.exec(query)?.[1] ?? "";
  return braces
    .split(/\s*,\s*|\s+AND\s+/)
    .map((part) => /^(!|-|NOT\s+)?([\w.-]+):([^\s()*,]+)$/.exec(part.trim()))
    .flatMap((match) => (match ? [{ key: match[2], value: match[3], not: match[1] !== undefined }] : []));
}

/** Only an error is called the same in logs and in spans. */
const isShared = (key: string, value: string) => SHARED.has(key) && (key !== "status" || value === "error");

const OPERATION = /\btrace\.([\w.]+?)(?:\.(?:hits|errors|duration|apdex)[\w.]*)?\{/;

export function scopeOf(line: Pick<Line, "query" | "group" | "rows"> | null): PointScope {
  if (!line) return { logs: "", spans: "", service: null, host: null };
  const own = line.group.filter(([, value]) => value !== "").map(([key, value]) => ({ key, value, not: false }));
  const named = new Set(own.map(({ key }) => key));
  const filter = line.rows ? [] : filterOf(line.query).filter(({ key }) => !named.has(key));
  const pairs: Pair[] = [...own, ...filter];
  const say = ({ key, value, not }: Pair, as = key) => `${not ? "-" : ""}${term(as, value)}`;
  const shared = pairs.filter(({ key, value }) => isShared(key, value)).map((pair) => say(pair));
  const find = (key: string) => pairs.find((pair) => pair.key === key && !pair.not)?.value ?? null;
  const found = { service: find("service"), host: find("host") };
  if (line.rows) {
    const search = line.rows.query.trim() === "*" ? "" : line.rows.query.trim();
    const all = both(search.replace(/^\*\s+|\s+\*$/g, ""), ...pairs.map((pair) => say(pair)));
    const isSpans = line.rows.signal === "spans";
    return { ...found, logs: isSpans ? shared.join(" ") : all, spans: isSpans ? all : shared.join(" ") };
  }
  const operation = OPERATION.exec(line.query)?.[1];
  const failed = /\.errors\{/.test(line.query) && "status:error";
  const special = operation
    ? pairs.filter(({ key }) => SPANS.has(key) || key === "resource").map((pair) => say(pair, TO_SPANS[pair.key]))
    : [];
  return {
    ...found,
    logs: shared.join(" "),
    spans: both(...shared, operation && term("operation_name", operation), ...special, failed),
  };
}
