import type { ReactNode } from "react";
import type { EventEntry } from "../api/events";
import { ChartPanel, type ChartRequest } from "../chart/ChartPanel";
import type { YAxis } from "../dashboard/model";
import type { Span } from "../time/range";

interface Props {
  id: string;
  title: string;
  requests: ChartRequest[];
  events?: EventEntry[];
  axis?: YAxis;
  span?: Span;
  aside?: ReactNode;
}

/** A chart of a service page in the frame that dashboards use. */
export function ChartCard({ id, title, requests, events, axis, span, aside }: Props) {
  return (
    <section className="widget timeseries" aria-label={title}>
      <header className="widget-head">
        <h2 className="grow cut">{title}</h2>
        {aside}
      </header>
      <div className="widget-body">
        <ChartPanel id={id} title={title} requests={requests} events={events} axis={axis} legend="names" span={span} />
      </div>
    </section>
  );
}
