import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { BUILT_IN, useDashboards, useDeleteDashboard, type DashboardEntry } from "../api/dashboards";
import { agoText } from "../format/clock";
import { usePageRange } from "../time/page";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { VirtualTable } from "../ui/VirtualTable";
import { ImportDialog, NewDialog } from "./DashboardDialogs";

export function Dashboards() {
  const navigate = useNavigate();
  const { nowMs } = usePageRange();
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useParam("search");
  const answer = useDashboards();
  const [doomed, setDoomed] = useState<DashboardEntry | null>(null);
  const remove = useDeleteDashboard();
  const columns = useMemo(() => columnsAt(nowMs, setDoomed), [nowMs]);
  const all = answer.data?.dashboards;
  const rows = useMemo(() => (all ?? []).filter((entry) => matches(entry, search.toLowerCase())), [all, search]);
  const close = () => setParams({}, { replace: true });
  return (
    <>
      <PageHead title="Dashboards">
        <SearchField label="Search dashboards" value={search} onChange={setSearch} />
        <Button icon="upload" onClick={() => setParams({ import: "1" })}>
          Import
        </Button>
        <Button icon="plus" tone="primary" onClick={() => setParams({ new: "1" })}>
          New
        </Button>
      </PageHead>
      <div className="page-body fill">
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !answer.data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Dashboards cannot be listed" />
        )}
        {answer.data && rows.length === 0 && (
          <Empty title={search ? "No dashboard of that name" : "No dashboards yet"}>
            Make one with New, or paste a Datadog dashboard’s JSON with Import.
          </Empty>
        )}
        {rows.length > 0 && (
          <VirtualTable
            label="Dashboards"
            rows={rows}
            columns={columns}
            idOf={({ id }) => id}
            onOpen={({ id }) => void navigate(`/dashboard/${id}`)}
            rowPx={38}
          />
        )}
      </div>
      {params.has("new") && <NewDialog onClose={close} />}
      {params.has("import") && <ImportDialog onClose={close} />}
      <Confirm
        open={doomed !== null}
        title={`Delete “${doomed?.title}”?`}
        text="It is deleted for everyone, and cannot be brought back. Its metrics stay."
        action="Delete"
        busy={remove.isPending}
        onClose={() => setDoomed(null)}
        onConfirm={() =>
          doomed &&
          remove.mutate(doomed.id, {
            onSuccess: () => toast("Deleted"),
            onError: (error) => toast(error.message, "bad"),
            onSettled: () => setDoomed(null),
          })
        }
      />
    </>
  );
}

function matches({ title, description }: DashboardEntry, text: string): boolean {
  return `${title} ${description ?? ""}`.toLowerCase().includes(text);
}

function columnsAt(nowMs: number, onDelete: (entry: DashboardEntry) => void): ColumnDef<DashboardEntry>[] {
  const builtIn = (entry: DashboardEntry) => BUILT_IN.has(entry.id);
  return [
    {
      id: "title",
      header: "Dashboard",
      accessorFn: ({ title }) => title,
      sortDescFirst: false,
      meta: { width: "minmax(200px, 1.2fr)" },
      cell: ({ row: { original: entry } }) => (
        <span className="board-name">
          <Link to={`/dashboard/${entry.id}`}>{entry.title}</Link>
          {builtIn(entry) && <span className="badge">built in</span>}
        </span>
      ),
    },
    {
      id: "description",
      header: "Description",
      accessorFn: ({ description }) => description ?? "",
      enableSorting: false,
      meta: { width: "minmax(160px, 2fr)" },
      cell: ({ row }) => <span className="dim">{row.original.description}</span>,
    },
    {
      id: "author",
      header: "By",
      accessorFn: (entry) => (builtIn(entry) ? "Oriel" : (entry.author_handle ?? "")),
      sortDescFirst: false,
      meta: { width: "120px" },
    },
    {
      id: "modified",
      header: "Changed",
      accessorFn: ({ modified_at }) => (modified_at ? Date.parse(modified_at) : 0),
      meta: { width: "110px", align: "num" },
      cell: ({ row: { original: entry } }) =>
        builtIn(entry) || !entry.modified_at ? "" : agoText(Date.parse(entry.modified_at), nowMs),
    },
    {
      id: "actions",
      header: () => <span className="only-read">Actions</span>,
      enableSorting: false,
      meta: { width: "56px" },
      cell: ({ row: { original: entry } }) =>
        entry.is_read_only || builtIn(entry) ? null : (
          <IconButton icon="trash" label={`Delete ${entry.title}`} onClick={() => onDelete(entry)} />
        ),
    },
  ];
}
