import { useMemo } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useEvents } from "../api/events";
import { useResource, type ResourceSummary } from "../api/services";
import { durationTerm } from "../apm/distribution";
import { percentText } from "../apm/figures";
import { LatencyHistogram, type Range } from "../apm/LatencyHistogram";
import { both, keepingRange, serviceLink, term, tracesLink } from "../apm/links";
import { ServiceCharts } from "../apm/ServiceCharts";
import { SpanTable } from "../apm/SpanTable";
import { formatCount } from "../format/units";
import { nsText } from "../trace/scale";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useParam } from "../ui/param";
import { Failed, SkeletonRows } from "../ui/States";

const NO_EVENTS: never[] = [];

export function Resource() {
  const { name = "" } = useParams();
  const { search: here } = useLocation();
  const { span } = usePageRange();
  const [resource] = useParam("resource");
  const [operation] = useParam("operation");
  const [env] = useParam("env");
  const [type] = useParam("type");
  const [chosen, setChosen] = useParam("d", false);
  const answer = useResource(name, resource, { env, operation }, span.fromMs, span.toMs);
  const { data: events } = useEvents(span.fromMs, span.toMs, true);
  const range = useMemo(() => readRange(chosen), [chosen]);
  const scope = both(
    term("service", name),
    term("resource_name", resource),
    operation && term("operation_name", operation),
    env && term("env", env),
  );
  const wanted = both(scope, range && durationTerm(range.minNs, range.maxNs));
  return (
    <>
      <PageHead
        title={resource || "Resource"}
        aside={
          <Link className="badge accent" to={keepingRange(serviceLink(name, { env, operation }), here)}>
            {name}
          </Link>
        }
      >
        <Link className="button" to={keepingRange(tracesLink(wanted, undefined, "-duration"), here)}>
          <Icon name="traces" /> Traces
        </Link>
        <TimePicker />
      </PageHead>
      <div className="page-body service-page">
        {answer.isPending && <SkeletonRows rows={10} />}
        {answer.isError && !answer.data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="This resource cannot be shown" />
        )}
        {answer.data && (
          <div className="resource-top">
            <section className="card" aria-label="Latency distribution">
              <header className="card-head">
                <h2 className="grow">
                  Latency distribution <span className="dim">drag over bars to list their traces</span>
                </h2>
                {range && (
                  <Button tone="quiet" icon="close" onClick={() => setChosen("")}>
                    {`${nsText(range.minNs)} to ${nsText(range.maxNs)}`}
                  </Button>
                )}
              </header>
              {answer.data.hits > 0 ? (
                <LatencyHistogram
                  distribution={answer.data.distribution}
                  chosen={range}
                  onChoose={(next) => setChosen(next ? `${Math.round(next.minNs)}-${Math.round(next.maxNs)}` : "")}
                />
              ) : (
                <p className="dim">No request in this range.</p>
              )}
            </section>
            <Summary summary={answer.data} />
          </div>
        )}
        <section className="card flush" aria-label="Traces">
          <header className="card-head">
            <h2 className="grow">{range ? "Traces of these buckets, slowest first" : "Slowest traces"}</h2>
            <Link to={keepingRange(tracesLink(wanted, undefined, "-duration"), here)}>All of them</Link>
          </header>
          <SpanTable
            title="Traces"
            query={wanted}
            fromMs={span.fromMs}
            toMs={span.toMs}
            sort="-duration"
            limit={range ? 30 : 10}
          />
        </section>
        {operation && (
          <ServiceCharts
            operation={operation}
            type={type}
            service={name}
            env={env}
            version=""
            resource={resource}
            events={events ?? NO_EVENTS}
          />
        )}
      </div>
    </>
  );
}

function Summary({ summary }: { summary: ResourceSummary }) {
  const facts: [string, string][] = [
    ["Requests", formatCount(summary.hits)],
    ["Errors", formatCount(summary.errors)],
    ["Error rate", percentText(summary.hits > 0 ? summary.errors / summary.hits : 0)],
    ["Spans a trace", summary.avg_spans_per_trace?.toFixed(1) ?? "–"],
  ];
  return (
    <section className="card" aria-label="Summary">
      <h2>Summary</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function readRange(text: string): Range | null {
  const [minNs, maxNs] = text.split("-").map(Number);
  return maxNs > minNs ? { minNs, maxNs } : null;
}
