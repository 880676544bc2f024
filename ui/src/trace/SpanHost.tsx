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
  const known = useHosts(host).data?.hosts.some(({ name }) => name === host);
  return (
    <section className="span-section" aria-label={`Host ${host}`}>
      <header>
        <h3 className="grow">Host at that moment</h3>
        <Link to={hostLink(host, span)}>{host}</Link>
      </header>
      {known === false ? (
        <p className="dim">
          No metrics of this host: <code>oriel agent</code> or a Datadog agent on it sends them.
        </p>
      ) : (
        <HostCharts name={host} events={events} only={CHARTS} span={span} />
      )}
    </section>
  );
}
