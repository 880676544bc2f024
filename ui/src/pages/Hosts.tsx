import type { ColumnDef } from "@tanstack/react-table";
import { useDeferredValue, useMemo } from "react";
import { Link, useNavigate } from "react-router";
import { useHosts, type HostEntry } from "../api/hosts";
import { agoText } from "../format/clock";
import { usePageRange } from "../time/page";
import { Meter } from "../ui/Meter";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { VirtualTable } from "../ui/VirtualTable";

const link = (name: string) => `/hosts/${encodeURIComponent(name)}`;
const pctColumn = (id: "cpu_pct" | "mem_used_pct" | "disk_used_pct", header: string): ColumnDef<HostEntry> => ({
  id,
  header,
  accessorFn: (host) => host[id] ?? -1,
  cell: ({ row }) => <Meter value={row.original[id]} label={`${header} of ${row.original.name}`} />,
  meta: { width: "150px" },
});

export function Hosts() {
  const navigate = useNavigate();
  const { nowMs } = usePageRange();
  const [search, setSearch] = useParam("search");
  const text = useDeferredValue(search.toLowerCase());
  const answer = useHosts();
  const rows = useMemo(() => (answer.data?.hosts ?? []).filter((host) => matches(host, text)), [answer.data, text]);
  const columns = useMemo(() => columnsAt(nowMs), [nowMs]);
  const total = answer.data?.hosts.length ?? 0;
  const up = answer.data?.hosts.filter((host) => host.up).length ?? 0;
  return (
    <>
      <PageHead title="Hosts" aside={answer.data && <span className="badge">{`${up} up of ${total}`}</span>}>
        <SearchField label="Filter by name or tag" value={search} onChange={setSearch} />
      </PageHead>
      <div className="page-body fill">
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !answer.data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Hosts cannot be listed" />
        )}
        {answer.data && total === 0 && (
          <Empty
            title="No host has reported yet"
            lines={["oriel agent --server http://THIS_SERVER:8080 --api-key YOUR_KEY"]}
          >
            The agent runs inside <code>oriel server</code> unless it was started with <code>--no-agent</code>; on other
            machines:
          </Empty>
        )}
        {total > 0 && rows.length === 0 && (
          <Empty title="No host matches">Parts of names and tags are found; all words must match.</Empty>
        )}
        {rows.length > 0 && (
          <VirtualTable
            label="Hosts"
            rows={rows}
            columns={columns}
            idOf={(host) => host.name}
            onOpen={(host) => void navigate(link(host.name))}
            sort={[{ id: "name", desc: false }]}
          />
        )}
      </div>
    </>
  );
}

function matches({ name, tags }: HostEntry, text: string): boolean {
  const all = `${name} ${tags.join(" ")}`.toLowerCase();
  return text.split(/\s+/).every((word) => all.includes(word));
}

function columnsAt(nowMs: number): ColumnDef<HostEntry>[] {
  return [
    {
      id: "name",
      header: "Host",
      accessorFn: (host) => host.name,
      sortDescFirst: false,
      meta: { width: "minmax(160px, 1.2fr)" },
      cell: ({ row: { original: host } }) => (
        <Link to={link(host.name)} className="host-name">
          <span className={host.up ? "dot ok" : "dot bad"} title={host.up ? "up" : "not heard of"} />
          {host.name}
        </Link>
      ),
    },
    pctColumn("cpu_pct", "CPU"),
    pctColumn("mem_used_pct", "Memory"),
    pctColumn("disk_used_pct", "Disk"),
    {
      id: "load_1",
      header: "Load",
      accessorFn: (host) => host.load_1 ?? -1,
      cell: ({ row }) => row.original.load_1?.toFixed(2) ?? "–",
      meta: { width: "70px", align: "num" },
    },
    {
      id: "checks",
      header: "Checks",
      accessorFn: ({ checks }) => checks.critical * 1000 + checks.warning * 10 + checks.unknown,
      meta: { width: "130px" },
      cell: ({ row }) => <Checks checks={row.original.checks} />,
    },
    {
      id: "tags",
      header: "Tags",
      enableSorting: false,
      meta: { width: "minmax(120px, 1.6fr)" },
      cell: ({ row }) =>
        row.original.tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        )),
    },
    {
      id: "seen",
      header: "Last seen",
      accessorFn: (host) => host.last_seen_ms ?? 0,
      cell: ({ row }) => agoText(row.original.last_seen_ms, nowMs),
      meta: { width: "100px", align: "num" },
    },
  ];
}

function Checks({ checks }: { checks: HostEntry["checks"] }) {
  const parts = [
    ["bad", checks.critical, "critical"],
    ["warn", checks.warning, "warning"],
    ["", checks.unknown, "unknown"],
    ["ok", checks.ok, "ok"],
  ] as const;
  return (
    <span className="check-counts">
      {parts
        .filter(([, count]) => count > 0)
        .map(([tone, count, word]) => (
          <span key={word} className={`badge ${tone}`} title={`${count} ${word}`}>
            {count} <span className="only-read">{word}</span>
          </span>
        ))}
    </span>
  );
}
