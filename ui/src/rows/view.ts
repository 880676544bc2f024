/** What a page of rows shows, as its URL holds it: `query=…&view=group&by=service&m=count&m=pc95:@duration&cols=…&row=…`. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { AGGREGATIONS, type Aggregation, type Compute, type Signal } from "../api/rows";

export type RowsTab = "list" | "patterns" | "group" | "tail" | "keys";
export type GroupDisplay = "timeseries" | "table" | "toplist";

export interface RowsView {
  query: string;
  tab: RowsTab;
  /** Fields shown as columns beside the fixed ones; null: those that the signal starts with. */
  columns: string[] | null;
  sort: string;
  wrap: boolean;
  /** The id of the row whose detail is open. */
  row: string;
  by: string[];
  computes: Compute[];
  display: GroupDisplay;
  limit: number;
}

const TABS: RowsTab[] = ["list", "patterns", "group", "tail", "keys"];
const DISPLAYS: GroupDisplay[] = ["timeseries", "table", "toplist"];
export const LIMITS = [5, 10, 20, 50, 100];

/** A new question of a page begins with these. */
export const FIRST_COMPUTES: Record<Signal, Compute[]> = {
  logs: [{ aggregation: "count" }],
  spans: [{ aggregation: "count" }, { aggregation: "pc95", field: "@duration" }],
  events: [{ aggregation: "count" }],
};

export function computeText({ aggregation, field }: Compute): string {
  return field ? `${aggregation}:${field}` : aggregation;
}

export function parseCompute(text: string): Compute | null {
  const [word, field] = text.split(/:(.*)/s);
  const aggregation = AGGREGATIONS.find((each) => each === word);
  if (!aggregation || (aggregation !== "count" && !field)) return null;
  return field ? { aggregation, field } : { aggregation };
}

const LABELS: Record<Aggregation, string> = {
  count: "count",
  cardinality: "unique",
  sum: "sum",
  avg: "avg",
  min: "min",
  max: "max",
  median: "p50",
  pc75: "p75",
  pc90: "p90",
  pc95: "p95",
  pc98: "p98",
  pc99: "p99",
};

export const aggregationLabel = (aggregation: Aggregation) => LABELS[aggregation];

/** `p95 of @duration`, as people say it. */
export function computeLabel({ aggregation, field }: Compute): string {
  return field ? `${LABELS[aggregation]} of ${field}` : LABELS[aggregation];
}

export function readRowsView(params: URLSearchParams, signal: Signal): RowsView {
  const columns = params.get("cols");
  const computes = params.getAll("m").map(parseCompute);
  const limit = Number(params.get("top"));
  return {
    query: params.get("query") ?? "",
    tab: TABS.find((tab) => tab === params.get("view")) ?? "list",
    columns: columns === null ? null : columns.split(",").filter(Boolean),
    sort: params.get("sort") ?? "-timestamp",
    wrap: params.get("wrap") === "1",
    row: params.get("row") ?? "",
    by: params.getAll("by"),
    computes: computes.length > 0 ? computes.filter((each) => each !== null) : FIRST_COMPUTES[signal],
    display: DISPLAYS.find((each) => each === params.get("as")) ?? "timeseries",
    limit: LIMITS.includes(limit) ? limit : 10,
  };
}

const NAMES = ["query", "view", "cols", "sort", "wrap", "row", "by", "m", "as", "top"];

/** What is as it starts is left out: short addresses, and equal ones for equal views. */
export function writeRowsView(params: URLSearchParams, view: RowsView, signal: Signal): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of NAMES) next.delete(name);
  const put = (name: string, value: string, start = "") => value !== start && next.set(name, value);
  put("query", view.query);
  put("view", view.tab, "list");
  if (view.columns !== null) next.set("cols", view.columns.join(","));
  put("sort", view.sort, "-timestamp");
  put("wrap", view.wrap ? "1" : "");
  put("row", view.row);
  for (const field of view.by) next.append("by", field);
  const computes = view.computes.map(computeText);
  if (computes.join() !== FIRST_COMPUTES[signal].map(computeText).join())
    for (const text of computes) next.append("m", text);
  put("as", view.display, "timeseries");
  put("top", String(view.limit), "10");
  return next;
}

export type SetRowsView = (part: Partial<RowsView>, replace?: boolean) => void;

/** The view and how to change it. Walking from row to row replaces the entry, so that back leaves the list as it was. */
export function useRowsView(signal: Signal): [RowsView, SetRowsView] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const view = useMemo(() => readRowsView(new URLSearchParams(text), signal), [text, signal]);
  const set = useCallback<SetRowsView>(
    (part, replace = false) =>
      setParams((current) => writeRowsView(current, { ...readRowsView(current, signal), ...part }, signal), {
        replace,
      }),
    [setParams, signal],
  );
  return [view, set];
}
