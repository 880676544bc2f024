import { useMemo } from "react";
import { Link } from "react-router";
import type { MonitorGraph } from "../../api/monitorModel";
import { useGraph } from "../../api/monitors";
import { formatValue } from "../../format/units";
import { MonitorChart } from "../../monitors/MonitorChart";
import { StatusMark } from "../../monitors/StatusMark";
import { numberOf } from "../../monitors/thresholds";
import { usePageRange } from "../../time/page";
import { ChartFailed } from "../../chart/ChartStates";
import { SkeletonChart } from "../../ui/States";
import { text } from "../alertWidgets";
import type { Definition } from "../model";
import { SeriesName } from "./Toplist";
import { useWidgetSpan } from "./span";

const ROWS_MAX = 100;

/** A monitor's query with its thresholds and its status, as a chart or as a list of its groups. */
export function AlertGraphWidget({ definition }: { definition: Definition }) {
  const id = text(definition.alert_id);
  if (id === "") return <p className="chart-state dim">No monitor is chosen.</p>;
  return <Graph id={id} definition={definition} />;
}

function Graph({ id, definition }: { id: string; definition: Definition }) {
  const page = usePageRange();
  const span = useWidgetSpan(definition) ?? page.span;
  const answer = useGraph(id, span.fromMs, span.toMs, "");
  const { data } = answer;
  if (answer.isError && !data) return <ChartFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <SkeletonChart />;
  return (
    <div className="alert-widget">
      <p className="alert-widget-head">
        <StatusMark status={data.status} />
        <Link className="cut" to={`/monitors/${id}`}>
          {data.name}
        </Link>
      </p>
      {definition.viz_type === "toplist" ? (
        <Groups graph={data} />
      ) : (
        <MonitorChart
          title={definition.title || data.name}
          picture={data}
          busy={answer.isFetching}
          span={span}
          thresholds={data.thresholds}
          comparator={data.comparator}
        />
      )}
    </div>
  );
}

/** The groups, the one nearest to trouble first; colours are those of the thresholds that they crossed. */
function Groups({ graph }: { graph: MonitorGraph }) {
  const { results, thresholds, comparator } = graph;
  const below = comparator.startsWith("<");
  const rows = useMemo(() => {
    const all = results.flatMap(({ series }) => series).map((series) => ({ series, value: series.stats.last }));
    const worst = below ? Infinity : -Infinity;
    return all.sort((a, b) => (below ? 1 : -1) * ((a.value ?? worst) - (b.value ?? worst))).slice(0, ROWS_MAX);
  }, [results, below]);
  if (rows.length === 0) return <p className="chart-state dim">Nothing was measured in this range.</p>;
  const most = Math.max(0, ...rows.map(({ value }) => Math.abs(value ?? 0)));
  const crossed = (value: number | null, name: "critical" | "warning") => {
    const bound = numberOf(thresholds[name]);
    return value !== null && bound !== null && (below ? value <= bound : value >= bound);
  };
  return (
    <ol className="top-rows figure-root">
      {rows.map(({ series, value }, index) => {
        const tone = crossed(value, "critical") ? "bad" : crossed(value, "warning") ? "warn" : "ok";
        return (
          <li key={`${series.scope}-${index}`}>
            <span
              className={`top-bar state-fill ${tone}`}
              style={{ width: `${most > 0 ? (Math.abs(value ?? 0) / most) * 100 : 0}%` }}
            />
            <span className="top-name cut">
              <SeriesName series={series} />
            </span>
            <span className={`top-value tone-${tone}`}>{formatValue(value, series.unit)}</span>
          </li>
        );
      })}
    </ol>
  );
}
