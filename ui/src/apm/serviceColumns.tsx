import type { ColumnDef } from "@tanstack/react-table";
import { Link } from "react-router";
import type { Values } from "../api/query";
import type { ServiceEntry } from "../api/services";
import { agoText } from "../format/clock";
import { Apdex, ErrorRate, msText, rateText } from "./figures";
import { Sparkline } from "./Sparkline";

const duration = (id: "p50_ms" | "p75_ms" | "p95_ms" | "p99_ms", header: string): ColumnDef<ServiceEntry> => ({
  id,
  header,
  accessorFn: (row) => row[id] ?? -1,
  cell: ({ row }) => msText(row.original[id]),
  meta: { width: "82px", align: "num" },
});

export function serviceColumns(
  sparks: Map<string, Values>,
  nowMs: number,
  link: (row: ServiceEntry) => string,
): ColumnDef<ServiceEntry>[] {
  return [
    {
      id: "name",
      header: "Service",
      accessorFn: (row) => row.name,
      sortDescFirst: false,
      meta: { width: "minmax(170px, 1.6fr)" },
      cell: ({ row: { original: row } }) => (
        <Link to={link(row)} className="service-name">
          <span className="cut">{row.name}</span>
          <span className="dim service-type">{row.type || row.operation}</span>
        </Link>
      ),
    },
    {
      id: "spark",
      header: "Requests",
      enableSorting: false,
      meta: { width: "150px" },
      cell: ({ row: { original: row } }) => (
        <Sparkline values={sparks.get(`${row.name}|${row.operation}`)} label={`Requests of ${row.name} over time`} />
      ),
    },
    {
      id: "rate",
      header: "Rate",
      accessorFn: (row) => row.hits_per_s,
      cell: ({ row }) => rateText(row.original.hits_per_s),
      meta: { width: "84px", align: "num" },
    },
    {
      id: "errors",
      header: "Error rate",
      accessorFn: (row) => row.error_rate,
      cell: ({ row }) => <ErrorRate share={row.original.error_rate} errors={row.original.errors} />,
      meta: { width: "92px", align: "num" },
    },
    duration("p50_ms", "p50"),
    duration("p95_ms", "p95"),
    duration("p99_ms", "p99"),
    {
      id: "apdex",
      header: "Apdex",
      accessorFn: (row) => row.apdex ?? 2,
      sortDescFirst: false,
      cell: ({ row }) => <Apdex value={row.original.apdex} />,
      meta: { width: "68px", align: "num" },
    },
    {
      id: "env",
      header: "Env",
      accessorFn: (row) => row.envs.join(),
      meta: { width: "minmax(80px, 0.7fr)" },
      cell: ({ row }) => <Words values={row.original.envs} />,
    },
    {
      id: "version",
      header: "Version",
      accessorFn: (row) => row.versions[0] ?? "",
      meta: { width: "minmax(80px, 0.7fr)" },
      cell: ({ row }) => <Words values={row.original.versions} />,
    },
    {
      id: "seen",
      header: "Last seen",
      accessorFn: (row) => row.last_seen_ms ?? 0,
      cell: ({ row }) => agoText(row.original.last_seen_ms, nowMs),
      meta: { width: "92px", align: "num" },
    },
  ];
}

/** The first ones as text; the rest as a number that names them. */
function Words({ values }: { values: string[] }) {
  if (values.length === 0) return <span className="dim">–</span>;
  const more = values.length > 2 ? ` +${values.length - 2}` : "";
  return (
    <span className="dim" title={values.join(", ")}>
      {values.slice(0, 2).join(", ") + more}
    </span>
  );
}
