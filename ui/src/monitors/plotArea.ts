/** Where a chart's plot lies on the page, for what is laid over it or stands under it on the same time axis. */
import { useCallback, useState } from "react";
import type uPlot from "uplot";

/** In CSS pixels from the chart's corner; the values at the top and at the foot of the plot. */
export interface PlotArea {
  left: number;
  top: number;
  width: number;
  height: number;
  high: number;
  low: number;
}

export function usePlotArea(): [PlotArea | null, (u: uPlot) => void] {
  const [area, setArea] = useState<PlotArea | null>(null);
  const onDraw = useCallback((u: uPlot) => {
    const dpr = devicePixelRatio;
    const { left, top, width, height } = u.bbox;
    const { min, max } = u.scales.y;
    const next = {
      left: left / dpr,
      top: top / dpr,
      width: width / dpr,
      height: height / dpr,
      high: max ?? 1,
      low: min ?? 0,
    };
    setArea((before) => (before && same(before, next) ? before : next));
  }, []);
  return [area, onDraw];
}

const same = (a: PlotArea, b: PlotArea) => (Object.keys(a) as (keyof PlotArea)[]).every((key) => a[key] === b[key]);

/** Pixels from the chart's top of a value, and the value at such a place. */
export const yOfValue = ({ top, height, high, low }: PlotArea, value: number) =>
  top + height * (1 - (value - low) / (high - low));

export const valueOfY = ({ top, height, high, low }: PlotArea, y: number) =>
  low + (high - low) * (1 - (y - top) / height);

/** A value as a hand means it: no finer than a pixel of the plot. */
export function roundedTo({ height, high, low }: PlotArea, value: number): number {
  const pixel = Math.abs(high - low) / Math.max(1, height);
  if (!Number.isFinite(pixel) || pixel === 0) return value;
  const step = 10 ** Math.floor(Math.log10(pixel));
  // One decimal coarser than a pixel; a float's tail is cut.
  return Number((Math.round(value / (step * 5)) * step * 5).toPrecision(12));
}
