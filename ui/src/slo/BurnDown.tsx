import { useMemo, type ReactNode } from "react";
import { useTheme } from "../app/theme";
import type { QueryResult, Unit, Values } from "../api/query";
import type { SloDetail, SloWindow } from "../api/slos";
import { DrawnChart } from "../chart/DrawnChart";
import { PLAIN_LOOK, plotOf, type Look } from "../chart/plot";
import type { Marker, YAxis } from "../dashboard/model";
import { STATUS_TONE, timeframeMs } from "./figures";

export const PERCENT: Unit = { family: "percentage", name: "percent", short_name: "%", scale_factor: 1 };
const AREA: Look = { ...PLAIN_LOOK, style: "area" };
const SPENT: Marker[] = [{ value: "y = 0", display_type: "error dashed" }];
const BUDGET_AXIS = { include_zero: true, max: "100" };
const NO_EVENTS: never[] = [];

/** The budget from full to spent, and the level beside it, over one window. */
export function BurnDown({
  history,
  window,
  aside,
}: {
  history: SloDetail["history"];
  window: SloWindow | null;
  aside: ReactNode;
}) {
  const target = window?.target;
  const overMs = window ? timeframeMs(window.timeframe) : 0;
  const line = useMemo(
    () =>
      target === undefined ? undefined : [{ value: `y = ${target}`, display_type: "error dashed", label: "target" }],
    [target],
  );
  const axis = useMemo(() => levelAxis(history.sli, target), [history.sli, target]);
  return (
    <section
      className={`card slo-history ${window ? STATUS_TONE[window.status] : ""}`}
      aria-label="How the budget went"
    >
      <div className="card-head">
        <h2 className="grow">How the budget went</h2>
        {aside}
      </div>
      <div className="slo-charts">
        <Percents
          name="Error budget left"
          times={history.times}
          values={history.budget}
          look={AREA}
          marks={SPENT}
          axis={BUDGET_AXIS}
          overMs={overMs}
        />
        <Percents
          name="Level"
          times={history.times}
          values={history.sli}
          look={PLAIN_LOOK}
          marks={line}
          axis={axis}
          overMs={overMs}
        />
      </div>
    </section>
  );
}

/** The target is in sight, and so is the worst that was. */
function levelAxis(values: Values, target = 100): YAxis {
  const low = values.reduce<number>((least, value) => (value === null ? least : Math.min(least, value)), target);
  return { include_zero: false, min: String(Math.max(0, low - (100 - low) * 0.15)), max: "100" };
}

interface PercentsProps {
  name: string;
  times: number[];
  values: Values;
  look: Look;
  marks?: Marker[];
  axis: YAxis;
  /** What the chart spans at least, up to the last point: one point alone stands in its window. */
  overMs?: number;
}

export function Percents({ name, times, values, look, marks, axis, overMs = 0 }: PercentsProps) {
  const theme = useTheme();
  const plot = useMemo(
    () => plotOf([{ result: resultOf(name, times, values), look }], theme),
    [name, times, values, look, theme],
  );
  const span = useMemo(() => {
    const toMs = (times[times.length - 1] ?? 0) + plot.stepMs;
    return { fromMs: Math.min(times[0] ?? 0, toMs - overMs), toMs };
  }, [times, plot.stepMs, overMs]);
  const none = values.every((value) => value === null);
  return (
    <figure className="slo-chart">
      <figcaption>{name}</figcaption>
      <div className="chart-panel">
        {none ? (
          <p className="chart-state dim">Nothing to count in this time.</p>
        ) : (
          <DrawnChart
            id={name}
            title={name}
            plot={plot}
            span={span}
            axis={axis}
            markers={marks}
            legend={null}
            events={NO_EVENTS}
            bare={false}
            theme={theme}
          />
        )}
      </div>
    </figure>
  );
}

function resultOf(name: string, times: number[], values: Values): QueryResult {
  const some = values.filter((value): value is number => value !== null);
  const sum = some.reduce((total, value) => total + value, 0);
  return {
    name,
    query: name,
    error: null,
    step_ms: times.length > 1 ? times[1] - times[0] : 0,
    incomplete_from_ms: null,
    times,
    notes: [],
    series: [
      {
        name,
        scope: "",
        expression: name,
        group: [],
        kind: "gauge",
        unit: PERCENT,
        values,
        band: null,
        stats: {
          avg: some.length > 0 ? sum / some.length : null,
          min: some.length > 0 ? Math.min(...some) : null,
          max: some.length > 0 ? Math.max(...some) : null,
          sum: some.length > 0 ? sum : null,
          last: some.length > 0 ? some[some.length - 1] : null,
        },
      },
    ],
  };
}
