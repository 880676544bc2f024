import { useCallback, useEffect, useMemo, useState } from "react";
import type { Thresholds, Transition } from "../api/monitorModel";
import type { QueryResult } from "../api/query";
import { useTheme } from "../app/theme";
import { Chart } from "../chart/Chart";
import { QueryProblems } from "../chart/ChartStates";
import { PickMenu } from "../chart/PickMenu";
import { PLAIN_LOOK, plotOf, type Line } from "../chart/plot";
import type { ChartView, Pick } from "../chart/view";
import { formatValue } from "../format/units";
import { usePageRange } from "../time/page";
import type { Span } from "../time/range";
import { Overlay } from "./Overlay";
import { outlierLook, outliersLast } from "./outliers";
import { usePlotArea, type PlotArea } from "./plotArea";
import { axisFor, chartSpan, marksOf, type ThresholdName } from "./thresholds";
import { ThresholdHandles } from "./ThresholdHandles";

interface Props {
  title: string;
  results: QueryResult[];
  span: Span;
  thresholds: Thresholds;
  comparator: string;
  transitions?: Transition[];
  window?: Span;
  onThreshold?: (name: ThresholdName, value: number) => void;
  onArea?: (area: PlotArea) => void;
  onZoom?: (fromMs: number, toMs: number) => void;
}

const NO_EVENTS: never[] = [];
const LINES_MAX = 100;

/** Lines with thresholds: the trouble side shaded, states marked. */
export function LinesChart(props: Props) {
  const { title, results, thresholds, comparator, transitions, window: measured, onThreshold, onArea } = props;
  const span = useMemo(() => chartSpan(props.span, results), [props.span, results]);
  const page = usePageRange();
  const theme = useTheme();
  const [pick, setPick] = useState<Pick | null>(null);
  const [area, onDraw] = usePlotArea();
  const plot = useMemo(
    () =>
      plotOf(
        outliersLast(results).map((result) => ({ result, look: { ...PLAIN_LOOK, paint: outlierLook(result) } })),
        theme,
      ),
    [results, theme],
  );
  const problems = useMemo(() => results.filter(({ error }) => error !== null), [results]);
  const lines = useMemo(() => worst(plot.lines, comparator), [plot, comparator]);
  const marks = useMemo(() => marksOf(thresholds, comparator), [thresholds, comparator]);
  const axis = useMemo(() => axisFor(thresholds, results), [thresholds, results]);
  const quiet = useCallback((_view: ChartView | null) => undefined, []);
  const still = useCallback((_index: number | null) => undefined, []);
  useEffect(() => {
    if (area) onArea?.(area);
  }, [area, onArea]);
  return (
    <>
      {problems.length > 0 && <QueryProblems problems={problems} aside={lines.length > 0} />}
      {problems.length === 0 && lines.length === 0 && (
        <p className="chart-state dim">Nothing was measured in this range.</p>
      )}
      {lines.length > 0 && (
        <div className="chart-over">
          <Chart
            label={labelOf(title, lines)}
            {...{ plot, lines, span, axis, marks, theme, onDraw }}
            events={NO_EVENTS}
            bare={false}
            onView={quiet}
            onCursor={still}
            onZoom={props.onZoom ?? page.zoom}
            onReset={page.zoomBack}
            onPick={setPick}
          />
          {area && <Overlay {...{ area, span, transitions }} window={measured} />}
          {area && onThreshold && <ThresholdHandles area={area} thresholds={thresholds} onChange={onThreshold} />}
        </div>
      )}
      {plot.lines.length > LINES_MAX && (
        <p className="dim chart-more">{`the ${LINES_MAX} worst of ${plot.lines.length} lines`}</p>
      )}
      {pick && <PickMenu pick={pick} stepMs={plot.stepMs} onClose={() => setPick(null)} />}
    </>
  );
}

/** More lines than anybody tells apart: those that come nearest to the trouble. */
function worst(lines: Line[], comparator: string): Line[] {
  if (lines.length <= LINES_MAX) return lines;
  const sign = comparator.startsWith("<") ? 1 : -1;
  const rank = ({ stats }: Line) => sign * ((sign > 0 ? stats.min : stats.max) ?? Infinity * sign);
  return [...lines].sort((a, b) => rank(a) - rank(b)).slice(0, LINES_MAX);
}

function labelOf(title: string, lines: Line[]): string {
  const values = lines.slice(0, 5).map((line) => `${line.label} ${formatValue(line.stats.last, line.unit)}`);
  return `${title}: ${values.join(", ")}${lines.length > 5 ? ` and ${lines.length - 5} more` : ""}`;
}
