import type { ColumnDef } from "@tanstack/react-table";
import type { SyntheticEntry } from "../api/synthetics";
import { agoText } from "../format/clock";
import { IconButton } from "../ui/Button";
import { RunBadge, uptimeText } from "./Parts";

interface Actions {
  onToggle: (entry: SyntheticEntry) => void;
  onRemove: (entry: SyntheticEntry) => void;
}

const KIND = { http: "HTTP", tcp: "TCP", ssl: "TLS" };
const RANK = ({ status, last }: SyntheticEntry) => (status === "paused" ? 0 : !last ? 1 : last.passed ? 2 : 3);

export function testColumns(nowMs: number, { onToggle, onRemove }: Actions): ColumnDef<SyntheticEntry>[] {
  return [
    {
      id: "state",
      header: "State",
      accessorFn: RANK,
      meta: { width: "104px" },
      cell: ({ row }) => <RunBadge entry={row.original} />,
    },
    {
      id: "name",
      header: "Test",
      accessorFn: ({ name }) => name,
      sortDescFirst: false,
      meta: { width: "minmax(200px, 1.6fr)" },
      cell: ({ row: { original } }) => (
        <>
          <b className="test-name">{original.name}</b> <span className="badge">{KIND[original.subtype]}</span>
        </>
      ),
    },
    {
      id: "target",
      header: "Asks",
      accessorFn: ({ target }) => target,
      sortDescFirst: false,
      meta: { width: "minmax(160px, 1.4fr)" },
      cell: ({ row }) => <span className="mono">{row.original.target}</span>,
    },
    {
      id: "uptime",
      header: "Up, 24 h",
      accessorFn: ({ uptime_24h }) => uptime_24h ?? -1,
      meta: { width: "90px", align: "num" },
      cell: ({ row }) => uptimeText(row.original.uptime_24h),
    },
    {
      id: "took",
      header: "Took",
      accessorFn: ({ last }) => last?.took_ms ?? -1,
      meta: { width: "90px", align: "num" },
      cell: ({ row: { original } }) =>
        original.last?.took_ms == null ? "–" : `${Math.round(original.last.took_ms)} ms`,
    },
    {
      id: "last",
      header: "Last run",
      accessorFn: ({ last }) => last?.at_ms ?? 0,
      meta: { width: "minmax(110px, 1fr)" },
      cell: ({ row: { original } }) => (
        <>
          {agoText(original.last?.at_ms ?? null, Math.max(nowMs, original.last?.at_ms ?? 0))}{" "}
          <span className="form-error">{original.last?.error}</span>
        </>
      ),
    },
    {
      id: "actions",
      header: () => <span className="only-read">Actions</span>,
      enableSorting: false,
      meta: { width: "92px" },
      cell: ({ row: { original } }) => (
        <>
          <IconButton
            icon={original.status === "live" ? "pause" : "play"}
            label={original.status === "live" ? `Pause ${original.name}` : `Start ${original.name}`}
            onClick={() => onToggle(original)}
          />
          <IconButton icon="trash" label={`Delete ${original.name}`} onClick={() => onRemove(original)} />
        </>
      ),
    },
  ];
}
