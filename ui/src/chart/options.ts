/** uPlot's options for one chart: scales, axes, series and bands, from its layers. */
import type uPlot from "uplot";
import type { Unit, Values } from "../api/query";
import type { YAxis } from "../dashboard/model";
import { dayText, timeOfDay } from "../format/clock";
import { formatTicks } from "../format/units";
import type { Ink } from "./overlay";
import { fade } from "./palette";
import { barPaths, linePaths, lonePoints } from "./paths";
import type { Layer } from "./plot";
import { increments, reach, yScale } from "./yscale";

/** What paths and scales read while drawing: it changes with every answer, the chart stays. */
export interface Live {
  fromMs: number;
  toMs: number;
  stepMs: number;
  openAt: number;
  layers: Layer[];
}

export interface Frame {
  live: Live;
  ink: Ink;
  unit: Unit | null;
  axis: YAxis;
  bare: boolean;
}

const DAY = 86_400_000;
const SIDE_MIN = 34;
const DOTS_APART_PX = 40;

function timeLabels(_u: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  let day = "";
  return splits.map((ms) => {
    const of = dayText(ms);
    const clock = timeOfDay(ms, step < 60_000);
    const first = of !== day && (day !== "" || step >= DAY);
    day = of;
    if (step >= DAY) return of;
    return first || clock === "00:00" ? of : clock;
  });
}

function axes({ ink, unit, bare, axis }: Frame): uPlot.Axis[] {
  if (bare) return [{ show: false }, { show: false }];
  const shared = {
    stroke: ink.axis,
    font: "11px Inter, sans-serif",
    grid: { stroke: ink.grid, width: 1 },
    ticks: { show: false },
    gap: 5,
  };
  const incrs = increments(unit);
  return [
    {
      ...shared,
      grid: { show: false },
      border: { show: true, stroke: ink.grid, width: 1 },
      size: 22,
      space: 64,
      values: timeLabels,
    },
    {
      ...shared,
      space: (u) => (u.height > 360 ? 48 : u.height > 160 ? 30 : 20),
      size: sideOf,
      values: (_u, splits) => formatTicks(splits, unit),
      ...(axis.label ? { label: axis.label, labelFont: "11px Inter, sans-serif", labelSize: 16, labelGap: 0 } : {}),
      ...(incrs ? { incrs } : {}),
    },
  ];
}

/** As wide as the widest label. */
function sideOf(u: uPlot, labels: string[] | null, axisIdx: number, cycle: number): number {
  const axis = u.axes[axisIdx] as uPlot.Axis & { _size?: number };
  if (cycle > 1) return axis._size ?? SIDE_MIN;
  const longest = (labels ?? []).reduce((most, label) => Math.max(most, label?.length ?? 0), 0);
  return Math.max(SIDE_MIN, Math.ceil(longest * 6.3) + 10);
}

/** Few buckets are points that a line joins; where they are many, only those that no line reaches get a dot. */
function dotted(u: uPlot, values: Values, stepMs: number): number[] {
  const apart = Math.abs(u.valToPos(u.data[0][0] + stepMs, "x") - u.valToPos(u.data[0][0], "x"));
  if (apart < DOTS_APART_PX) return lonePoints(values);
  return values.flatMap((value, index) => (value === null || value === undefined ? [] : [index]));
}

function seriesOf(layer: Layer, live: Live): uPlot.Series {
  const { line } = layer;
  const { style, width, dash } = line.look;
  const dots: uPlot.Series.Points.Filter = (u, index) => dotted(u, u.data[index] as Values, live.stepMs);
  const points = { show: true, filter: dots, size: 5, width: 0, fill: line.colour, stroke: line.colour };
  if (style === "bars") {
    return {
      label: line.label,
      fill: line.colour,
      width: 0,
      points: { show: false },
      paths: barPaths(
        layer,
        () => live.stepMs,
        () => live.openAt,
      ),
    };
  }
  return {
    label: line.label,
    stroke: line.colour,
    width,
    dash,
    points,
    paths: linePaths(() => live.openAt),
    ...(style === "area" && !layer.below ? { fill: fade(line.colour, 0.28) } : {}),
  };
}

/** Columns and their options side by side, so that an index means one thing. */
export function columnsOf(
  layers: Layer[],
  frame: Frame,
): { series: uPlot.Series[]; bands: uPlot.Band[]; data: (number | null)[][] } {
  const series: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  const data: (number | null)[][] = [];
  const hidden = (): uPlot.Series => ({ width: 0, stroke: "transparent", points: { show: false } });
  for (const { line } of layers) {
    if (!line.band) continue;
    data.push(line.band.upper, line.band.lower);
    series.push(hidden(), hidden());
    bands.push({ series: [data.length - 1, data.length], fill: frame.ink.band });
  }
  for (const layer of layers) {
    data.push(layer.top);
    series.push(seriesOf(layer, frame.live));
    if (layer.below && layer.line.look.style === "area") {
      const at = data.length;
      bands.push({
        series: [at, at + layers.indexOf(layer.below) - layers.indexOf(layer)],
        fill: fade(layer.line.colour, 0.28),
      });
    }
  }
  return { series, bands, data };
}

export function optionsOf(
  layers: Layer[],
  frame: Frame,
  size: { width: number; height: number },
  group: string,
): uPlot.Options {
  const { live, axis, unit, bare } = frame;
  const { series, bands } = columnsOf(layers, frame);
  return {
    ...size,
    ms: 1,
    padding: bare ? [2, 0, 0, 0] : [8, 17, 0, 0],
    legend: { show: false },
    series: [{}, ...series],
    bands,
    axes: axes(frame),
    scales: {
      x: { time: true, range: () => [live.fromMs, live.toMs] },
      y: yScale(axis, (_u, low, high) => reach(low, high, axis, unit)),
    },
    cursor: {
      show: !bare,
      y: false,
      points: { size: 6, width: 1.5, stroke: frame.ink.panel, show: true },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      sync: { key: group, scales: ["x", null], setSeries: false },
      // In a stack the line nearest to the pointer says little; there nothing is dimmed.
      focus: { prox: layers.some(({ line }) => line.look.stacked) ? -1 : 18 },
    },
    focus: { alpha: 0.35 },
  };
}
