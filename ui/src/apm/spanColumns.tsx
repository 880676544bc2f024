import { Link } from "react-router";
import type { Row } from "../api/rows";
import { fieldColumn, TIME_COLUMN, type RowColumn } from "../rows/columns";
import { nanosText } from "../rows/value";
import { spanLink } from "./links";

export const DURATION_COLUMN: RowColumn = {
  id: "duration",
  title: "Duration",
  width: "96px",
  align: "num",
  field: "@duration",
  sort: "duration",
  cell: (row) => nanosText(row.duration_ns),
};

/** Operation and resource share a column: the one says what kind, the other which. */
const RESOURCE_COLUMN: RowColumn = {
  id: "resource_name",
  title: "Resource",
  width: "minmax(260px, 1fr)",
  field: "resource_name",
  cell: (row) => (
    <Link className="span-cell" to={spanLink(row)} aria-label={nameOf(row)}>
      <span className="span-operation">{row.name}</span>
      <span className="mono">{row.resource}</span>
    </Link>
  ),
};

const nameOf = (row: Row) => `Trace of ${row.resource ?? row.name ?? "a span"}, ${nanosText(row.duration_ns)}`;

export function spanColumns(extra: string[] | null): RowColumn[] {
  return [
    TIME_COLUMN,
    { ...fieldColumn("service"), width: "130px" },
    DURATION_COLUMN,
    RESOURCE_COLUMN,
    ...(extra ?? ["@http.status_code", "host"]).map(fieldColumn),
  ];
}
