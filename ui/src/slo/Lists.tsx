import { Link } from "react-router";
import { isRowsQuery } from "../api/query";
import type { Slo, SloDetail } from "../api/slos";
import { useMonitors } from "../api/monitors";
import { rowsTitle } from "../dashboard/rowsSource";
import { CopyLine } from "../ui/Copy";
import { StatusDot } from "../notify/StatusDot";
import { TYPE_TEXT } from "./columns";
import { sliText } from "./figures";
import { Budget, SloBadge } from "./Parts";

/** What an objective counts, as it is asked. */
export function Asked({ slo }: { slo: Slo }) {
  const slice = slo.sli_specification?.time_slice;
  return (
    <section className="card" aria-label="What counts">
      <h2>
        What counts <span className="dim">{TYPE_TEXT[slo.type]}</span>
      </h2>
      <div className="stack">
        {slo.query && (
          <>
            <Line label="Good" text={slo.query.numerator} />
            <Line label="of all" text={slo.query.denominator} />
          </>
        )}
        {slo.monitor_ids && <Monitors ids={slo.monitor_ids} groups={slo.groups ?? []} />}
        {slice && (
          <>
            {slice.query.queries.map((query) => (
              <Line key={query.name} label={query.name} text={isRowsQuery(query) ? rowsTitle(query) : query.query} />
            ))}
            <p>
              A slice of {slice.query_interval_seconds / 60} min is good while{" "}
              <code>
                {slice.query.formulas.map(({ formula }) => formula).join(", ")} {slice.comparator} {slice.threshold}
              </code>
            </p>
          </>
        )}
      </div>
    </section>
  );
}

function Line({ label, text }: { label: string; text: string }) {
  return (
    <div className="asked-line">
      <span className="dim">{label}</span>
      <CopyLine text={text} />
    </div>
  );
}

function Monitors({ ids, groups }: { ids: number[]; groups: string[] }) {
  const { data } = useMonitors({ query: "", sort: "name" });
  const known = new Map((data?.monitors ?? []).map((monitor) => [monitor.id, monitor]));
  return (
    <>
      <ul className="preview-monitors">
        {ids.map((id) => {
          const monitor = known.get(id);
          return (
            <li key={id}>
              {monitor && <StatusDot status={monitor.status} />}{" "}
              <Link to={`/monitors/${id}`}>{monitor?.name ?? `Monitor ${id}`}</Link>
            </li>
          );
        })}
      </ul>
      {groups.length > 0 && (
        <span className="tags">
          {groups.map((group) => (
            <span key={group} className="tag">
              {group}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

export function Groups({ detail }: { detail: SloDetail }) {
  const target = detail.windows[0]?.target;
  return (
    <section className="card" aria-label="Groups">
      <h2>
        Groups <span className="dim">{detail.groups.length}</span>
      </h2>
      <table className="table plain">
        <thead>
          <tr>
            <th>Group</th>
            <th className="num">Level</th>
            <th>Budget left</th>
            <th>Status</th>
          </tr>
        </thead>
        <tbody>
          {detail.groups.map(({ group, sli, error_budget_remaining: left, status }) => (
            <tr key={group}>
              <td className="mono">{group}</td>
              <td className="num">{sliText(sli, target)}</td>
              <td className="budget-cell">
                <Budget left={left ?? null} />
              </td>
              <td>{status && <SloBadge status={status} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
