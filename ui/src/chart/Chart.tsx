import { useEffect, useRef } from "react";
import "uplot/dist/uPlot.min.css";
import { ChartView, type ChartInput } from "./view";

interface Props extends ChartInput {
  label: string;
}

/** The canvas of one chart. React only hands over columns; drawing and the crosshair are the view's. */
export function Chart({ label, ...input }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<ChartView | null>(null);
  useEffect(() => {
    if (!root.current) return;
    view.current = new ChartView(root.current);
    return () => {
      view.current?.destroy();
      view.current = null;
    };
  }, []);
  useEffect(() => view.current?.update(input));
  return <div ref={root} className="chart" role="img" aria-label={label} />;
}
