/** Figures for widgets that show numbers: each result's series reduced by its column's aggregator. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { isRowsSpec, rowScalars } from "../../api/rowScalars";
import { frames, type Answers, type QueryResult, type QuerySeries } from "../../api/query";
import { usePageRange } from "../../time/page";
import { useSeen } from "../../ui/seen";
import { useBoard } from "../context";
import type { Definition } from "../model";
import { scalarColumns, type Column } from "../requests";
import { useWidgetSpan } from "./span";

export interface Figure {
  column: Column;
  result: QueryResult;
}

export function useFigures(definition: Definition) {
  const { fill } = useBoard();
  const page = usePageRange();
  const span = useWidgetSpan(definition) ?? page.span;
  const [root, seen] = useSeen<HTMLDivElement>();
  const asked = useMemo(() => scalarColumns(definition, fill), [definition, fill]);
  // Figures of rows are computed over the whole range at once: a percentile of buckets' percentiles would be none.
  const ask = asked.specs.some(isRowsSpec) ? rowScalars : frames;
  const answer = useQuery(ask(asked.specs, span.fromMs, span.toMs, seen));
  const figures = useMemo(() => (answer.data ? figuresOf(answer.data, asked.columns) : null), [answer.data, asked]);
  return { root, answer, figures, span };
}

function figuresOf(answers: Answers, columns: Column[][]): Figure[] {
  return columns.flatMap((some, index) =>
    some.flatMap((column, at) => {
      const result = answers[index]?.[at];
      return result ? [{ column, result }] : [];
    }),
  );
}

export const valueOf = (series: QuerySeries | undefined, { aggregator }: Column): number | null =>
  series?.stats[aggregator] ?? null;

export function sorted(series: QuerySeries[], column: Column): QuerySeries[] {
  const sign = column.order === "asc" ? 1 : -1;
  const all = [...series].sort(
    (a, b) => sign * ((valueOf(a, column) ?? -Infinity) - (valueOf(b, column) ?? -Infinity)),
  );
  return column.limit === null ? all : all.slice(0, column.limit);
}
