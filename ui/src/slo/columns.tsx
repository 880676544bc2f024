import type { ColumnDef } from "@tanstack/react-table";
import { Link } from "react-router";
import type { SloEntry, SloType } from "../api/slos";
import { burnText, sliText, TIMEFRAME_TEXT } from "./figures";
import { Budget, SloBadge } from "./Parts";

export const TYPE_TEXT: Record<SloType, string> = {
  metric: "good of all events",
  monitor: "uptime of monitors",
  time_slice: "good slices of time",
};

const WORST = ["breached", "warning", "no_data", "ok"];

export const SLO_COLUMNS: ColumnDef<SloEntry>[] = [
  {
    id: "status",
    header: "Status",
    accessorFn: ({ status }) => -WORST.indexOf(status),
    meta: { width: "104px" },
    cell: ({ row }) => <SloBadge status={row.original.status} />,
  },
  {
    id: "name",
    header: "Objective",
    accessorFn: ({ name }) => name,
    sortDescFirst: false,
    meta: { width: "minmax(200px, 2fr)" },
    cell: ({ row: { original } }) => (
      <span className="board-name">
        <Link to={`/slos/${original.id}`}>{original.name}</Link>
        <span className="dim">{TYPE_TEXT[original.type]}</span>
      </span>
    ),
  },
  {
    id: "target",
    header: "Target",
    accessorFn: ({ target }) => target,
    meta: { width: "172px", align: "num" },
    cell: ({ row: { original } }) => (
      <>
        {original.target} % <span className="dim">over {TIMEFRAME_TEXT[original.timeframe] ?? original.timeframe}</span>
      </>
    ),
  },
  {
    id: "sli",
    header: "Level",
    accessorFn: ({ sli }) => sli ?? -1,
    meta: { width: "100px", align: "num" },
    cell: ({ row: { original } }) => sliText(original.sli, original.target),
  },
  {
    id: "budget",
    header: "Budget left",
    accessorFn: ({ error_budget_remaining: left }) => left ?? -Infinity,
    sortDescFirst: false,
    meta: { width: "170px" },
    cell: ({ row: { original } }) => <Budget left={original.error_budget_remaining} />,
  },
  {
    id: "burn",
    header: "Burn, 1 h",
    accessorFn: ({ burn_rate_1h }) => burn_rate_1h ?? -1,
    meta: { width: "96px", align: "num" },
    cell: ({ row: { original } }) => burnText(original.burn_rate_1h),
  },
  {
    id: "tags",
    header: "Tags",
    enableSorting: false,
    accessorFn: ({ tags }) => tags.join(" "),
    meta: { width: "minmax(120px, 1fr)" },
    cell: ({ row: { original } }) =>
      original.tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      )),
  },
];
