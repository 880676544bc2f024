/** What the explorer shows, as its URL holds it: `q=…&q=…&f=a / b&as=bars&hide=a`. */
import type { ChartRequest } from "../chart/ChartPanel";
import { PLAIN_LOOK, type DrawStyle, type Look } from "../chart/plot";
import type { Definition, WidgetRequest } from "../dashboard/model";

export const STYLES: DrawStyle[] = ["line", "area", "bars"];

export interface View {
  queries: string[];
  formulas: string[];
  style: DrawStyle;
  /** Names of queries that only feed formulas. */
  hidden: string[];
}

export const nameOf = (index: number) => String.fromCharCode(97 + index);

/** One letter a query. */
export const QUERIES_MAX = 26;

export function readView(params: URLSearchParams): View {
  const style = STYLES.find((each) => each === params.get("as")) ?? "line";
  const hidden = (params.get("hide") ?? "").split(",").filter(Boolean);
  return { queries: params.getAll("q").slice(0, QUERIES_MAX), formulas: params.getAll("f"), style, hidden };
}

export function writeView(params: URLSearchParams, view: View): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of ["q", "f", "as", "hide", "lg"]) next.delete(name);
  for (const query of view.queries) next.append("q", query);
  for (const formula of view.formulas) next.append("f", formula);
  if (view.style !== "line") next.set("as", view.style);
  if (view.hidden.length > 0) next.set("hide", view.hidden.join(","));
  return next;
}

function lookOf({ style }: View): Look {
  return { ...PLAIN_LOOK, style, stacked: style !== "line" };
}

const named = (view: View) =>
  view.queries.map((query, index) => ({ name: nameOf(index), query })).filter(({ query }) => query.trim() !== "");

/** Shown queries first, then the formulas: two requests at most. */
export function requestsOf(view: View): ChartRequest[] {
  const display = view.style === "bars" ? "bar" : "line";
  const look = lookOf(view);
  const all = named(view);
  const shown = all.filter(({ name }) => !view.hidden.includes(name));
  const formulas = view.formulas.filter((formula) => formula.trim() !== "").map((formula) => ({ formula }));
  const requests: ChartRequest[] = [];
  if (shown.length > 0) requests.push({ spec: { display, queries: shown }, look });
  if (formulas.length > 0 && all.length > 0) requests.push({ spec: { display, queries: all, formulas }, look });
  return requests;
}

/** The same as a widget, in the form with queries and formulas. */
export function widgetOf(view: View, title: string): Definition {
  const queries = named(view).map(({ name, query }) => ({ data_source: "metrics", name, query }));
  const shown = queries.filter(({ name }) => !view.hidden.includes(name)).map(({ name }) => ({ formula: name }));
  const formulas = [
    ...shown,
    ...view.formulas.filter((formula) => formula.trim() !== "").map((formula) => ({ formula })),
  ];
  const request: WidgetRequest = { response_format: "timeseries", queries, formulas, display_type: view.style };
  return { type: "timeseries", title, show_legend: false, requests: [request] };
}
