/** Links into the metrics explorer. Counts and rates are asked as counts, as SEMANTICS has it. */

const COUNTED = new Set(["count", "rate", "cumulative"]);

/** The query a metric starts with. */
export function firstQuery(metric: { name: string; kind: string }, filter = "*"): string {
  return COUNTED.has(metric.kind) ? `sum:${metric.name}{${filter}}.as_count()` : `avg:${metric.name}{${filter}}`;
}

export function exploreLink(metric: { name: string; kind: string }, filter = "*"): string {
  // Counts stand for themselves bucket by bucket: bars say so.
  return `${exploreQueries([firstQuery(metric, filter)])}${COUNTED.has(metric.kind) ? "&as=bars" : ""}`;
}

export function exploreQueries(queries: string[], formulas: string[] = []): string {
  const params = new URLSearchParams();
  for (const query of queries) params.append("q", query);
  for (const formula of formulas) params.append("f", formula);
  return `/metrics/explore?${params}`;
}
