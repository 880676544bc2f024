import { Link } from "react-router";
import type { MonitorEntry } from "../../api/monitorModel";
import { useMonitors } from "../../api/monitors";
import { ChartFailed } from "../../chart/ChartStates";
import { agoText } from "../../format/clock";
import { GroupsBar, MutedMark, StatusMark } from "../../monitors/StatusMark";
import { toneOfStatus } from "../../monitors/status";
import { filterBy } from "../../rows/filters";
import { usePageRange } from "../../time/page";
import { SkeletonChart } from "../../ui/States";
import { countsOf, sortOf, summaryOf, text, worstOf, type Count, type Summary } from "../alertWidgets";
import { useBoard } from "../context";
import type { Definition } from "../model";

const ROWS_MAX = 200;

/** How many monitors are in which status, and which they are. */
export function ManageStatusWidget({ definition }: { definition: Definition }) {
  const { fill } = useBoard();
  const query = fill(text(definition.query)).trim();
  const answer = useMonitors({ query, sort: sortOf(definition) });
  const { data } = answer;
  if (answer.isError && !data) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <SkeletonChart />;
  const summary = summaryOf(definition);
  const counts = countsOf(data, summary, definition.hide_zero_counts !== false);
  const format = definition.display_format ?? "countsAndList";
  return (
    <div className="manage-status">
      {format !== "list" && (
        <Counts counts={counts} query={query} filled={definition.color_preference === "background"} />
      )}
      {format !== "counts" && <List monitors={data.monitors} definition={definition} summary={summary} />}
      {data.total === 0 && <p className="chart-state dim">No monitor is found by this.</p>}
    </div>
  );
}

const WORDS: Record<string, string> = { "No Data": '"no data"' };

function Counts({ counts, query, filled }: { counts: Count[]; query: string; filled: boolean }) {
  const worst = worstOf(counts);
  return (
    <ul className={`status-counts ${filled ? "filled" : ""}`} data-worst={worst ?? ""}>
      {counts.map(({ status, count }) => {
        const to =
          status === "Muted"
            ? filterBy(query, "muted", "true")
            : `${query} status:${WORDS[status] ?? status.toLowerCase()}`.trim();
        const tone = status === "Muted" ? "muted" : toneOfStatus(status);
        return (
          <li key={status} className={count > 0 ? `status-count ${tone}` : "status-count zero"}>
            <Link to={`/monitors?query=${encodeURIComponent(to)}`}>
              <b>{count}</b>
              <span>{status}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function List({
  monitors,
  definition,
  summary,
}: {
  monitors: MonitorEntry[];
  definition: Definition;
  summary: Summary;
}) {
  const { nowMs } = usePageRange();
  return (
    <ul className="status-list">
      {monitors.slice(0, ROWS_MAX).map((monitor) => (
        <li key={monitor.id}>
          <StatusMark status={monitor.status} />
          {definition.show_priority === true && (
            <span className="status-priority dim">{monitor.priority === null ? "" : `P${monitor.priority}`}</span>
          )}
          <Link className="grow cut" to={`/monitors/${monitor.id}`}>
            {monitor.name}
          </Link>
          <MutedMark muted={monitor.muted} />
          {summary !== "monitors" && <GroupsBar counts={monitor.groups} />}
          {definition.show_last_triggered === true && (
            <span className="dim num status-when">
              {agoText(monitor.last_triggered_ms, Math.max(nowMs, monitor.last_triggered_ms ?? 0))}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
