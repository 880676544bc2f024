import type { ColumnDef } from "@tanstack/react-table";
import { useDeferredValue, useMemo } from "react";
import { Link, useNavigate } from "react-router";
import type { ResourceEntry } from "../api/services";
import { formatCount } from "../format/units";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { VirtualTable } from "../ui/VirtualTable";
import { ErrorRate, msText } from "./figures";

const ROW_PX = 30;
const SHOWN_MAX = 14;

const number = (id: "avg_ms" | "p50_ms" | "p95_ms" | "p99_ms", header: string): ColumnDef<ResourceEntry> => ({
  id,
  header,
  accessorFn: (row) => row[id] ?? -1,
  cell: ({ row }) => msText(row.original[id]),
  meta: { width: "80px", align: "num" },
});

function columnsOf(total: number, link: (row: ResourceEntry) => string): ColumnDef<ResourceEntry>[] {
  return [
    {
      id: "resource",
      header: "Resource",
      accessorFn: (row) => row.resource,
      sortDescFirst: false,
      meta: { width: "minmax(200px, 3fr)" },
      cell: ({ row }) => (
        <Link className="resource-name mono" to={link(row.original)} title={row.original.resource}>
          {row.original.resource}
        </Link>
      ),
    },
    {
      id: "hits",
      header: "Requests",
      accessorFn: (row) => row.hits,
      cell: ({ row }) => formatCount(row.original.hits),
      meta: { width: "92px", align: "num" },
    },
    {
      id: "errors",
      header: "Errors",
      accessorFn: (row) => row.errors,
      cell: ({ row }) => formatCount(row.original.errors),
      meta: { width: "74px", align: "num" },
    },
    {
      id: "error_rate",
      header: "Error rate",
      accessorFn: (row) => row.error_rate,
      cell: ({ row }) => <ErrorRate share={row.original.error_rate} errors={row.original.errors} />,
      meta: { width: "88px", align: "num" },
    },
    number("avg_ms", "avg"),
    number("p50_ms", "p50"),
    number("p95_ms", "p95"),
    number("p99_ms", "p99"),
    {
      id: "total",
      header: "Time",
      accessorFn: (row) => row.total_ms,
      meta: { width: "130px" },
      cell: ({ row }) => <TimeShare share={total > 0 ? row.original.total_ms / total : 0} />,
    },
  ];
}

function TimeShare({ share }: { share: number }) {
  const percent = Math.round(share * 100);
  return (
    <span className="meter" title={`${percent} % of the service's time`}>
      <span className="meter-track">
        <span className="meter-fill" style={{ width: `${percent}%`, display: "block" }} />
      </span>
      <span className="meter-text num">{percent < 1 ? "<1" : percent} %</span>
    </span>
  );
}

export function Resources({ rows, link }: { rows: ResourceEntry[]; link: (resource: string) => string }) {
  const navigate = useNavigate();
  const [search, setSearch] = useParam("resources");
  const [sort, setSort] = useParam("rsort");
  const text = useDeferredValue(search.trim().toLowerCase());
  const shown = useMemo(
    () => (text ? rows.filter(({ resource }) => resource.toLowerCase().includes(text)) : rows),
    [rows, text],
  );
  const columns = useMemo(() => {
    const total = rows.reduce((sum, row) => sum + row.total_ms, 0);
    return columnsOf(total, (row) => link(row.resource));
  }, [rows, link]);
  const height = Math.min(Math.max(shown.length, 1), SHOWN_MAX) * ROW_PX + 34;
  return (
    <section className="card flush" aria-label="Resources">
      <header className="card-head">
        <h2 className="grow">{`Resources (${rows.length})`}</h2>
        <SearchField label="Filter resources" value={search} onChange={setSearch} />
      </header>
      {shown.length === 0 ? (
        <p className="dim pad">{rows.length === 0 ? "No request in this range." : "No resource matches."}</p>
      ) : (
        <div className="table-box" style={{ height }}>
          <VirtualTable
            label="Resources"
            rows={shown}
            columns={columns}
            idOf={({ resource }) => resource}
            onOpen={({ resource }) => void navigate(link(resource))}
            sort={[{ id: (sort || "-total").replace(/^-/, ""), desc: (sort || "-total").startsWith("-") }]}
            onSort={(next) => setSort(next[0] ? `${next[0].desc ? "-" : ""}${next[0].id}` : "")}
            rowPx={ROW_PX}
          />
        </div>
      )}
    </section>
  );
}
