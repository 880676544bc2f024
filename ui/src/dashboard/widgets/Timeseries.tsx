import { useMemo } from "react";
import { ChartPanel } from "../../chart/ChartPanel";
import type { LegendColumn } from "../../chart/Legend";
import { LEGEND_COLUMNS } from "../../chart/Legend";
import { useBoard, widgetKey } from "../context";
import type { Path } from "../edit";
import type { Definition } from "../model";
import { chartRequests } from "../requests";
import { titleOf } from "../WidgetFrame";
import { useWidgetSpan } from "./span";

export function SeriesWidget({ definition, path, large }: { definition: Definition; path: Path; large: boolean }) {
  const { fill, events } = useBoard();
  const requests = useMemo(() => chartRequests(definition, fill), [definition, fill]);
  const span = useWidgetSpan(definition);
  return (
    <ChartPanel
      id={`w${widgetKey(path)}`}
      title={titleOf(definition)}
      requests={requests}
      axis={definition.yaxis}
      markers={definition.markers}
      legend={large ? LEGEND_COLUMNS : legendOf(definition)}
      events={events}
      span={span}
    />
  );
}

/** A table when the dashboard asks for a legend; a line of names when it says nothing. */
function legendOf({ show_legend, legend_layout, legend_columns }: Definition): LegendColumn[] | "names" | null {
  if (show_legend === false) return null;
  if (!show_legend || legend_layout === "horizontal") return "names";
  const known = (legend_columns ?? []).filter((column): column is LegendColumn =>
    (LEGEND_COLUMNS as string[]).includes(column),
  );
  return known.length > 0 ? known : ["avg", "min", "max", "value", "sum"];
}
