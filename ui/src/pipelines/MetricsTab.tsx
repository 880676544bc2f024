import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { rowMetrics, useDeleteRowMetric, type MetricSource, type RowMetric } from "../api/pipelines";
import { exploreLink } from "../dashboard/explore";
import { Button, IconButton } from "../ui/Button";
import { Confirm } from "../ui/Confirm";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { MetricDialog } from "./MetricDialog";

export const FRESH: RowMetric = {
  id: "",
  attributes: { compute: { aggregation_type: "count" }, filter: { query: "" }, group_by: [] },
};

/** Metrics counted from rows as they come in: they outlive the rows, and cost a fraction of them. */
export function MetricsTab() {
  return (
    <div className="config-tab">
      <Source source="logs" title="From logs" />
      <Source source="spans" title="From spans" />
    </div>
  );
}

interface Edited {
  metric: RowMetric;
  isNew: boolean;
}

function Source({ source, title }: { source: MetricSource; title: string }) {
  const answer = useQuery(rowMetrics(source));
  const remove = useDeleteRowMetric(source);
  const [edited, setEdited] = useState<Edited | null>(null);
  const [doomed, setDoomed] = useState<RowMetric | null>(null);
  const list = answer.data?.data ?? [];
  return (
    <section aria-label={title}>
      <div className="config-head">
        <h2 className="grow">{title}</h2>
        <Button icon="plus" onClick={() => setEdited({ metric: FRESH, isNew: true })}>
          Metric
        </Button>
      </div>
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The metrics cannot be read" />
      )}
      {answer.isSuccess && list.length === 0 && (
        <p className="dim">
          None yet. A metric counts, or measures, the {source} that match a search: on all that comes in, before any
          sampling.
        </p>
      )}
      {list.length > 0 && (
        <table className="table plain config-table">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Is</th>
              <th scope="col">{`Of ${source} that match`}</th>
              <th scope="col">By</th>
              <th scope="col" aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {list.map((metric) => (
              <Line
                key={metric.id}
                metric={metric}
                onEdit={() => setEdited({ metric, isNew: false })}
                onRemove={() => setDoomed(metric)}
              />
            ))}
          </tbody>
        </table>
      )}
      {edited && <MetricDialog source={source} {...edited} onClose={() => setEdited(null)} />}
      <Confirm
        open={doomed !== null}
        title="Delete the metric"
        text={`${doomed?.id ?? ""} is no longer counted. What was counted stays as long as metrics do.`}
        action="Delete"
        busy={remove.isPending}
        onConfirm={() =>
          doomed &&
          remove.mutate(doomed.id, {
            onSuccess: () => setDoomed(null),
            onError: (error) => toast(error.message, "bad"),
          })
        }
        onClose={() => setDoomed(null)}
      />
    </section>
  );
}

function Line({ metric, onEdit, onRemove }: { metric: RowMetric; onEdit: () => void; onRemove: () => void }) {
  const { compute, filter, group_by } = metric.attributes;
  const counts = compute.aggregation_type === "count";
  return (
    <tr>
      <td>
        <Link to={exploreLink({ name: metric.id, kind: counts ? "count" : "distribution" })} className="mono">
          {metric.id}
        </Link>
      </td>
      <td>{counts ? "a count" : <span className="mono">{`distribution of ${compute.path ?? ""}`}</span>}</td>
      <td className="mono clip">{filter.query || "*"}</td>
      <td className="mono">{group_by.map(({ path, tag_name }) => tag_name ?? path).join(", ") || "–"}</td>
      <td className="num">
        <IconButton icon="edit" label={`Edit ${metric.id}`} onClick={onEdit} />
        <IconButton icon="trash" label={`Delete ${metric.id}`} onClick={onRemove} />
      </td>
    </tr>
  );
}
