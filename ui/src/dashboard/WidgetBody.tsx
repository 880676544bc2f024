import type { Path } from "./edit";
import { useBoard } from "./context";
import type { Widget } from "./model";
import { foreignSources, requestsOf } from "./requests";
import { AlertGraphWidget } from "./widgets/AlertGraph";
import { AlertValueWidget } from "./widgets/AlertValue";
import { CheckStatusWidget } from "./widgets/CheckStatus";
import { GroupWidget } from "./widgets/Group";
import { ManageStatusWidget } from "./widgets/ManageStatus";
import { NoteWidget, TextWidget } from "./widgets/Note";
import { ForeignSource, NotDrawn } from "./widgets/NotDrawn";
import { StreamWidget, TimelineWidget } from "./widgets/Streams";
import { TableWidget } from "./widgets/QueryTable";
import { ValueWidget } from "./widgets/QueryValue";
import { SloListWidget, SloWidget } from "./widgets/SloWidget";
import { ServiceMapWidget, TraceServiceWidget } from "./widgets/Traces";
import { SeriesWidget } from "./widgets/Timeseries";
import { TopWidget } from "./widgets/Toplist";

/** One component a type; a type that is not here is named, and its JSON is kept. */
export function WidgetBody({ widget, path, large = false }: { widget: Widget; path: Path; large?: boolean }) {
  const { definition } = widget;
  const { editing } = useBoard();
  switch (definition.type) {
    case "note":
      return <NoteWidget definition={definition} />;
    case "free_text":
      return <TextWidget definition={definition} />;
    case "group":
      return <GroupWidget widget={widget} path={path} />;
    case "log_stream":
    case "list_stream":
    case "event_stream":
      return <StreamWidget definition={definition} />;
    case "event_timeline":
      return <TimelineWidget definition={definition} />;
    case "trace_service":
      return <TraceServiceWidget definition={definition} />;
    case "servicemap":
      return <ServiceMapWidget definition={definition} />;
    case "alert_graph":
      return <AlertGraphWidget definition={definition} />;
    case "alert_value":
      return <AlertValueWidget definition={definition} />;
    case "manage_status":
      return <ManageStatusWidget definition={definition} />;
    case "check_status":
      return <CheckStatusWidget definition={definition} />;
    case "slo":
      return <SloWidget definition={definition} />;
    case "slo_list":
      return <SloListWidget definition={definition} />;
    case "timeseries":
    case "query_value":
    case "toplist":
    case "query_table":
      break;
    default:
      return <NotDrawn type={definition.type} />;
  }
  const foreign = foreignSources(definition);
  if (foreign.length > 0 && foreign.length >= requestsOf(definition).length) return <ForeignSource sources={foreign} />;
  if (requestsOf(definition).length === 0)
    return <p className="chart-state dim">No query yet{editing ? ": edit the widget to give it one." : "."}</p>;
  if (definition.type === "timeseries") return <SeriesWidget definition={definition} path={path} large={large} />;
  if (definition.type === "query_value") return <ValueWidget definition={definition} path={path} />;
  if (definition.type === "toplist") return <TopWidget definition={definition} />;
  return <TableWidget definition={definition} />;
}
