import { useCallback, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import type { MonitorDetail, Transition } from "../api/monitorModel";
import { useGraph, useHistory, useMonitor } from "../api/monitors";
import { agoText, stamp } from "../format/clock";
import { DeliveriesCard } from "../monitors/DeliveriesCard";
import { FiredPane } from "../monitors/FiredPane";
import { GroupsTable } from "../monitors/GroupsTable";
import { MessageCard } from "../monitors/MessageCard";
import { MonitorActions } from "../monitors/MonitorActions";
import { MonitorChart } from "../monitors/MonitorChart";
import { MonitorFacts } from "../monitors/MonitorFacts";
import type { PlotArea } from "../monitors/plotArea";
import { askedSpan } from "../monitors/thresholds";
import { groupText } from "../monitors/status";
import { MutedMark, StatusMark } from "../monitors/StatusMark";
import { Timeline } from "../monitors/Timeline";
import { TransitionsCard } from "../monitors/TransitionsCard";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { Failed, SkeletonRows } from "../ui/States";

/** One monitor: what it is now, its history, who was told; and, by the link of a notice, why it fired. */
export function MonitorPage() {
  const { id = "" } = useParams();
  const answer = useMonitor(id);
  const detail = answer.data;
  return (
    <>
      <PageHead
        title={detail?.monitor.name || "Monitor"}
        aside={
          detail && (
            <>
              {detail.status && <StatusMark status={detail.status} />}
              {detail.monitor.priority != null && <span className="badge">{`P${detail.monitor.priority}`}</span>}
              <MutedMark muted={detail.muted} />
            </>
          )
        }
      >
        <Link className="button quiet" to="/monitors">
          <Icon name="back" /> Monitors
        </Link>
        {detail && <MonitorActions id={id} monitor={detail.monitor} muted={detail.muted} />}
        <TimePicker />
      </PageHead>
      <div className="page-body monitor-page">
        {answer.isPending && <SkeletonRows rows={12} />}
        {answer.isError && !detail && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="This monitor cannot be shown" />
        )}
        {detail && <Body key={id} id={id} detail={detail} />}
      </div>
    </>
  );
}

function Body({ id, detail }: { id: string; detail: MonitorDetail }) {
  const { span, zoom, nowMs } = usePageRange();
  const [params, setParams] = useSearchParams();
  const [area, setArea] = useState<PlotArea | null>(null);
  const group = params.get("group") ?? "";
  const atMs = Number(params.get("at")) || 0;
  // Beside the one that fired, all of them: whether it is alone is the next question.
  const only = atMs > 0 ? "" : group;
  const asked = askedSpan(span, detail.parsed);
  const graph = useGraph(id, asked.fromMs, asked.toMs, only);
  const history = useHistory(id, span.fromMs, span.toMs, "");
  const set = useCallback(
    (part: Record<string, string>) =>
      setParams((current) => {
        const next = new URLSearchParams(current);
        for (const [name, value] of Object.entries(part)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      }),
    [setParams],
  );
  const onGroup = useCallback(
    (next: string) => set({ group: next === group ? "" : next, at: "", notice: "" }),
    [set, group],
  );
  const why = ({ at_ms, group: of, notice_key }: Pick<Transition, "at_ms" | "group" | "notice_key">) =>
    set({ at: String(at_ms), group: of, notice: notice_key ?? "" });
  const transitions = history.data?.transitions ?? [];
  const shown = only ? transitions.filter((each) => each.group === only) : transitions;
  const unit = graph.data?.results[0]?.series[0]?.unit ?? null;
  const { thresholds = {}, comparator = ">" } = graph.data ?? detail.parsed ?? {};
  return (
    <>
      {atMs > 0 && (
        <FiredPane
          key={`${atMs}${group}`}
          {...{ id, atMs, group, muted: mutedOf(detail, group), parsed: detail.parsed }}
          notice={params.get("notice") ?? ""}
          asked={params.has("mute")}
          onAsked={() => set({ mute: "" })}
          onClose={() => set({ at: "", notice: "", mute: "" })}
        />
      )}
      <div className="monitor-columns">
        <section className="card monitor-main" aria-label="Evaluated query">
          <header className="card-head">
            <h2 className="grow">
              {sinceText(detail, nowMs)}
              {only && (
                <button type="button" className="tag chosen-group" title="Show all groups" onClick={() => onGroup("")}>
                  {groupText(only)} ×
                </button>
              )}
            </h2>
          </header>
          {graph.isError && !graph.data && (
            <Failed error={graph.error} retry={() => void graph.refetch()} what="The query cannot be drawn" />
          )}
          {!(graph.isError && !graph.data) && (
            <div className="monitor-graph">
              <MonitorChart
                title={detail.monitor.name}
                picture={graph.data}
                busy={graph.isFetching}
                {...{ span, comparator }}
                thresholds={thresholds}
                transitions={shown}
                onArea={setArea}
              />
            </div>
          )}
          {history.isError && !history.data && (
            <Failed error={history.error} retry={() => void history.refetch()} what="The history cannot be read" />
          )}
          {history.data && (
            <Timeline
              groups={history.data.groups}
              outages={history.data.outages}
              {...{ span, area, chosen: group, onGroup }}
              onZoom={zoom}
              onPiece={(of, at_ms) => why(transitionAt(transitions, of, at_ms))}
            />
          )}
        </section>
        <div className="stack">
          <MonitorFacts detail={detail} nowMs={nowMs} />
          <MessageCard monitor={detail.monitor} status={detail.status ?? "OK"} group={detail.groups[0]?.group ?? ""} />
        </div>
      </div>
      <GroupsTable
        id={id}
        groups={detail.groups}
        total={detail.groups_total}
        {...{ unit, nowMs, onGroup }}
        chosen={group}
      />
      <div className="monitor-halves">
        <TransitionsCard transitions={shown} unit={unit} onWhy={why} />
        <DeliveriesCard id={id} onNotice={({ at_ms, group: of, key }) => why({ at_ms, group: of, notice_key: key })} />
      </div>
    </>
  );
}

function sinceText({ status, groups, counts }: MonitorDetail, nowMs: number): string {
  if (status === null) return "Not evaluated yet";
  const since = groups
    .filter((each) => each.status === status)
    .reduce((first, { since_ms }) => (since_ms ? Math.min(first, since_ms) : first), Infinity);
  const many =
    counts.total > 1 && status !== "OK"
      ? `${groups.filter((each) => each.status === status).length} of ${counts.total} groups: `
      : "";
  return Number.isFinite(since)
    ? `${many}${status} since ${stamp(since)} (${agoText(since, nowMs)})`
    : `${many}${status}`;
}

const mutedOf = ({ muted, groups }: MonitorDetail, group: string) =>
  muted ?? groups.find((each) => each.group === group)?.muted ?? null;

/** A piece begins with the change that made it; one that began before the range is asked about where it is seen first. */
function transitionAt(all: Transition[], group: string, atMs: number) {
  const found = all.find((each) => each.group === group && Math.abs(each.at_ms - atMs) < 1_000);
  return found ?? { at_ms: atMs, group, notice_key: null };
}
