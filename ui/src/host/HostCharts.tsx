import { useMemo } from "react";
import type { EventEntry } from "../api/events";
import { ChartPanel, type ChartRequest } from "../chart/ChartPanel";
import { PLAIN_LOOK, type Look } from "../chart/plot";
import type { YAxis } from "../dashboard/model";
import type { Span } from "../time/range";

interface HostChart {
  title: string;
  queries: [string, string][];
  look?: Partial<Look>;
  axis?: YAxis;
}

const STACK: Partial<Look> = { style: "area", stacked: true };

const MEBIBYTE = { family: "bytes", name: "mebibyte", short_name: "MiB", scale_factor: 1_048_576 };

/** The six charts that answer most questions about a machine. `$` stands for its filter. */
const CHARTS: HostChart[] = [
  {
    title: "CPU",
    look: STACK,
    axis: { max: "100" },
    queries: ["user", "system", "iowait", "stolen"].map((part) => [`avg:system.cpu.${part}{$}`, part]),
  },
  { title: "Load", queries: ["1", "5", "15"].map((part) => [`avg:system.load.${part}{$}`, `${part} min`]) },
  {
    title: "Memory",
    look: { ...STACK, unit: MEBIBYTE },
    queries: [
      // `system.mem.used` counts caches as used, as the agent has it: what programs can still get says more.
      ["avg:system.mem.total{$} - avg:system.mem.usable{$}", "in use"],
      ["avg:system.mem.usable{$}", "usable"],
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

interface Props {
  name: string;
  events: EventEntry[];
  /** Titles of the charts that are shown; all without it. */
  only?: string[];
  span?: Span;
}

export function HostCharts({ name, events, only, span }: Props) {
  return (
    <div className="host-charts">
      {CHARTS.filter(({ title }) => only?.includes(title) ?? true).map((chart) => (
        <OneChart key={chart.title} chart={chart} host={name} events={events} span={span} />
      ))}
    </div>
  );
}

function OneChart({
  chart,
  host,
  events,
  span,
}: {
  chart: HostChart;
  host: string;
  events: EventEntry[];
  span?: Span;
}) {
  const requests = useMemo(
    () =>
      chart.queries.map(([query, alias]): ChartRequest => {
        const text = query.replaceAll("$", `host:${host}`);
        return {
          spec: { display: "line", queries: [{ name: "a", query: text }] },
          look: { ...PLAIN_LOOK, ...chart.look, ...(alias ? { aliases: { [text]: alias } } : {}) },
        };
      }),
    [chart, host],
  );
  return (
    <section className="widget timeseries" aria-label={chart.title}>
      <header className="widget-head">
        <h2>{chart.title}</h2>
      </header>
      <div className="widget-body">
        <ChartPanel
          id={`h-${chart.title}`}
          title={chart.title}
          requests={requests}
          axis={chart.axis}
          events={events}
          legend="names"
          span={span}
        />
      </div>
    </section>
  );
}
