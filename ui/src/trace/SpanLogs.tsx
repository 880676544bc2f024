import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { rowPage, type Row } from "../api/rows";
import { both, logsLink, term } from "../apm/links";
import { timeOfDay } from "../format/clock";
import { toneOf } from "../rows/status";
import { headline } from "../rows/value";
import { SkeletonRows } from "../ui/States";
import type { Trace } from "./model";

const SHOWN_MAX = 50;
/** Lines are often written a little after their span. */
const SLACK_MS = 60_000;

const rangeOf = (trace: Trace) => ({
  fromMs: trace.startMs - SLACK_MS,
  toMs: trace.startMs + trace.length / 1e6 + SLACK_MS,
});

/** The span's own lines; those of the whole trace where it wrote none. */
export function SpanLogs({ trace, logs, span }: { trace: Trace; logs: Row[]; span: string }) {
  const own = logs.filter((row) => row.span_id === span);
  const [wide, setWide] = useState(own.length === 0);
  const all = useTraceLogs(trace, wide);
  const rows = wide ? (all.data?.rows ?? logs) : own;
  return (
    <section className="span-section" aria-label="Logs">
      <header>
        <h3 className="grow">Logs</h3>
        <div className="segments small" role="group" aria-label="Logs of">
          <button type="button" aria-pressed={!wide} disabled={own.length === 0} onClick={() => setWide(false)}>
            {`This span (${own.length})`}
          </button>
          <button type="button" aria-pressed={wide} onClick={() => setWide(true)}>
            {`Trace (${trace.logs})`}
          </button>
        </div>
      </header>
      {wide && all.isPending && logs.length === 0 && <SkeletonRows rows={2} />}
      {wide && all.isError && (
        <p className="form-error" role="alert">
          {all.error.message}
        </p>
      )}
      {rows.length === 0 && !(wide && all.isPending) && <NoLogs />}
      <ul className="span-logs">
        {rows.slice(0, SHOWN_MAX).map((row) => (
          <li key={row.id} className={`tone-${toneOf(row.status)}`}>
            <Link
              to={`${logsLink(both(term("trace_id", trace.id)), rangeOf(trace))}&row=${encodeURIComponent(row.id)}`}
            >
              <time>{timeOfDay(row.time_ms)}</time>
              <span className="log-status">{row.status ?? "info"}</span>
              <span className="mono wrap">{headline(row)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN_MAX && (
        <Link
          to={logsLink(wide ? term("trace_id", trace.id) : term("span_id", span), rangeOf(trace))}
        >{`All ${rows.length}`}</Link>
      )}
    </section>
  );
}

function useTraceLogs(trace: Trace, enabled: boolean) {
  const scope = { signal: "logs" as const, query: term("trace_id", trace.id), ...rangeOf(trace) };
  return useQuery({
    queryKey: ["trace-logs", trace.id],
    queryFn: ({ signal }) => rowPage(scope, "timestamp", SHOWN_MAX, undefined, signal),
    enabled,
    staleTime: 60_000,
  });
}

function NoLogs() {
  return (
    <p className="dim">
      No line bears this trace's id. Tracers write it into logs when asked: <code>DD_LOGS_INJECTION=true</code>.
    </p>
  );
}
