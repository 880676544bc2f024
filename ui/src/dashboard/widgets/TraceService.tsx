import { useMemo } from "react";
import { Link, useLocation } from "react-router";
import { useService, type ServiceDetail } from "../../api/services";
import { ChartCard } from "../../apm/ChartCard";
import { msText, percentText, rateText } from "../../apm/figures";
import { keepingRange, resourceLink, serviceLink } from "../../apm/links";
import { downstreamChart, errorsChart, latencyChart, requestsByStatus } from "../../apm/metrics";
import { usePageRange } from "../../time/page";
import { formatCount } from "../../format/units";
import { SkeletonChart } from "../../ui/States";
import { useBoard } from "../context";
import type { Definition } from "../model";

const RESOURCES_SHOWN = 12;

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** A service in a tile: the parts that the dashboard asks for, each as on the service's own page. */
export function TraceServiceWidget({ definition }: { definition: Definition }) {
  const { fill, events } = useBoard();
  const { span } = usePageRange();
  const { search } = useLocation();
  // A variable stands for `service:shop`; here its value alone is wanted.
  const plain = (value: unknown) =>
    fill(text(value))
      .replace(/^[\w.]+:/, "")
      .replace(/^\*$/, "");
  const service = plain(definition.service);
  const env = plain(definition.env);
  const answer = useService(service, { env, operation: text(definition.span_name) }, span.fromMs, span.toMs);
  const operation = text(definition.span_name) || answer.data?.operation || "";
  const type = answer.data?.operations.find((each) => each.name === operation)?.type ?? "";
  const charts = useMemo(() => {
    const scope = { service, env };
    return [
      { flag: "show_hits", title: "Requests", requests: requestsByStatus(operation, type, scope) },
      { flag: "show_errors", title: "Errors", requests: errorsChart(operation, scope) },
      { flag: "show_latency", title: "Latency", requests: latencyChart(operation, scope) },
      { flag: "show_breakdown", title: "Time in other services", requests: downstreamChart(scope) },
    ];
  }, [service, env, operation, type]);
  if (service === "") return <p className="chart-state dim">No service is named.</p>;
  if (answer.isError && !answer.data)
    return (
      <p className="chart-state" role="alert">
        {answer.error.message}
      </p>
    );
  if (!answer.data) return <SkeletonChart />;
  const shown = charts.filter(({ flag }) => definition[flag] !== false);
  return (
    <div className="trace-service">
      <Head
        detail={answer.data}
        to={keepingRange(serviceLink(service, { env, operation }), search)}
        spanMs={span.toMs - span.fromMs}
      />
      <div className="trace-service-charts">
        {shown.map(({ flag, title, requests }) => (
          <ChartCard key={flag} id={`${service}-${flag}`} title={title} requests={requests} events={events} />
        ))}
      </div>
      {definition.show_resource_list !== false && (
        <ResourceList
          detail={answer.data}
          link={(resource) => keepingRange(resourceLink(service, { resource, operation, type, env }), search)}
        />
      )}
    </div>
  );
}

function Head({ detail, to, spanMs }: { detail: ServiceDetail; to: string; spanMs: number }) {
  const hits = detail.resources.reduce((sum, row) => sum + row.hits, 0);
  const errors = detail.resources.reduce((sum, row) => sum + row.errors, 0);
  return (
    <p className="trace-service-head">
      <Link to={to}>{detail.name}</Link>
      <span className="dim">{detail.operation}</span>
      <span>{rateText((hits * 1000) / spanMs)}</span>
      <span>{percentText(hits > 0 ? errors / hits : 0)} errors</span>
    </p>
  );
}

function ResourceList({ detail, link }: { detail: ServiceDetail; link: (resource: string) => string }) {
  const rows = [...detail.resources].sort((a, b) => b.total_ms - a.total_ms).slice(0, RESOURCES_SHOWN);
  if (rows.length === 0) return <p className="chart-state dim">No request in this range.</p>;
  return (
    <table className="table tight" aria-label={`Resources of ${detail.name}`}>
      <thead>
        <tr>
          <th>Resource</th>
          <th className="num">Requests</th>
          <th className="num">p95</th>
          <th className="num">Error rate</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.resource}>
            <td className="cut-cell">
              <Link className="mono" to={link(row.resource)}>
                {row.resource}
              </Link>
            </td>
            <td className="num">{formatCount(row.hits)}</td>
            <td className="num">{msText(row.p95_ms)}</td>
            <td className="num">{percentText(row.error_rate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
