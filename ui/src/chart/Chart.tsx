import { useEffect, useRef } from "react";
import "uplot/dist/uPlot.min.css";
import { ChartView, type ChartInput } from "./view";

interface Props extends ChartInput {
  label: string;
  /** The view itself, for what stands beside the chart and points into it. */
  onView: (view: ChartView | null) => void;
}

/** The canvas of one chart. React only hands over columns; drawing and the crosshair are the view's. */
export function Chart({ label, onView, ...input }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const flags = useRef<HTMLDivElement>(null);
  const view = useRef<ChartView | null>(null);
  useEffect(() => {
    if (!root.current || !flags.current) return;
    view.current = new ChartView(root.current, flags.current);
    onView(view.current);
    return () => {
      view.current?.destroy();
      view.current = null;
      onView(null);
    };
  }, [onView]);
  useEffect(() => view.current?.update(input));
  return (
    <div className="chart-box">
      <div ref={root} className="chart" role="img" aria-label={label} />
      <div ref={flags} className="chart-flags" />
    </div>
  );
}
