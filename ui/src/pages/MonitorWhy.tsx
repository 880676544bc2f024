import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { useGraph, useMonitor } from "../api/monitors";
import { useWhy, type Why } from "../api/notices";
import type { QueryResult, Unit } from "../api/query";
import { useHotkeys } from "../app/hotkeys";
import { stamp, timeOfDay } from "../format/clock";
import { formatValue } from "../format/units";
import { MonitorChart } from "../monitors/MonitorChart";
import { groupText, kindText } from "../monitors/status";
import { StatusMark } from "../monitors/StatusMark";
import { Steps } from "../monitors/Steps";
import { usePageRange } from "../time/page";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { useRested } from "../ui/rested";
import { Failed, SkeletonRows } from "../ui/States";

const MINUTE = 60_000;
/** Before the minute and after it: enough to see where the line came from and went. */
const BEFORE_MS = 60 * MINUTE;
const AFTER_MS = 15 * MINUTE;
const REST_MS = 120;

/** Any past minute of a group, evaluated again: the points, the thresholds, the steps, and whether it agrees with the record. */
export function MonitorWhy() {
  const { id = "" } = useParams();
  const { nowMs } = usePageRange();
  const [params, setParams] = useSearchParams();
  const detail = useMonitor(id).data;
  const [start] = useState(nowMs);
  const group = params.get("group") ?? detail?.groups[0]?.group ?? "";
  const every = detail?.evaluation.every_ms ?? MINUTE;
  const atMs = floor(Number(params.get("at")) || detail?.evaluation.last_ms || start, MINUTE);
  const rested = useRested(atMs, REST_MS);
  const why = useWhy(id, rested, group, detail !== undefined);
  const set = (name: string, value: string, replace = false) =>
    setParams(
      (current) => {
        const next = new URLSearchParams(current);
        next.set(name, value);
        return next;
      },
      { replace },
    );
  const move = (by: number) => set("at", String(Math.min(atMs + by, floor(nowMs, MINUTE))), true);
  useHotkeys({
    ArrowLeft: () => move(-every),
    ArrowRight: () => move(every),
    ArrowUp: () => move(-10 * every),
    ArrowDown: () => move(10 * every),
  });
  const name = detail?.monitor.name ?? "the monitor";
  return (
    <>
      <PageHead title={`Why: ${name}`}>
        <Link className="button quiet" to={`/monitors/${id}`}>
          <Icon name="back" /> Monitor
        </Link>
        <select
          className="input inline"
          aria-label="Group"
          value={group}
          onChange={(event) => set("group", event.target.value)}
        >
          {!detail?.groups.some((each) => each.group === group) && <option value={group}>{groupText(group)}</option>}
          {(detail?.groups ?? []).map((each) => (
            <option key={each.group} value={each.group}>
              {`${groupText(each.group)} (${each.status})`}
            </option>
          ))}
        </select>
        <div className="minute" role="group" aria-label="Minute">
          <Button tone="quiet" onClick={() => move(-10 * every)} title="Ten evaluations earlier (↑)">
            −10
          </Button>
          <IconButton icon="back" label="The evaluation before" shortcut="←" onClick={() => move(-every)} />
          <b className="minute-at">{stamp(atMs)}</b>
          <IconButton
            icon="forward"
            label="The evaluation after"
            shortcut="→"
            disabled={atMs + every > nowMs}
            onClick={() => move(every)}
          />
          <Button
            tone="quiet"
            onClick={() => move(10 * every)}
            title="Ten evaluations later (↓)"
            disabled={atMs + every > nowMs}
          >
            +10
          </Button>
        </div>
      </PageHead>
      <div className="page-body monitor-page">
        {why.isPending && <SkeletonRows rows={10} />}
        {why.isError && !why.data && (
          <Failed error={why.error} retry={() => void why.refetch()} what="This minute cannot be evaluated again" />
        )}
        {why.data && (
          <Body id={id} why={why.data} answer={why} onMinute={(ms) => set("at", String(floor(ms, MINUTE)))} />
        )}
      </div>
    </>
  );
}

const floor = (ms: number, step: number) => Math.floor(ms / step) * step;

interface BodyProps {
  id: string;
  why: Why;
  answer: ReturnType<typeof useWhy>;
  onMinute: (ms: number) => void;
}

