import type { Signal, TableAnswer } from "../api/rows";
import { formatCount, formatValue } from "../format/units";
import { IconButton } from "../ui/Button";
import { useValueMenu } from "./actions";
import { groupQuery } from "./filters";
import { toneOf } from "./status";
import { unitOfField } from "./value";
import { computeLabel, type RowsView, type SetRowsView } from "./view";

interface Props {
  answer: TableAnswer;
  view: RowsView;
  signal: Signal;
  sort: { compute: number; order: "asc" | "desc" };
  onSort: (sort: { compute: number; order: "asc" | "desc" }) => void;
  set: SetRowsView;
}

/** One row a group, one column a figure; a group's values open the menu that filters by them. */
export function GroupTable({ answer, view, signal, sort, onSort, set }: Props) {
  const menu = useValueMenu();
  const most = view.computes.map((_, at) => Math.max(0, ...answer.groups.map(({ values }) => values[at] ?? 0)));
  const turn = (compute: number) =>
    onSort({ compute, order: sort.compute === compute && sort.order === "desc" ? "asc" : "desc" });
  const arrow = (at: number) => (sort.compute !== at ? "" : sort.order === "desc" ? " ↓" : " ↑");
  return (
    <div className="figure-table group-table">
      <table className="table">
        <thead>
          <tr>
            {view.by.map((field) => (
              <th key={field} scope="col">
                <span className="table-title mono">{field}</span>
              </th>
            ))}
            {view.by.length === 0 && <th scope="col">all rows</th>}
            {view.computes.map((compute, at) => (
              <th
                key={computeLabel(compute)}
                scope="col"
                className="num"
                aria-sort={sort.compute !== at ? "none" : sort.order === "desc" ? "descending" : "ascending"}
              >
                <button type="button" onClick={() => turn(at)}>
                  {computeLabel(compute)}
                  {arrow(at)}
                </button>
              </th>
            ))}
            <th scope="col" className="to-rows" aria-label="Rows" />
          </tr>
        </thead>
        <tbody>
          {answer.groups.map(({ by, values }) => (
            <tr key={JSON.stringify(by)}>
              {by.map(([field, value]) => (
                <td key={field}>
                  <button
                    type="button"
                    className="plain-value"
                    onClick={(event) => menu?.(event.currentTarget, field, value)}
                  >
                    {field === "status" && <span className={`dot tone ${toneOf(value)}`} />}
                    {value === "" ? <span className="dim">none</span> : value}
                  </button>
                </td>
              ))}
              {by.length === 0 && <td className="dim">all</td>}
              {values.map((value, at) => (
                <td key={at} className="num">
                  <span
                    className="cell-bar"
                    style={{ width: `${most[at] > 0 ? ((value ?? 0) / most[at]) * 100 : 0}%` }}
                  />
                  {figureText(value, view.computes[at]?.aggregation, unitOfField(signal, view.computes[at]?.field))}
                </td>
              ))}
              <td className="to-rows">
                <IconButton
                  icon={signal === "spans" ? "traces" : "logs"}
                  label={`See these ${signal}`}
                  onClick={() => set({ query: groupQuery(view.query, by), tab: "list", row: "" })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {answer.total_groups > answer.groups.length && (
        <p className="row-foot dim">{`${formatCount(answer.groups.length)} of ${formatCount(answer.total_groups)} groups`}</p>
      )}
    </div>
  );
}

export function figureText(
  value: number | null,
  aggregation: string | undefined,
  unit: ReturnType<typeof unitOfField>,
): string {
  if (aggregation === "count" || aggregation === "cardinality") return formatCount(value);
  return formatValue(value, unit);
}
