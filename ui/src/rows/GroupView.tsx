import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { EventEntry } from "../api/events";
import { groupSeries, groupTable, type Compute, type Grouping, type Scope } from "../api/rows";
import { useTheme } from "../app/theme";
import { DrawnChart } from "../chart/DrawnChart";
import { Empty, Failed, SkeletonChart, SkeletonRows } from "../ui/States";
import { useValueMenu } from "./actions";
import { GroupBar } from "./GroupBar";
import { figureText, GroupTable } from "./GroupTable";
import { groupPlot, groupText } from "./plots";
import { unitOfField } from "./value";
import { computeLabel, type RowsView, type SetRowsView } from "./view";

interface Props {
  scope: Scope;
  view: RowsView;
  set: SetRowsView;
  events: EventEntry[];
}

type Sort = NonNullable<Grouping["sort"]>;

/** Any figures by any fields: over time with the table under it, the table alone, or the top of it. */
export function GroupView({ scope, view, set, events }: Props) {
  const [sort, setSort] = useState<Sort>({ compute: 0, order: "desc" });
  const compute = Math.min(sort.compute, view.computes.length - 1);
  const grouping = useMemo<Grouping>(
    () => ({
      group_by: view.by.map((field) => ({ field, limit: view.limit })),
      computes: view.computes,
      sort: { ...sort, compute },
    }),
    [view.by, view.limit, view.computes, sort, compute],
  );
  const answer = useQuery(groupTable(scope, grouping, view.display === "toplist" ? "toplist" : "table"));
  const { data } = answer;
  return (
    <div className="group-view" data-loading={answer.isFetching || undefined}>
      <GroupBar scope={scope} view={view} set={set} />
      {view.display === "timeseries" && (
        <div className="group-charts">
          {view.computes.map((each, index) => (
            <OverTime
              key={computeLabel(each)}
              scope={scope}
              grouping={grouping}
              compute={each}
              index={index}
              events={events}
            />
          ))}
        </div>
      )}
      {answer.isPending && <SkeletonRows rows={8} />}
      {answer.isError && !data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The groups cannot be computed" />
      )}
      {data && !data.error && data.groups?.length === 0 && (
        <Empty title="No groups">Nothing that the search finds has these fields in this range.</Empty>
      )}
      {data && data.groups?.length > 0 && view.display !== "toplist" && (
        <GroupTable answer={data} view={view} signal={scope.signal} sort={sort} onSort={setSort} set={set} />
      )}
      {data && data.groups?.length > 0 && view.display === "toplist" && (
        <TopList groups={data.groups} compute={view.computes[compute]} index={compute} signal={scope.signal} />
      )}
    </div>
  );
}

interface OverTimeProps {
  scope: Scope;
  grouping: Grouping;
  compute: Compute;
  index: number;
  events: EventEntry[];
}

const AXIS = {};

function OverTime({ scope, grouping, compute, index, events }: OverTimeProps) {
  const theme = useTheme();
  const { data, isFetching, isError } = useQuery(groupSeries(scope, grouping));
  const { signal, query } = scope;
  const plot = useMemo(
    () => (data?.series ? groupPlot(data, compute, index, theme, { signal, query }) : null),
    [data, compute, index, theme, signal, query],
  );
  const span = useMemo(() => ({ fromMs: scope.fromMs, toMs: scope.toMs }), [scope.fromMs, scope.toMs]);
  const label = computeLabel(compute);
  return (
    <section className="group-chart" aria-label={label}>
      <h3>{label}</h3>
      {isFetching && plot && <div className="progress" aria-hidden="true" />}
      {!plot && !isError && !data?.error && <SkeletonChart />}
      {isError && !plot && <p className="chart-state dim">This chart could not be drawn.</p>}
      {plot && plot.lines.length === 0 && <p className="chart-state dim">Nothing in this range</p>}
      {plot && plot.lines.length > 0 && (
        <DrawnChart
          id={`m${index}`}
          title={label}
          plot={plot}
          span={span}
          axis={AXIS}
          legend="names"
          events={events}
          bare={false}
          theme={theme}
        />
      )}
    </section>
  );
}

interface TopListProps {
  groups: { by: [string, string][]; values: (number | null)[] }[];
  compute: Compute;
  index: number;
  signal: Scope["signal"];
}

function TopList({ groups, compute, index, signal }: TopListProps) {
  const menu = useValueMenu();
  const most = Math.max(0, ...groups.map(({ values }) => values[index] ?? 0));
  const unit = unitOfField(signal, compute.field);
  return (
    <ol className="top-rows group-top" aria-label={computeLabel(compute)}>
      {groups.map(({ by, values }) => (
        <li key={JSON.stringify(by)}>
          <span className="top-bar" style={{ width: `${most > 0 ? ((values[index] ?? 0) / most) * 100 : 0}%` }} />
          <button
            type="button"
            className="top-name plain-value cut"
            onClick={(event) => by[0] && menu?.(event.currentTarget, by[0][0], by[0][1])}
          >
            {groupText(by) || "all"}
          </button>
          <span className="top-value">{figureText(values[index], compute.aggregation, unit)}</span>
        </li>
      ))}
    </ol>
  );
}
