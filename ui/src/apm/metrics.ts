/** The trace metrics as queries: what the charts of the service pages ask. */
import { PLAIN_LOOK, type Look } from "../chart/plot";
import type { ThemeName } from "../chart/palette";
import { statusColour } from "../rows/status";
import type { ChartRequest } from "../chart/ChartPanel";
import type { QuerySpec, Unit } from "../api/query";

export interface Scope {
  service?: string;
  env?: string;
  version?: string;
  resource?: string;
}

/** Quotes, commas and braces end a tag's value in a query: such a value is matched by a pattern around them. */
function tagValue(value: string): string {
  return value.replace(/[\s,{}()"'|]+/g, "*");
}

const TAG_CHARS_MAX = 200;

/** A resource as its tag `resource_name` has it: small letters, and `_` for what no tag may hold. */
export function normalTag(value: string): string {
  const mapped = Array.from(value.trim().toLowerCase(), (char) =>
    /[\p{L}\p{N}_:./-]/u.test(char) || (char > "\u007f" && !/\s/.test(char)) ? char : "_",
  );
  return mapped.slice(0, TAG_CHARS_MAX).join("");
}

/** An operation as it stands within the name of its metrics. */
export const metricPart = (operation: string) => operation.replace(/[^A-Za-z0-9_.]/g, "_");

export function filterOf({ service, env, version, resource }: Scope): string {
  const parts = [
    service && `service:${tagValue(service)}`,
    env && `env:${tagValue(env)}`,
    version && `version:${tagValue(version)}`,
    resource && `resource_name:${normalTag(resource)}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(",") : "*";
}

const HIT: Unit = { family: "general", name: "request", short_name: "req", scale_factor: 1 };
const SECOND: Unit = { family: "time", name: "second", short_name: "s", scale_factor: 1 };
const PERCENT: Unit = { family: "percentage", name: "percent", short_name: "%", scale_factor: 1 };

const BARS: Look = { ...PLAIN_LOOK, style: "bars", stacked: true };

/** Good ones are quiet, what the caller got wrong amber, what we got wrong red. */
const STATUS_TONES: [RegExp, string][] = [
  [/^(5|failed|errors?\b)/, "error"],
  [/^4/, "warn"],
  [/^3/, "debug"],
  [/^(2|ok)/, "info"],
];

function paintStatus(label: string, theme: ThemeName): string | undefined {
  const tone = STATUS_TONES.find(([pattern]) => pattern.test(label))?.[1];
  return tone && statusColour(tone, theme);
}

const STATUS_BARS: Look = { ...BARS, unit: HIT, paint: paintStatus };

const spec = (display: QuerySpec["display"], query: string): QuerySpec => ({
  display,
  queries: [{ name: "a", query }],
});

/** By status where the operation is one of the web, else good ones and failed ones. */
export function requestsByStatus(operation: string, type: string, scope: Scope): ChartRequest[] {
  const filter = filterOf(scope);
  if (/^(web|http)$/.test(type)) {
    const query = `sum:trace.${metricPart(operation)}.hits.by_http_status{${filter}} by {http.status_class}.as_count()`;
    return [{ spec: spec("bar", query), look: STATUS_BARS }];
  }
  const queries = [
    { name: "hits", query: `sum:trace.${metricPart(operation)}.hits{${filter}}.as_count()` },
    { name: "errors", query: `sum:trace.${metricPart(operation)}.errors{${filter}}.as_count()` },
  ];
  const formulas = [
    { formula: "hits - default_zero(errors)", alias: "ok" },
    { formula: "default_zero(errors)", alias: "failed" },
  ];
  return [{ spec: { display: "bar", queries, formulas }, look: STATUS_BARS }];
}

export const hitsQuery = (operation: string, scope: Scope) =>
  `sum:trace.${metricPart(operation)}.hits{${filterOf(scope)}} by {service}.as_rate()`;

export function errorsChart(operation: string, scope: Scope): ChartRequest[] {
  const query = `sum:trace.${metricPart(operation)}.errors{${filterOf(scope)}}.as_count()`;
  return [{ spec: spec("bar", query), look: { ...BARS, paint: paintStatus, aliases: { [query]: "errors" } } }];
}

export function errorRateChart(operation: string, scope: Scope): ChartRequest[] {
  const filter = filterOf(scope);
  const queries = [
    { name: "e", query: `sum:trace.${metricPart(operation)}.errors{${filter}}.as_count()` },
    { name: "h", query: `sum:trace.${metricPart(operation)}.hits{${filter}}.as_count()` },
  ];
  const formulas = [{ formula: "default_zero(e) / h * 100", alias: "error rate" }];
  return [{ spec: { display: "line", queries, formulas }, look: { ...PLAIN_LOOK, paint: paintStatus, unit: PERCENT } }];
}

const PERCENTILES = ["p50", "p75", "p90", "p95", "p99"];

export function latencyChart(operation: string, scope: Scope, wanted = PERCENTILES): ChartRequest[] {
  const filter = filterOf(scope);
  return wanted.map((name) => {
    const query = `${name}:trace.${metricPart(operation)}{${filter}}`;
    return {
      spec: spec("line", query),
      look: { ...PLAIN_LOOK, palette: "cool", unit: SECOND, aliases: { [query]: name } },
    };
  });
}

export function apdexChart(operation: string, scope: Scope): ChartRequest[] {
  const query = `avg:trace.${metricPart(operation)}.apdex{${filterOf(scope)}}`;
  return [{ spec: spec("line", query), look: { ...PLAIN_LOOK, palette: "green", aliases: { [query]: "apdex" } } }];
}

/** Seconds that each downstream service took of every second: the area is what the service waits for. */
export function downstreamChart({ service, env }: Scope): ChartRequest[] {
  const parts = [`from_service:${tagValue(service ?? "")}`, env && `env:${tagValue(env)}`].filter(Boolean);
  const query = `sum:oriel.trace.edge{${parts.join(",")}} by {to_service}`;
  return [{ spec: spec("bar", query), look: { ...BARS, unit: SECOND } }];
}

export function versionsChart(operation: string, scope: Scope): ChartRequest[] {
  const query = `sum:trace.${metricPart(operation)}.hits{${filterOf({ ...scope, version: undefined })}} by {version}.as_count()`;
  return [{ spec: spec("bar", query), look: BARS }];
}
