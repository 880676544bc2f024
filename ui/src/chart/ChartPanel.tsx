import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import type { EventEntry } from "../api/events";
import { frames, type QueryResult, type QuerySpec } from "../api/query";
import { useTheme } from "../app/theme";
import type { Marker, YAxis } from "../dashboard/model";
import { formatValue } from "../format/units";
import { usePageRange } from "../time/page";
import type { Span } from "../time/range";
import { SkeletonChart } from "../ui/States";
import { useSeen } from "../ui/seen";
import { Chart } from "./Chart";
import { ChartEmpty, ChartFailed, ChartNotes, QueryProblems } from "./ChartStates";
import { isShown, Legend, type LegendColumn } from "./Legend";
import { useLegend, useLegendSort } from "./legendState";
import { NameLegend } from "./NameLegend";
import { parseMarker } from "./markers";
import { PickMenu } from "./PickMenu";
import { plotOf, type Line, type Look, type Plot } from "./plot";
import type { ChartView, Pick } from "./view";

export interface ChartRequest {
  spec: QuerySpec;
  look: Look;
}

interface Props {
  id: string;
  title: string;
  requests: ChartRequest[];
  axis?: YAxis;
  markers?: Marker[];
  /** Columns of a table, a line of names, or none. */
  legend?: LegendColumn[] | "names" | null;
  events?: EventEntry[];
  span?: Span;
  bare?: boolean;
}

const NO_AXIS: YAxis = {};
const NO_EVENTS: EventEntry[] = [];

/** A chart from its queries: asks, draws, and has an answer for loading, emptiness and errors. */
export function ChartPanel({
  id,
  title,
  requests,
  axis = NO_AXIS,
  markers,
  legend = null,
  events = NO_EVENTS,
  span,
  bare = false,
}: Props) {
  const page = usePageRange();
  const { fromMs, toMs } = span ?? page.span;
  const [root, seen] = useSeen<HTMLDivElement>();
  const answer = useQuery(
    frames(
      useMemo(() => requests.map(({ spec }) => spec), [requests]),
      fromMs,
      toMs,
      seen,
    ),
  );
  const theme = useTheme();
  const { data } = answer;
  const plot = useMemo(() => (data ? plotOf(partsOf(data, requests), theme) : null), [data, requests, theme]);
  const problems = useMemo(() => (data ?? []).flat().filter(({ error }) => error !== null), [data]);
  return (
    <div ref={root} className="chart-panel" data-loading={answer.isFetching || undefined}>
      {answer.isFetching && plot && <div className="progress" aria-hidden="true" />}
      {answer.isError && !data && <ChartFailed error={answer.error} retry={() => void answer.refetch()} />}
      {!plot && !answer.isError && <SkeletonChart />}
      {problems.length > 0 && <QueryProblems problems={problems} aside={(plot?.lines.length ?? 0) > 0} />}
      {plot && problems.length === 0 && plot.lines.length === 0 && <ChartEmpty requests={requests} />}
      {plot && plot.lines.length > 0 && (
        <Drawn
          id={id}
          title={title}
          plot={plot}
          span={span ?? page.span}
          axis={axis}
          markers={markers}
          legend={legend}
          events={events}
          bare={bare}
          theme={theme}
        />
      )}
      {data && <ChartNotes results={data.flat()} />}
    </div>
  );
}

function partsOf(data: QueryResult[][], requests: ChartRequest[]) {
  return data.flatMap((results, index) => {
    const request = requests[index];
    if (!request) return [];
    const formulas = request.spec.formulas ?? [];
    return results.map((result, at) => ({ result, look: request.look, alias: formulas[at]?.alias }));
  });
}

interface DrawnProps extends Required<Omit<Props, "requests" | "span" | "markers" | "legend">> {
  plot: Plot;
  span: Span;
  markers?: Marker[];
  legend: LegendColumn[] | "names" | null;
  theme: string;
}

function Drawn({ id, title, plot, span, axis, markers, legend, events, bare, theme }: DrawnProps) {
  const { zoom, zoomBack } = usePageRange();
  const [shown, setShown] = useLegend(id);
  const [sort, setSort] = useLegendSort(id);
  const view = useRef<ChartView | null>(null);
  const onView = useCallback((made: ChartView | null) => {
    view.current = made;
  }, []);
  const [pick, setPick] = useState<Pick | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const marks = useMemo(() => (markers ?? []).map(parseMarker).filter((mark) => mark !== null), [markers]);
  const lines = useMemo(() => {
    const some = plot.lines.filter((line) => isShown(line, shown));
    // A line that is alone in the URL may be gone from the answer: then all are shown.
    return some.length > 0 ? some : plot.lines;
  }, [plot, shown]);
  const onCursor = useCallback((index: number | null) => followLegend(body.current, plot.lines, index), [plot]);
  return (
    <>
      <Chart
        onView={onView}
        label={labelOf(title, lines)}
        {...{ plot, lines, span, axis, marks, events, bare, theme, onCursor }}
        onZoom={zoom}
        onReset={zoomBack}
        onPick={setPick}
      />
      {legend === "names" && plot.lines.length > 1 && <NameLegend lines={plot.lines} shown={shown} onShow={setShown} />}
      {Array.isArray(legend) && (
        <Legend
          lines={plot.lines}
          columns={legend}
          shown={shown}
          onShow={setShown}
          sort={sort}
          onSort={setSort}
          onHover={(key) => view.current?.focus(key)}
          body={body}
        />
      )}
      {pick && (
        <PickMenu
          pick={pick}
          stepMs={plot.stepMs}
          onAlone={(line) => setShown({ solo: shown.solo === line.key ? null : line.key, hidden: [] })}
          onClose={() => setPick(null)}
        />
      )}
    </>
  );
}

/** Charts are pictures to a screen reader: the label holds the latest values. */
function labelOf(title: string, lines: Line[]): string {
  const values = lines.slice(0, 5).map((line) => `${line.label} ${formatValue(line.stats.last, line.unit)}`);
  const more = lines.length > 5 ? ` and ${lines.length - 5} more` : "";
  return `${title || "Chart"}: ${values.join(", ")}${more}`;
}

/** The value column shows the bucket under the crosshair, without a render. */
function followLegend(body: HTMLTableSectionElement | null, lines: Line[], index: number | null): void {
  if (!body) return;
  const byKey = new Map(lines.map((line) => [line.key, line]));
  for (const cell of body.querySelectorAll<HTMLElement>("td[data-column=value]")) {
    const line = byKey.get(cell.parentElement?.dataset.key ?? "");
    if (line) cell.textContent = formatValue(index === null ? line.stats.last : line.values[index], line.unit);
  }
}
