import { useState } from "react";
import type { QuerySeries } from "../../api/query";
import { formatValue } from "../../format/units";
import { paintOf } from "../formats";
import type { Definition } from "../model";
import { FigureStates } from "./FigureStates";
import { useFigures, valueOf, type Figure } from "./scalars";
import { SeriesName } from "./Toplist";

const ROWS_MAX = 500;

interface Row {
  scope: string;
  first: QuerySeries;
  cells: (QuerySeries | undefined)[];
}

interface Sort {
  column: number;
  down: boolean;
}

export function TableWidget({ definition }: { definition: Definition }) {
  const { root, answer, figures } = useFigures(definition);
  const state = FigureStates({ answer, figures });
  return (
    <div ref={root} className="figure-root">
      {state ?? <Table figures={figures!} searchable={definition.has_search_bar === "always"} />}
    </div>
  );
}

/** One row a group, whatever the columns that have a value for it. */
function rowsOf(figures: Figure[]): Row[] {
  const rows = new Map<string, Row>();
  for (const [index, { result }] of figures.entries()) {
    for (const series of result.series) {
      const row = rows.get(series.scope) ?? { scope: series.scope, first: series, cells: [] };
      row.cells[index] = series;
      rows.set(series.scope, row);
    }
  }
  return [...rows.values()];
}

function Table({ figures, searchable }: { figures: Figure[]; searchable: boolean }) {
  const [sort, setSort] = useState<Sort>({ column: 0, down: figures[0].column.order !== "asc" });
  const [search, setSearch] = useState("");
  const rows = rowsOf(figures).filter(({ scope }) => scope.toLowerCase().includes(search.toLowerCase()));
  const valueAt = (row: Row, column: number) => valueOf(row.cells[column], figures[column].column);
  const sign = sort.down ? -1 : 1;
  rows.sort((a, b) =>
    sort.column < 0
      ? -sign * a.scope.localeCompare(b.scope, undefined, { numeric: true })
      : sign * ((valueAt(a, sort.column) ?? -Infinity) - (valueAt(b, sort.column) ?? -Infinity)),
  );
  const limit = Math.min(ROWS_MAX, figures[0].column.limit ?? ROWS_MAX);
  const keys = [...new Set(rows.flatMap(({ first }) => first.group.map(([key]) => key)))];
  const most = figures.map((_, column) => Math.max(0, ...rows.map((row) => Math.abs(valueAt(row, column) ?? 0))));
  const head = (title: string, column: number) => (
    <button
      type="button"
      title={title}
      onClick={() => setSort((before) => ({ column, down: before.column === column ? !before.down : true }))}
    >
      <span className="cut">{title}</span>
      {sort.column === column ? (sort.down ? " ↓" : " ↑") : ""}
    </button>
  );
  const order = (column: number) => (sort.column === column ? (sort.down ? "descending" : "ascending") : "none");
  return (
    <div className="figure-table">
      {searchable && (
        <input
          className="input"
          aria-label="Filter rows"
          placeholder="Filter rows"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      <table className="table">
        <thead>
          <tr>
            <th aria-sort={order(-1)}>{head(keys.join(", ") || "series", -1)}</th>
            {figures.map(({ column }, index) => (
              <th key={index} className="num" aria-sort={order(index)}>
                {head(column.title, index)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, limit).map((row) => (
            <tr key={row.scope}>
              <td className="cut">
                <SeriesName series={row.first} />
              </td>
              {figures.map(({ column }, index) => {
                const value = valueAt(row, index);
                const paint = paintOf(value, column.formats);
                return (
                  <td key={index} className="num" style={{ color: paint.colour, background: paint.background }}>
                    {column.bar && (
                      <span
                        className="cell-bar"
                        style={{ width: `${most[index] > 0 ? (Math.abs(value ?? 0) / most[index]) * 100 : 0}%` }}
                      />
                    )}
                    {formatValue(value, row.cells[index]?.unit ?? null)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
