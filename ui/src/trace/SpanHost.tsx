import { useMemo } from "react";
import { Link } from "react-router";
import { useHosts } from "../api/hosts";
import { hostLink } from "../apm/links";
import { HostCharts } from "../host/HostCharts";
import type { EventEntry } from "../api/events";

const AROUND_MS = 15 * 60_000;
const CHARTS = ["CPU", "Memory", "Load", "Disk I/O"];

/** How the machine was in that half hour; the span's moment is marked. */
export function SpanHost({ host, atMs }: { host: string; atMs: number }) {
  const span = useMemo(() => ({ fromMs: atMs - AROUND_MS, toMs: atMs + AROUND_MS }), [atMs]);
  const events = useMemo<EventEntry[]>(
    () => [{ id: "span", title: "This span", date_happened: atMs / 1000, alert_type: "info" }],
    [atMs],
  );
  // A host that is only named by spans and lines has no figures to draw.
  const measured = useHosts(host).data?.hosts.some(
    ({ name, cpu_pct, mem_used_pct, load_1 }) =>
      name === host && [cpu_pct, mem_used_pct, load_1].some((n) => n !== null),
  );
  return (
    <section className="span-section" aria-label={`Host ${host}`}>
      <header>
        <h3 className="grow">Host at that moment</h3>
        <Link to={hostLink(host, span)}>{host}</Link>
      </header>
      {measured === false ? (
        <p className="dim">
          No metrics of this host: <code>oriel agent</code> or a Datadog agent on it sends them.
        </p>
      ) : (
        <HostCharts name={host} events={events} only={CHARTS} span={span} />
      )}
    </section>
  );
}
