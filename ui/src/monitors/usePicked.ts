/** Which rows of a list are chosen, and which one the keys are on. Rows that leave the list are no longer chosen. */
import { useMemo, useRef, useState } from "react";

export function usePicked<T extends { id: number }>(rows: T[]) {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const [current, setCurrent] = useState<number | null>(null);
  const last = useRef(-1);
  const at = useMemo(() => rows.findIndex(({ id }) => id === current), [rows, current]);
  const shown = useMemo(() => rows.filter(({ id }) => ids.has(id)), [rows, ids]);
  const picked = useMemo(() => new Set(shown.map(({ id }) => id)), [shown]);
  // Without a choice the keys act on the row that they are on.
  const chosen = shown.length > 0 || at < 0 ? shown : [rows[at]];
  const pick = (index: number, range: boolean) => {
    const next = new Set(picked);
    const on = !next.has(rows[index].id);
    const from = range && last.current >= 0 ? Math.min(last.current, index) : index;
    const to = range && last.current >= 0 ? Math.max(last.current, index) : index;
    for (const { id } of rows.slice(from, to + 1)) {
      if (on) next.add(id);
      else next.delete(id);
    }
    last.current = index;
    setIds(next);
  };
  return {
    picked,
    chosen,
    at,
    pick,
    pickAt: () => at >= 0 && pick(at, false),
    pickAll: (all: boolean) => setIds(new Set(all ? rows.map(({ id }) => id) : [])),
    clear: () => setIds(new Set()),
    go: (step: number) => {
      const next = Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step));
      if (rows[next]) setCurrent(rows[next].id);
    },
  };
}
