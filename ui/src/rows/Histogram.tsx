import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { EventEntry } from "../api/events";
import { histogram, type Scope } from "../api/rows";
import { useTheme } from "../app/theme";
import { Chart } from "../chart/Chart";
import { PickMenu } from "../chart/PickMenu";
import type { Pick } from "../chart/view";
import { usePageRange } from "../time/page";
import { SkeletonChart } from "../ui/States";
import { histogramPlot } from "./plots";

interface Props {
  scope: Scope;
  split?: string;
  events?: EventEntry[];
  title: string;
}

const NOTHING = { axis: {}, marks: [] };
const NO_EVENTS: EventEntry[] = [];

/** How many rows when, by status; a drag zooms the page. */
export function Histogram({ scope, split = "status", events = NO_EVENTS, title }: Props) {
  const { zoom, zoomBack } = usePageRange();
  const theme = useTheme();
  const [pick, setPick] = useState<Pick | null>(null);
  const { data, isFetching, isError } = useQuery(histogram(scope, split));
  const { signal, query } = scope;
  const plot = useMemo(
    () => (data && !data.error ? histogramPlot(data, split, theme, { signal, query }) : null),
    [data, split, theme, signal, query],
  );
  const span = useMemo(() => ({ fromMs: scope.fromMs, toMs: scope.toMs }), [scope.fromMs, scope.toMs]);
  const quiet = useCallback(() => undefined, []);
  return (
    <div className="row-histogram" data-loading={isFetching || undefined}>
      {isFetching && plot && <div className="progress" aria-hidden="true" />}
      {!plot && !isError && !data?.error && <SkeletonChart />}
      {isError && !plot && <p className="chart-state dim">The histogram could not be drawn.</p>}
      {plot && plot.lines.length === 0 && <p className="chart-state dim">Nothing in this range</p>}
      {plot && plot.lines.length > 0 && (
        <Chart
          label={`${title}: ${plot.lines.map((line) => `${line.label} ${line.stats.sum}`).join(", ")}`}
          plot={plot}
          lines={plot.lines}
          span={span}
          {...NOTHING}
          events={events}
          bare={false}
          theme={theme}
          onView={quiet}
          onCursor={quiet}
          onZoom={zoom}
          onReset={zoomBack}
          onPick={setPick}
        />
      )}
      {pick && plot && <PickMenu pick={pick} stepMs={plot.stepMs} onClose={() => setPick(null)} />}
    </div>
  );
}
