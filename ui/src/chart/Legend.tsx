import type { Ref } from "react";
import { formatValue } from "../format/units";
import type { Line } from "./plot";

export type LegendColumn = "value" | "avg" | "sum" | "min" | "max";

export const LEGEND_COLUMNS: LegendColumn[] = ["value", "avg", "min", "max", "sum"];

export interface Shown {
  /** Keys of the lines that are hidden or alone, as the URL holds them. */
  solo: string | null;
  hidden: string[];
}

export function isShown(line: Line, { solo, hidden }: Shown): boolean {
  return solo === null ? !hidden.includes(line.key) : line.key === solo;
}

export interface LegendSort {
  column: LegendColumn | "name";
  down: boolean;
}

interface Props {
  lines: Line[];
  columns: LegendColumn[];
  shown: Shown;
  onShow: (shown: Shown) => void;
  sort: LegendSort | null;
  onSort: (sort: LegendSort | null) => void;
  /** The line under the pointer stands out on the chart. */
  onHover: (key: string | null) => void;
  /** The body, whose "value" cells follow the crosshair without React. */
  body?: Ref<HTMLTableSectionElement>;
}

const numberOf = (line: Line, column: LegendColumn) => (column === "value" ? line.stats.last : line.stats[column]);

export function Legend({ lines, columns, shown, onShow, sort, onSort, onHover, body }: Props) {
  const sorted = sort === null ? lines : [...lines].sort((a, b) => order(a, b, sort));
  const by = (column: LegendSort["column"]) => {
    if (sort?.column !== column) onSort({ column, down: true });
    else onSort(sort.down ? { column, down: false } : null);
  };
  const arrow = (column: string) => (sort?.column === column ? (sort.down ? " ↓" : " ↑") : "");
  const click = (line: Line, add: boolean) => {
    if (!add) onShow({ solo: shown.solo === line.key ? null : line.key, hidden: [] });
    else {
      const hidden = shown.hidden.includes(line.key)
        ? shown.hidden.filter((key) => key !== line.key)
        : [...shown.hidden, line.key];
      onShow({ solo: null, hidden });
    }
  };
  return (
    <div className="legend">
      <table>
        <thead>
          <tr>
            <th>
              <button type="button" onClick={() => by("name")}>{`Series${arrow("name")}`}</button>
            </th>
            {columns.map((column) => (
              <th key={column} className="num">
                <button type="button" onClick={() => by(column)}>{`${column}${arrow(column)}`}</button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {sorted.map((line) => (
            <tr
              key={line.key}
              data-key={line.key}
              className={isShown(line, shown) ? "" : "off"}
              onMouseEnter={() => onHover(line.key)}
              onMouseLeave={() => onHover(null)}
            >
              <td>
                <button
                  type="button"
                  className="legend-name"
                  title="Click to show alone; Ctrl or Shift click to hide"
                  aria-pressed={shown.solo === line.key}
                  onClick={(event) => click(line, event.ctrlKey || event.metaKey || event.shiftKey)}
                >
                  <span className="dot" style={{ background: line.colour }} />
                  <span className="cut">{line.label}</span>
                </button>
              </td>
              {columns.map((column) => (
                <td key={column} className="num" data-column={column}>
                  {formatValue(numberOf(line, column), line.unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function order(a: Line, b: Line, { column, down }: LegendSort): number {
  const sign = down ? -1 : 1;
  if (column === "name") return -sign * a.label.localeCompare(b.label, undefined, { numeric: true });
  return sign * ((numberOf(a, column) ?? -Infinity) - (numberOf(b, column) ?? -Infinity));
}
