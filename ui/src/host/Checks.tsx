import { useEffect, useState } from "react";
import type { AgentCheck, ServiceCheck } from "../api/hosts";
import { ageText, agoText } from "../format/clock";
import { formatCount } from "../format/units";
import { CopyButton } from "../ui/Copy";

const TONES: Record<string, string> = {
  ok: "ok",
  warning: "warn",
  critical: "bad",
  error: "bad",
  unknown: "",
  pending: "",
};
const WORST_FIRST = ["error", "critical", "warning", "unknown", "pending", "ok"];

const byState = (a: { status: string }, b: { status: string }) =>
  WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status);

/** The clock for "in 4 s": its own, because a page that is held still goes on watching checks. */
function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function AgentChecks({ checks, bare = false }: { checks: AgentCheck[]; bare?: boolean }) {
  const now = useSeconds();
  const list = (
    <ul className="checks">
      {[...checks].sort(byState).map((check) => (
        <OneCheck key={`${check.name}:${check.instance}`} check={check} now={now} />
      ))}
    </ul>
  );
  if (bare) return list;
  return (
    <section className="card" aria-label="Agent checks">
      <h2>Checks the agent runs</h2>
      {checks.length === 0 && (
        <p className="dim">
          No other on this host. Put a file in <code>conf.d/</code> and one in <code>checks.d/</code> of the agent’s
          folder: both are read again when they change.
        </p>
      )}
      {list}
    </section>
  );
}

function OneCheck({ check, now }: { check: AgentCheck; now: number }) {
  const { name, instance, status, message, file, line, hint } = check;
  const place = file ? `${file}${line ? `:${line}` : ""}` : null;
  return (
    <li className={`check ${status}`} data-check={name} data-status={status}>
      <div className="check-head">
        <span className={`badge ${TONES[status]}`}>{status}</span>
        <b>{name}</b>
        {instance && <span className="dim cut">{instance}</span>}
        <span className="grow" />
        <span className="dim check-times">{times(check, now)}</span>
      </div>
      {message && <p className="check-message">{message}</p>}
      {place && (
        <p className="check-place">
          <code>{place}</code>
          <CopyButton text={place} label="Copy the place" />
        </p>
      )}
      {hint && <p className="check-hint">{hint}</p>}
    </li>
  );
}

function times({ last_run_ms, next_run_ms, interval_s, runs, metrics }: AgentCheck, now: number): string {
  const parts = [];
  if (last_run_ms) parts.push(`ran ${agoText(last_run_ms, now)}`);
  if (next_run_ms)
    parts.push(next_run_ms > now ? `next in ${ageText(Math.max(1_000, next_run_ms - now))}` : "next now");
  if (interval_s) parts.push(`every ${interval_s} s`);
  if (runs > 0) parts.push(`${formatCount(metrics)} metrics`);
  return parts.join(" · ");
}

/** States that are fine and bear one name share a line: what is not fine must not drown among them. */
function grouped(checks: ServiceCheck[]): { key: string; first: ServiceCheck; more: ServiceCheck[] }[] {
  const groups = new Map<string, { key: string; first: ServiceCheck; more: ServiceCheck[] }>();
  for (const check of [...checks].sort(byState)) {
    const key = check.status === "ok" ? `ok:${check.check}` : `${check.check}:${check.tags.join()}`;
    const group = groups.get(key);
    if (group) group.more.push(check);
    else groups.set(key, { key, first: check, more: [] });
  }
  return [...groups.values()];
}

export function ServiceChecks({ checks }: { checks: ServiceCheck[] }) {
  const now = useSeconds();
  return (
    <section className="card" aria-label="Service checks">
      <h2>Service checks</h2>
      {checks.length === 0 && <p className="dim">No check has reported a state for this host.</p>}
      <ul className="checks">
        {grouped(checks).map(({ key, first, more }) => (
          <li key={key} className="check" data-check={first.check} data-status={first.status}>
            <div className="check-head">
              <span className={`badge ${TONES[first.status]}`}>{first.status}</span>
              <b className="cut">{first.check}</b>
              {more.length > 0 && <span className="dim">{`× ${more.length + 1}`}</span>}
              <span className="grow" />
              <span className="dim check-times">{agoText(first.last_ms, now)}</span>
            </div>
            {first.message && <p className="check-message">{first.message}</p>}
            <div className="tags">
              {[first, ...more]
                .flatMap(({ tags }) => tags)
                .map((tag) => (
                  <span key={tag} className="tag">
                    {tag}
                  </span>
                ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
