import { useMemo } from "react";
import type { EventEntry } from "../api/events";
import type { Span } from "../time/range";
import { ChartCard } from "./ChartCard";
import {
  apdexChart,
  downstreamChart,
  errorRateChart,
  errorsChart,
  latencyChart,
  requestsByStatus,
  versionsChart,
  type Scope,
} from "./metrics";

interface Props {
  operation: string;
  type: string;
  service: string;
  env: string;
  version: string;
  resource?: string;
  events: EventEntry[];
  span?: Span;
}

const FROM_ZERO = { min: "0" };
const APDEX = { min: "0", max: "1" };

/** The questions everybody asks of a service, one chart each. */
export function ServiceCharts({ operation, type, service, env, version, resource, events, span }: Props) {
  const charts = useMemo(() => {
    const scope: Scope = { service, env, version, resource };
    return {
      requests: requestsByStatus(operation, type, scope),
      errors: errorsChart(operation, scope),
      rate: errorRateChart(operation, scope),
      latency: latencyChart(operation, scope),
      apdex: apdexChart(operation, scope),
      downstream: downstreamChart(scope),
      versions: versionsChart(operation, scope),
    };
  }, [operation, type, service, env, version, resource]);
  const shared = { events, span };
  return (
    <div className="service-charts">
      <ChartCard id="requests" title="Requests by status" requests={charts.requests} {...shared} />
      <ChartCard id="errors" title="Errors" requests={charts.errors} {...shared} />
      <ChartCard id="rate" title="Error rate" requests={charts.rate} axis={FROM_ZERO} {...shared} />
      <ChartCard id="latency" title="Latency" requests={charts.latency} axis={FROM_ZERO} {...shared} />
      {resource === undefined && (
        <>
          <ChartCard id="apdex" title="Apdex" requests={charts.apdex} axis={APDEX} {...shared} />
          <ChartCard id="downstream" title="Time in other services" requests={charts.downstream} {...shared} />
        </>
      )}
    </div>
  );
}
