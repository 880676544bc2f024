import { useMemo } from "react";
import { ChartPanel } from "../../chart/ChartPanel";
import { shown } from "../../format/units";
import { useBoard, widgetKey } from "../context";
import type { Path } from "../edit";
import { paintOf } from "../formats";
import type { Definition } from "../model";
import { chartRequests } from "../requests";
import { FigureStates } from "./FigureStates";
import { useFigures, valueOf } from "./scalars";

export function ValueWidget({ definition, path }: { definition: Definition; path: Path }) {
  const { root, answer, figures } = useFigures(definition);
  const state = FigureStates({ answer, figures });
  return (
    <div ref={root} className="figure-root">
      {state ?? <Big definition={definition} path={path} figures={figures!} />}
    </div>
  );
}

function Big({
  definition,
  path,
  figures,
}: {
  definition: Definition;
  path: Path;
  figures: NonNullable<ReturnType<typeof useFigures>["figures"]>;
}) {
  const { column, result } = figures[0];
  const series = result.series[0];
  const value = valueOf(series, column);
  const paint = paintOf(value, column.formats);
  const { autoscale, precision, custom_unit } = definition;
  const unit = custom_unit ? null : (series?.unit ?? null);
  const text = value === null ? { number: "–", suffix: "" } : shown(value, unit, { precision, autoscale });
  return (
    <div className="big" style={{ background: paint.background, color: paint.colour }}>
      {definition.timeseries_background && <Background definition={definition} path={path} />}
      <p className="big-value" aria-label={`${text.number} ${text.suffix} ${custom_unit ?? ""}`}>
        <span data-value={value ?? ""}>{text.number}</span>
        <small>
          {text.suffix.trim()}
          {custom_unit ? ` ${custom_unit}` : ""}
        </small>
      </p>
    </div>
  );
}

function Background({ definition, path }: { definition: Definition; path: Path }) {
  const { fill } = useBoard();
  const { type, yaxis } = definition.timeseries_background ?? {};
  const requests = useMemo(
    () =>
      chartRequests(definition, fill).map(({ spec, look }) => ({
        // Asked as lines whatever is drawn, so that the figure and its background share one answer.
        spec,
        look: { ...look, style: type === "bars" ? ("bars" as const) : ("area" as const), stacked: false, width: 1 },
      })),
    [definition, fill, type],
  );
  return (
    <div className="big-background" aria-hidden="true">
      <ChartPanel id={`b${widgetKey(path)}`} title="" requests={requests} axis={yaxis} bare />
    </div>
  );
}
