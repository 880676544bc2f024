import { useState } from "react";
import { useParams } from "react-router";
import { useEvents } from "../api/events";
import { useHost, type AgentCheck, type HostDetail } from "../api/hosts";
import { AgentChecks, ServiceChecks } from "../host/Checks";
import { HostCharts } from "../host/HostCharts";
import { agoText, stamp } from "../format/clock";
import { formatBytes } from "../format/units";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { PageHead } from "../ui/PageHead";
import { Failed, SkeletonRows } from "../ui/States";

export function Host() {
  const { name = "" } = useParams();
  const answer = useHost(name);
  const { nowMs, span } = usePageRange();
  const { data: events } = useEvents(span.fromMs, span.toMs, true);
  const host = answer.data;
  const troubled = useTroubled(name, host);
  const aside = host && (
    <>
      <span className={host.up ? "badge ok" : "badge bad"}>{host.up ? "up" : "not heard of"}</span>
      <span className="dim">{agoText(host.last_seen_ms, Math.max(nowMs, host.last_seen_ms ?? 0))}</span>
    </>
  );
  return (
    <>
      <PageHead title={name} aside={aside}>
        <TimePicker />
      </PageHead>
      <div className="page-body host-page">
        {answer.isPending && <SkeletonRows rows={10} />}
        {answer.isError && !host && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="This host cannot be shown" />
        )}
        {host && (
          <>
            {troubled.length > 0 && (
              <section className="card troubles" aria-label="Checks with errors">
                <AgentChecks checks={troubled} bare />
              </section>
            )}
            <HostCharts name={name} events={events ?? NO_EVENTS} />
            <div className="host-columns">
              <AgentChecks checks={host.agent_checks.filter((check) => !troubled.includes(check))} />
              <div className="stack">
                <ServiceChecks checks={host.service_checks} />
                <Facts host={host} />
                <Tags host={host} />
              </div>
            </div>
          </>
        )}
      </div>
    </>
  );
}

const NO_EVENTS: never[] = [];

const keyOf = ({ name, instance }: AgentCheck) => `${name}:${instance}`;

/** Errors stand on top, and stay there once mended: who watches a check turn green does not look for it. */
function useTroubled(name: string, host: HostDetail | undefined): AgentCheck[] {
  const [seen, setSeen] = useState<{ name: string; keys: string[] }>({ name, keys: [] });
  const known = seen.name === name ? seen.keys : [];
  const checks = host?.agent_checks ?? [];
  const fresh = checks
    .filter(({ status }) => status === "error")
    .map(keyOf)
    .filter((key) => !known.includes(key));
  if (fresh.length > 0) setSeen({ name, keys: [...known, ...fresh] });
  return checks.filter((check) => check.status === "error" || known.includes(keyOf(check)));
}

function Facts({ host }: { host: HostDetail }) {
  const facts = Object.entries(host.meta).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  if (facts.length === 0) return null;
  return (
    <section className="card" aria-label="About this host">
      <h2>About</h2>
      <dl className="facts">
        {facts.map(([key, value]) => (
          <div key={key}>
            <dt>{key.replace(/_ms$/, "").replaceAll("_", " ")}</dt>
            <dd>{factText(key, value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function factText(key: string, value: unknown): string {
  const kib = /^(\d+) ?kB$/.exec(String(value));
  if (kib) return formatBytes(Number(kib[1]) * 1024);
  if (typeof value !== "number") return String(value);
  if (key.endsWith("_ms")) return stamp(value);
  return /memory|bytes|swap/.test(key) && value > 1e6 ? formatBytes(value) : String(value);
}

function Tags({ host }: { host: HostDetail }) {
  const sources = Object.entries(host.tags_by_source).filter(([, tags]) => tags.length > 0);
  return (
    <section className="card" aria-label="Tags">
      <h2>Tags</h2>
      {sources.length === 0 && (
        <p className="dim">
          None yet. In <code>oriel.toml</code>: <code>tags = ["env:prod"]</code>
        </p>
      )}
      {sources.map(([source, tags]) => (
        <div key={source} className="tag-values">
          <p className="dim">{source}</p>
          <div className="tags">
            {tags.map((tag) => (
              <span key={tag} className="tag">
                {tag}
              </span>
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}
