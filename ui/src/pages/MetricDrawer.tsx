import { useMemo } from "react";
import { useNavigate } from "react-router";
import { metricUnit, useMetric, type MetricDetail } from "../api/metrics";
import { ChartPanel } from "../chart/ChartPanel";
import { PLAIN_LOOK } from "../chart/plot";
import { exploreLink, firstQuery } from "../dashboard/explore";
import { agoText } from "../format/clock";
import { formatBytes, formatCount } from "../format/units";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Failed, SkeletonRows } from "../ui/States";

export function MetricDrawer({ name, onClose }: { name: string; onClose: () => void }) {
  const answer = useMetric(name);
  return (
    <Dialog open onClose={onClose} title={name} size="drawer">
      {answer.isPending && <SkeletonRows rows={6} />}
      {answer.isError && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="This metric cannot be shown" />
      )}
      {answer.data && <Detail metric={answer.data} />}
    </Dialog>
  );
}

function Detail({ metric }: { metric: MetricDetail }) {
  const navigate = useNavigate();
  const { nowMs } = usePageRange();
  const query = firstQuery(metric);
  const requests = useMemo(
    () => [{ spec: { display: "line" as const, queries: [{ name: "a", query }] }, look: PLAIN_LOOK }],
    [query],
  );
  const facts: [string, string][] = [
    ["Type", metric.kind],
    ["Unit", metricUnit(metric.unit) || "none"],
    ["Series", formatCount(metric.series)],
    ["Hosts", formatCount(metric.hosts)],
    ["Samples", formatCount(metric.samples)],
    ["On disk", formatBytes(metric.bytes)],
    ["Last seen", agoText(metric.last_ms, nowMs)],
  ];
  return (
    <div className="stack">
      {metric.description && <p>{metric.description}</p>}
      <div className="drawer-chart">
        <ChartPanel id="drawer" title={metric.name} requests={requests} />
      </div>
      <div className="drawer-actions">
        <Button tone="primary" icon="explore" onClick={() => void navigate(exploreLink(metric))}>
          Explore
        </Button>
        <CopyButton text={query} label={`Copy ${query}`} />
        <code className="dim cut">{query}</code>
      </div>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>Tags</h3>
      {metric.tags.length === 0 && <p className="dim">Without tags.</p>}
      {metric.tags.map(({ key, cardinality, values }) => (
        <section key={key} className="tag-values" aria-label={`Values of ${key}`}>
          <p>
            <b>{key}</b>{" "}
            <span className="dim">{`${formatCount(cardinality)} ${cardinality === 1 ? "value" : "values"}`}</span>
          </p>
          <div className="tags">
            {values.map((value) => (
              <button
                key={value}
                type="button"
                className="tag"
                title="Explore with this tag"
                onClick={() => void navigate(exploreLink(metric, `${key}:${value}`))}
              >
                {value}
              </button>
            ))}
            {cardinality > values.length && (
              <span className="dim">and {formatCount(cardinality - values.length)} more</span>
            )}
          </div>
        </section>
      ))}
    </div>
  );
}
