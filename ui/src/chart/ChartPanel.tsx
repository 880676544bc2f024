import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { EventEntry } from "../api/events";
import { frames, isRowsQuery, type QueryResult, type QuerySpec } from "../api/query";
import { useTheme } from "../app/theme";
import type { Marker, YAxis } from "../dashboard/model";
import { rowsTitle, signalOf } from "../dashboard/rowsSource";
import { withStatusColours } from "../rows/plots";
import { unitOfField } from "../rows/value";
import { usePageRange } from "../time/page";
import type { Span } from "../time/range";
import { SkeletonChart } from "../ui/States";
import { useSeen } from "../ui/seen";
import { ChartEmpty, ChartFailed, ChartNotes, QueryProblems } from "./ChartStates";
import { DrawnChart } from "./DrawnChart";
import { withFuture } from "./edge";
import type { LegendColumn } from "./Legend";
import { plotOf, type Look, type Part } from "./plot";

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
  const plot = useMemo(
    () => (data ? withStatusColours(plotOf(partsOf(data, requests), theme), theme) : null),
    [data, requests, theme],
  );
  const shown = useMemo(
    () => withFuture(span ?? page.span, plot?.times ?? [], plot?.stepMs ?? 0),
    [span, page.span, plot],
  );
  const problems = useMemo(() => (data ?? []).flat().filter(({ error }) => error !== null), [data]);
  return (
    <div ref={root} className="chart-panel" data-loading={answer.isFetching || undefined}>
      {answer.isFetching && plot && <div className="progress" aria-hidden="true" />}
      {answer.isError && !data && <ChartFailed error={answer.error} retry={() => void answer.refetch()} />}
      {!plot && !answer.isError && <SkeletonChart />}
      {problems.length > 0 && <QueryProblems problems={problems} aside={(plot?.lines.length ?? 0) > 0} />}
      {plot && problems.length === 0 && plot.lines.length === 0 && <ChartEmpty requests={requests} />}
      {plot && plot.lines.length > 0 && (
        <DrawnChart
          id={id}
          title={title}
          plot={plot}
          span={shown}
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

/** An answer to a formula that is one query of rows still stands for its rows. */
function partsOf(data: QueryResult[][], requests: ChartRequest[]): Part[] {
  return data.flatMap((results, index) => {
    const request = requests[index];
    if (!request) return [];
    const { formulas = [], queries } = request.spec;
    return results.map((result, at) => {
      const name = formulas.length > 0 ? formulas[at]?.formula : queries[at]?.name;
      const asked = queries.find((query) => query.name === name);
      const rows = asked && isRowsQuery(asked) ? asked : null;
      const signal = rows && signalOf(rows.data_source);
      return {
        result,
        look:
          rows && signal
            ? { ...request.look, unit: unitOfField(signal, rows.compute.metric) ?? undefined }
            : request.look,
        alias: formulas[at]?.alias ?? (rows && rows.group_by.length === 0 ? rowsTitle(rows) : undefined),
        ...(rows && signal ? { rows: { signal, query: rows.search.query } } : {}),
      };
    });
  });
}
