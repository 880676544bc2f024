/** The rows of a page's view: pages of the list as one, held still while somebody reads. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { rowPages, type Row, type Scope } from "../api/rows";
import type { Span } from "../time/range";

/** A live range goes on; while `hold` is true the last one stays. Spans of another length are another question. */
export function useHeld(span: Span, hold: boolean): Span {
  const [held, setHeld] = useState(span);
  const other = held.toMs - held.fromMs !== span.toMs - span.fromMs;
  if ((!hold || other) && (held.fromMs !== span.fromMs || held.toMs !== span.toMs)) setHeld(span);
  return !hold || other ? span : held;
}

export function useRows(scope: Scope, sort: string, enabled = true) {
  const answer = useInfiniteQuery({ ...rowPages(scope, sort), enabled });
  const { data, hasNextPage, isFetching, fetchNextPage } = answer;
  const rows = useMemo(() => unique((data?.pages ?? []).flatMap((page) => page.rows)), [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const first = data?.pages[0];
  return { answer, rows, more, first, problem: first?.error ?? null };
}

/** A row that arrives between two pages must not stand in both. */
function unique(rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}
