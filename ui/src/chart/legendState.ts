/**
 * Legends in the URL: `lg=<chart>~s~<line>` one line alone, `lg=<chart>~h~<line>|<line>` some hidden,
 * `ls=<chart>~<column>~d` the order, down or up.
 */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { LEGEND_COLUMNS, type LegendColumn, type LegendSort, type Shown } from "./Legend";

const ALL: Shown = { solo: null, hidden: [] };

export function readLegend(entries: string[], id: string): Shown {
  const entry = entries.find((text) => text.startsWith(`${id}~`));
  if (!entry) return ALL;
  const [, mode, ...rest] = entry.split("~");
  const keys = rest.join("~");
  return mode === "s" ? { solo: keys, hidden: [] } : { solo: null, hidden: keys.split("|") };
}

export function writeLegend(entries: string[], id: string, { solo, hidden }: Shown): string[] {
  const others = entries.filter((text) => !text.startsWith(`${id}~`));
  if (solo !== null) return [...others, `${id}~s~${solo}`];
  return hidden.length > 0 ? [...others, `${id}~h~${hidden.join("|")}`] : others;
}

export function useLegend(id: string): [Shown, (shown: Shown) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.getAll("lg").join("\n");
  const shown = useMemo(() => readLegend(text.split("\n"), id), [text, id]);
  const setShown = useCallback(
    (next: Shown) =>
      setParams(
        (current) => {
          const entries = writeLegend(current.getAll("lg"), id, next);
          const changed = new URLSearchParams(current);
          changed.delete("lg");
          for (const entry of entries) changed.append("lg", entry);
          return changed;
        },
        { replace: true },
      ),
    [id, setParams],
  );
  return [shown, setShown];
}

export function readSort(entries: string[], id: string): LegendSort | null {
  const [, column, way] = entries.find((text) => text.startsWith(`${id}~`))?.split("~") ?? [];
  const known = column === "name" || (LEGEND_COLUMNS as string[]).includes(column ?? "");
  return known ? { column: column as LegendColumn | "name", down: way === "d" } : null;
}

export function useLegendSort(id: string): [LegendSort | null, (sort: LegendSort | null) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.getAll("ls").join("\n");
  const sort = useMemo(() => readSort(text.split("\n"), id), [text, id]);
  const setSort = useCallback(
    (next: LegendSort | null) =>
      setParams(
        (current) => {
          const others = current.getAll("ls").filter((entry) => !entry.startsWith(`${id}~`));
          const changed = new URLSearchParams(current);
          changed.delete("ls");
          for (const entry of others) changed.append("ls", entry);
          if (next) changed.append("ls", `${id}~${next.column}~${next.down ? "d" : "u"}`);
          return changed;
        },
        { replace: true },
      ),
    [id, setParams],
  );
  return [sort, setSort];
}
