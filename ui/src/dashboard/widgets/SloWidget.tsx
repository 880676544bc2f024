import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { slo, slos, type SloDetail, type SloWindow } from "../../api/slos";
import { ChartFailed } from "../../chart/ChartStates";
import { burnText, sliText, STATUS_TONE, TIMEFRAME_TEXT } from "../../slo/figures";
import { Budget, SloBadge } from "../../slo/Parts";
import { SkeletonChart } from "../../ui/States";
import { sloQueryOf, sortedSlos, text } from "../alertWidgets";
import { useBoard } from "../context";
import type { Definition } from "../model";

/** One objective over its windows. */
export function SloWidget({ definition }: { definition: Definition }) {
  const id = text(definition.slo_id);
  const answer = useQuery(slo(id));
  const { data } = answer;
  if (id === "") return <p className="chart-state dim">No objective is chosen.</p>;
  if (answer.isError && !data) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <SkeletonChart />;
  return <Detail id={id} detail={data} definition={definition} />;
}

function Detail({ id, detail, definition }: { id: string; detail: SloDetail; definition: Definition }) {
  const asked = Array.isArray(definition.time_windows) ? (definition.time_windows as string[]) : [];
  const known = detail.windows.filter(({ timeframe }) => asked.length === 0 || asked.includes(timeframe));
  const absent = asked.filter((name) => !detail.windows.some(({ timeframe }) => timeframe === name));
  const mode = text(definition.view_mode) || "overall";
  const budget = definition.show_error_budget !== false;
  return (
    <div className="slo-widget">
      {!definition.title || definition.title !== detail.slo.name ? (
        <Link className="slo-widget-name cut" to={`/slos/${id}`}>
          {detail.slo.name}
        </Link>
      ) : null}
      {mode !== "component" && (
        <div className="slo-widget-windows">
          {known.map((window) => (
            <OneWindow key={window.timeframe} window={window} budget={budget} />
          ))}
        </div>
      )}
      {mode !== "overall" && <Components detail={detail} budget={budget} />}
      {absent.length > 0 && (
        <p className="dim slo-widget-absent">
          {absent.map((name) => TIMEFRAME_TEXT[name as "7d"] ?? name.replaceAll("_", " ")).join(", ")}: the objective
          has no target over this.
        </p>
      )}
    </div>
  );
}

function OneWindow({ window, budget }: { window: SloWindow; budget: boolean }) {
  const { timeframe, target, sli, status, error_budget_remaining: left, burn } = window;
  const hour = burn.find(({ window: over }) => over === "1h");
  return (
    <section className={`slo-tile ${STATUS_TONE[status]}`} aria-label={`Over ${TIMEFRAME_TEXT[timeframe]}`}>
      <h3>
        {TIMEFRAME_TEXT[timeframe]} <SloBadge status={status} />
      </h3>
      <p className="slo-level">
        <b>{sliText(sli, target)}</b>
        <span className="dim">of {target} %</span>
      </p>
      {budget && <Budget left={left} />}
      {budget && hour && <p className="dim slo-tile-burn">burns {burnText(hour.rate)} over the last hour</p>}
    </section>
  );
}

function Components({ detail, budget }: { detail: SloDetail; budget: boolean }) {
  const target = detail.windows[0]?.target;
  if (detail.groups.length === 0) return <p className="dim">It has no groups.</p>;
  return (
    <table className="table tight">
      <tbody>
        {detail.groups.map(({ group, sli, error_budget_remaining: left }) => (
          <tr key={group}>
            <td className="mono cut-cell">{group}</td>
            <td className="num">{sliText(sli, target)}</td>
            {budget && (
              <td className="budget-cell">
                <Budget left={left ?? null} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function SloListWidget({ definition }: { definition: Definition }) {
  const { fill } = useBoard();
  const query = sloQueryOf(definition);
  const answer = useQuery(slos(fill(text(query.query_string)).trim()));
  const { data } = answer;
  if (answer.isError && !data) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <SkeletonChart />;
  const rows = sortedSlos(data.slos, query);
  if (rows.length === 0) return <p className="chart-state dim">No objective is found by this.</p>;
  return (
    <div className="figure-root">
      <table className="table tight" aria-label="Objectives">
        <thead>
          <tr>
            <th>Objective</th>
            <th className="num">Level</th>
            <th>Budget left</th>
            <th>Status</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="cut-cell">
                <Link to={`/slos/${row.id}`}>{row.name}</Link>
              </td>
              <td className="num">
                {sliText(row.sli, row.target)} <span className="dim">of {row.target}</span>
              </td>
              <td className="budget-cell">
                <Budget left={row.error_budget_remaining} />
              </td>
              <td>
                <SloBadge status={row.status} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
