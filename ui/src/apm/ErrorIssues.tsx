import { Link } from "react-router";
import type { ErrorIssue } from "../api/services";
import { agoText } from "../format/clock";
import { formatCount } from "../format/units";
import { traceLink } from "./links";

/** What went wrong, most often first; each leads to a trace in which it did. */
export function ErrorIssues({ issues, nowMs, allTo }: { issues: ErrorIssue[]; nowMs: number; allTo: string }) {
  return (
    <section className="card" aria-label="Errors">
      <header className="card-head">
        <h2 className="grow">Errors</h2>
        <Link to={allTo}>Traces with errors</Link>
      </header>
      {issues.length === 0 && <p className="dim">No error in this range.</p>}
      <ul className="issues">
        {issues.map((issue) => (
          <li key={`${issue.type}|${issue.message}`}>
            <Link to={traceLink(issue.trace_id)} aria-label={`${issue.type}: ${issue.message}: open a trace`}>
              <span className="issue-count num">{formatCount(issue.count)}</span>
              <span className="issue-text">
                <b className="cut">{issue.type || "Error"}</b>
                <span className="dim cut">{issue.message}</span>
              </span>
              <span className="dim issue-time">{agoText(issue.last_ms, nowMs)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
