import { useState } from "react";
import { Link } from "react-router";
import { isRowsQuery, type QueryResult } from "../api/query";
import { groupPage } from "../dashboard/rowsSource";
import { adviceFor } from "../ui/States";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import type { ChartRequest } from "./ChartPanel";

export function ChartFailed({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <div className="chart-state" role="alert">
      <p className="state-title">
        <Icon name="warn" /> {error.message}
      </p>
      <p className="dim">{adviceFor(error)}</p>
      <Button icon="refresh" onClick={retry}>
        Try again
      </Button>
    </div>
  );
}

/** A query's fault, with a caret under the place. */
export function QueryProblems({ problems, aside = false }: { problems: QueryResult[]; aside?: boolean }) {
  return (
    <div className={aside ? "chart-state problems aside" : "chart-state problems"} role="alert">
      {problems.slice(0, 3).map(({ name, query, error }) => (
        <div key={name + query} className="problem">
          <pre>
            {query}
            {"\n"}
            {" ".repeat(Math.max(0, error!.position))}
            <b>^</b>
          </pre>
          <p>
            {error!.message}
            {error!.expected.length > 0 && <span className="dim"> · expected {error!.expected.join(", ")}</span>}
          </p>
        </div>
      ))}
    </div>
  );
}

export function ChartEmpty({ requests }: { requests: ChartRequest[] }) {
  const first = requests.flatMap(({ spec }) => spec.queries)[0];
  if (first && isRowsQuery(first))
    return (
      <div className="chart-state">
        <p className="state-title">No data in this range</p>
        <p className="dim cut">
          No {first.data_source} are found by <Link to={groupPage([first])}>{first.search.query || "this search"}</Link>
          .
        </p>
      </div>
    );
  const metric = /([a-zA-Z][\w.]*)\{/.exec(first?.query ?? "")?.[1];
  return (
    <div className="chart-state">
      <p className="state-title">No data in this range</p>
      <p className="dim cut">
        {metric ? (
          <>
            Nothing came in for <Link to={`/metrics/summary?search=${encodeURIComponent(metric)}`}>{metric}</Link> with
            this filter.
          </>
        ) : (
          "Name a metric to see it."
        )}
      </p>
      <p className="dim">
        A longer range (<kbd>-</kbd>), or <Link to="/setup">send it in</Link>.
      </p>
    </div>
  );
}

/** What the reader should know about an answer, behind one small button. */
export function ChartNotes({ results }: { results: QueryResult[] }) {
  const [open, setOpen] = useState(false);
  const notes = [...new Set(results.flatMap((result) => result.notes))];
  if (notes.length === 0 || results.every(({ series }) => series.length === 0)) return null;
  return (
    <div className="chart-notes">
      <button
        type="button"
        aria-expanded={open}
        aria-label={`${notes.length} notes on this answer`}
        onClick={() => setOpen(!open)}
      >
        <Icon name="warn" size={13} />
      </button>
      {open && notes.map((note) => <p key={note}>{note}</p>)}
    </div>
  );
}
