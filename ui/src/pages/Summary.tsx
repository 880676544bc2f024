import type { ColumnDef } from "@tanstack/react-table";
import { useDeferredValue, useMemo } from "react";
import { Link } from "react-router";
import { METRICS_MAX, metricUnit, useMetrics, type MetricEntry } from "../api/metrics";
import { exploreLink } from "../dashboard/explore";
import { agoText } from "../format/clock";
import { formatBytes, formatCount, formatValue } from "../format/units";
import { usePageRange } from "../time/page";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import { VirtualTable } from "../ui/VirtualTable";
import { MetricDrawer } from "./MetricDrawer";

export function Summary() {
  const { nowMs } = usePageRange();
  const [search, setSearch] = useParam("search");
  const [open, setOpen] = useParam("metric", false);
  const answer = useMetrics(useDeferredValue(search));
  const columns = useMemo(() => columnsAt(nowMs), [nowMs]);
  const { data } = answer;
  const bytes = data?.metrics.reduce((sum, metric) => sum + metric.bytes, 0) ?? 0;
  const aside = data && <span className="badge">{`${formatCount(data.total)} metrics · ${formatBytes(bytes)}`}</span>;
  return (
    <>
      <PageHead title="Metrics" aside={aside}>
        <SearchField label="Search metrics" value={search} onChange={setSearch} />
      </PageHead>
      <div className="page-body fill">
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="Metrics cannot be listed" />
        )}
        {data && data.total > METRICS_MAX && (
          <p className="dim">The first {formatCount(METRICS_MAX)} are shown; search for the others.</p>
        )}
        {data?.metrics.length === 0 && search === "" && (
          <Empty
            title="No metric has come in yet"
            lines={["printf 'hello.oriel:1|c' >/dev/udp/127.0.0.1/8125", "statsd.increment('hello.oriel')"]}
          >
            Send one, or pick a client on the <Link to="/setup">set-up page</Link>:
          </Empty>
        )}
        {data?.metrics.length === 0 && search !== "" && (
          <Empty title="No metric of that name">Any part of a name is found.</Empty>
        )}
        {data && data.metrics.length > 0 && (
          <VirtualTable
            label="Metrics"
            rows={data.metrics}
            columns={columns}
            idOf={(metric) => metric.name}
            onOpen={(metric) => setOpen(metric.name)}
            selected={open}
            sort={[{ id: "name", desc: false }]}
          />
        )}
      </div>
      {open !== "" && <MetricDrawer name={open} onClose={() => setOpen("")} />}
    </>
  );
}

function columnsAt(nowMs: number): ColumnDef<MetricEntry>[] {
  const number = (id: "series" | "hosts", header: string): ColumnDef<MetricEntry> => ({
    id,
    header,
    accessorFn: (metric) => metric[id],
    cell: ({ row }) => formatCount(row.original[id]),
    meta: { width: "84px", align: "num" },
  });
  return [
    {
      id: "name",
      header: "Metric",
      accessorFn: (metric) => metric.name,
      sortDescFirst: false,
      meta: { width: "minmax(240px, 2.4fr)" },
      cell: ({ row }) => <span className="mono">{row.original.name}</span>,
    },
    {
      id: "kind",
      header: "Type",
      accessorFn: (metric) => metric.kind,
      sortDescFirst: false,
      meta: { width: "104px" },
      cell: ({ row }) => <span className="badge">{row.original.kind}</span>,
    },
    {
      id: "unit",
      header: "Unit",
      accessorFn: (metric) => metricUnit(metric.unit),
      sortDescFirst: false,
      meta: { width: "120px" },
    },
    {
      id: "tags",
      header: "Tags",
      accessorFn: (metric) => metric.tag_keys.length,
      meta: { width: "minmax(90px, 1fr)" },
      cell: ({ row }) => <span className="dim">{row.original.tag_keys.join(", ")}</span>,
    },
    number("series", "Series"),
    number("hosts", "Hosts"),
    {
      id: "samples",
      header: "Samples",
      accessorFn: (metric) => metric.samples,
      cell: ({ row }) => formatValue(row.original.samples, null),
      meta: { width: "92px", align: "num" },
    },
    {
      id: "bytes",
      header: "On disk",
      accessorFn: (metric) => metric.bytes,
      cell: ({ row }) => formatBytes(row.original.bytes),
      meta: { width: "96px", align: "num" },
    },
    {
      id: "last",
      header: "Last seen",
      accessorFn: (metric) => metric.last_ms ?? 0,
      cell: ({ row }) => agoText(row.original.last_ms, nowMs),
      meta: { width: "100px", align: "num" },
    },
    {
      id: "explore",
      header: () => <span className="only-read">Explore</span>,
      enableSorting: false,
      meta: { width: "44px" },
      cell: ({ row }) => (
        <Link to={exploreLink(row.original)} aria-label={`Explore ${row.original.name}`} title="Explore">
          <Icon name="explore" />
        </Link>
      ),
    },
  ];
}
