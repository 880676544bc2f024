import { useMemo } from "react";
import type { EventEntry } from "../api/events";
import { ChartPanel, type ChartRequest } from "../chart/ChartPanel";
import { PLAIN_LOOK, type Look } from "../chart/plot";
import type { YAxis } from "../dashboard/model";

interface HostChart {
  title: string;
  queries: [string, string][];
  look?: Partial<Look>;
  axis?: YAxis;
}

const STACK: Partial<Look> = { style: "area", stacked: true };

/** The six charts that answer most questions about a machine. `$` stands for its filter. */
const CHARTS: HostChart[] = [
  { title: "CPU", look: STACK, axis: { max: "100" }, queries: ["user", "system", "iowait", "stolen"].map((part) => [`avg:system.cpu.${part}{$}`, part]) },
  { title: "Load", queries: ["1", "5", "15"].map((part) => [`avg:system.load.${part}{$}`, `${part} min`]) },
  {
    title: "Memory",
    look: STACK,
    queries: [
      ["avg:system.mem.used{$}", "used"],
      ["avg:system.mem.cached{$}", "cached"],
      ["avg:system.mem.free{$}", "free"],
    ],
  },
  { title: "Disk in use", queries: [["max:system.disk.in_use{$} by {device}", ""]] },
  {
    title: "Disk I/O",
    queries: [
      ["sum:system.io.rkb_s{$}", "read"],
      ["sum:system.io.wkb_s{$}", "written"],
    ],
  },
  {
    title: "Network",
    queries: [
      ["sum:system.net.bytes_rcvd{$}", "received"],
      ["sum:system.net.bytes_sent{$}", "sent"],
    ],
  },
];

export function HostCharts({ name, events }: { name: string; events: EventEntry[] }) {
  return (
    <div className="host-charts">
      {CHARTS.map((chart) => (
        <OneChart key={chart.title} chart={chart} host={name} events={events} />
      ))}
    </div>
  );
}

function OneChart({ chart, host, events }: { chart: HostChart; host: string; events: EventEntry[] }) {
  const requests = useMemo(
    () =>
      chart.queries.map(([query, alias]): ChartRequest => {
        const text = query.replace("$", `host:${host}`);
        return { spec: { display: "line", queries: [{ name: "a", query: text }] }, look: { ...PLAIN_LOOK, ...chart.look, ...(alias ? { aliases: { [text]: alias } } : {}) } };
      }),
    [chart, host],
  );
  return (
    <section className="widget timeseries" aria-label={chart.title}>
      <header className="widget-head">
        <h2>{chart.title}</h2>
      </header>
      <div className="widget-body">
        <ChartPanel id={`h-${chart.title}`} title={chart.title} requests={requests} axis={chart.axis} events={events} legend="names" />
      </div>
    </section>
  );
}
