import { useCallback, useMemo, useRef, useState } from "react";
import type { EventEntry } from "../api/events";
import type { Marker, YAxis } from "../dashboard/model";
import { formatValue } from "../format/units";
import { usePageRange } from "../time/page";
import type { Span } from "../time/range";
import { Chart } from "./Chart";
import { isShown, Legend, type LegendColumn } from "./Legend";
import { useLegend, useLegendSort } from "./legendState";
import { parseMarker } from "./markers";
import { NameLegend } from "./NameLegend";
import { PickMenu } from "./PickMenu";
import type { Line, Plot } from "./plot";
import type { ChartView, Pick } from "./view";

interface Props {
  id: string;
  title: string;
  axis: YAxis;
  events: EventEntry[];
  bare: boolean;
  plot: Plot;
  span: Span;
  markers?: Marker[];
  legend: LegendColumn[] | "names" | null;
  theme: string;
}

/** A chart of columns that are there already: its canvas, its legend, and the menu of a point. */
export function DrawnChart({ id, title, plot, span, axis, markers, legend, events, bare, theme }: Props) {
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