function Body({ id, why, answer, onMinute }: BodyProps) {
  const { at_ms, group, window: measured, recorded } = why;
  const span = {
    fromMs: Math.min(measured.from_ms, at_ms - BEFORE_MS),
    toMs: at_ms + AFTER_MS,
  };
  const graph = useGraph(id, span.fromMs, span.toMs, group, at_ms);
  const unit = why.results[0]?.series[0]?.unit ?? null;
  return (
    <>
      <section className="card why-verdict" aria-label="What came of it">
        <StatusMark status={why.status_before} large />
        <Icon name="forward" />
        <StatusMark status={why.status_after} large />
        <div className="grow">
          <p className="why-comparison">{why.comparison || formatValue(why.value, unit)}</p>
          <p className="dim">{groupText(group)}</p>
        </div>
        <div className="why-recorded">
          {recorded ? (
            <p>{`Recorded at ${timeOfDay(recorded.at_ms)}: ${kindText(recorded.kind)}, ${recorded.from} to ${recorded.to}`}</p>
          ) : (
            <p className="dim">No change was recorded at this evaluation.</p>
          )}
          {why.muted && <p className="dim">{`Muted: ${why.muted}`}</p>}
          {why.notice_key && (
            <Link to={`/monitors/${id}?${new URLSearchParams({ group, at: String(at_ms), notice: why.notice_key })}`}>
              The notice of it
            </Link>
          )}
        </div>
      </section>
      <section className="card" aria-label="The window in its hour">
        <h2>
          The window in its hour <span className="dim">drag on the chart to go to another minute</span>
        </h2>
        <div className="monitor-graph">
          <MonitorChart
            title="The window in its hour"
            picture={graph.data}
            busy={graph.isFetching}
            span={span}
            thresholds={why.thresholds}
            comparator={why.comparator}
            window={{ fromMs: measured.from_ms, toMs: measured.to_ms }}
            onZoom={(fromMs, toMs) => onMinute((fromMs + toMs) / 2)}
          />
        </div>
      </section>
      <div className="monitor-halves">
        <section className="card" aria-label="Steps">
          <h2>Steps</h2>
          <Steps answer={answer} />
        </section>
        <section className="card" aria-label="Points of the window">
          <h2>
            Points of the window{" "}
            <span className="dim">{`${timeOfDay(measured.from_ms)} to ${timeOfDay(measured.to_ms)}`}</span>
          </h2>
          <pre className="query-text">{why.query}</pre>
          <Points results={why.results} fromMs={measured.from_ms} toMs={measured.to_ms} />
        </section>
      </div>
    </>
  );
}

const POINTS_SHOWN = 400;

interface PointsProps {
  results: QueryResult[];
  fromMs: number;
  toMs: number;
}

/** The answer begins before the window, for its chart: only what was measured is listed. */
function Points({ results, fromMs, toMs }: PointsProps) {
  const points = results.flatMap(({ times, series }) =>
    series.flatMap(({ values, unit, group }) =>
      times.flatMap((ms, index) =>
        ms >= fromMs && ms < toMs
          ? [{ ms, value: values[index] ?? null, unit, group: group.map(([, text]) => text).join(", ") }]
          : [],
      ),
    ),
  );
  if (points.length === 0) return <p className="dim">The window holds no point.</p>;
  return (
    <div className="why-points" role="group" aria-label="Points" tabIndex={0}>
      <table className="table plain">
        <tbody>
          {points.slice(0, POINTS_SHOWN).map(({ ms, value, unit, group }, index) => (
            <tr key={index}>
              <td className="dim">{timeOfDay(ms)}</td>
              <td className="mono dim">{group}</td>
              <td className="num">
                {value === null ? <span className="dim">no value</span> : wholeValue(value, unit)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {points.length > POINTS_SHOWN && <p className="dim hint">{`the first ${POINTS_SHOWN} of ${points.length}`}</p>}
    </div>
  );
}

/** As it was measured: nothing of it is rounded to thousands. */
const wholeValue = (value: number, unit: Unit | null) =>
  unit ? formatValue(value, unit, { precision: 4 }) : value.toLocaleString("en-US", { maximumSignificantDigits: 8 });
