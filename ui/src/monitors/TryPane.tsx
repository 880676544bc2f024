import { useEffect, useRef, useState } from "react";
import { tryOnPast, type Suggestion, type TryResult } from "../api/monitorDraft";
import type { Monitor } from "../api/monitorModel";
import { rangeText } from "../format/clock";
import { formatCount } from "../format/units";
import type { Span } from "../time/range";
import { Button } from "../ui/Button";
import { Failed } from "../ui/States";
import { shortNumber } from "./thresholds";
import { Timeline } from "./Timeline";
import { spentText } from "./pieces";

const DAY = 86_400_000;
const SPANS: [string, number][] = [
  ["1 day", DAY],
  ["1 week", 7 * DAY],
  ["4 weeks", 28 * DAY],
];

interface Props {
  monitor: Monitor;
  nowMs: number;
  onApply: (suggestion: Suggestion) => void;
}

interface Run {
  span: Span;
  /** The draft that was tried, to say when it is not the one that stands there now. */
  asked: string;
  progress: { done: number; total: number };
  result: TryResult | null;
  error: Error | null;
}

/** The draft over days or weeks of what is stored: when it would have fired, for how long, and how noisy. */
export function TryPane({ monitor, nowMs, onApply }: Props) {
  const [run, setRun] = useState<Run | null>(null);
  const control = useRef<AbortController | null>(null);
  useEffect(() => () => control.current?.abort(), []);
  const start = (lengthMs: number) => {
    control.current?.abort();
    const own = new AbortController();
    control.current = own;
    const toMs = Math.floor(nowMs / 60_000) * 60_000;
    const span = { fromMs: toMs - lengthMs, toMs };
    const put = (part: Partial<Run>) => !own.signal.aborted && setRun((before) => before && { ...before, ...part });
    setRun({ span, asked: JSON.stringify(monitor), progress: { done: 0, total: 0 }, result: null, error: null });
    tryOnPast({ monitor, from_ms: span.fromMs, to_ms: span.toMs }, (progress) => put({ progress }), own.signal)
      .then((result) => put({ result }))
      .catch((error: unknown) => put({ error: error instanceof Error ? error : new Error(String(error)) }));
  };
  const stop = () => {
    control.current?.abort();
    setRun(null);
  };
  const busy = run !== null && run.result === null && run.error === null;
  const length = run && run.span.toMs - run.span.fromMs;
  return (
    <div className="try-pane">
      <div className="sentence">
        Try it on the past
        <span className="segments" role="group" aria-label="How far back">
          {SPANS.map(([label, ms]) => (
            <button key={label} type="button" aria-pressed={length === ms} onClick={() => start(ms)}>
              {label}
            </button>
          ))}
        </span>
        {run?.result && run.asked !== JSON.stringify(monitor) && (
          <span className="tone-warn">The draft has changed since.</span>
        )}
      </div>
      {!run && <p className="dim">The same evaluation as live, minute by minute, over what is stored.</p>}
      {busy && <Progress {...run.progress} onStop={stop} />}
      {run?.error && <Failed error={run.error} what="It could not be tried" retry={() => start(length ?? DAY)} />}
      {run?.result && <Result result={run.result} span={run.span} onApply={onApply} />}
    </div>
  );
}

function Progress({ done, total, onStop }: { done: number; total: number; onStop: () => void }) {
  const share = total > 0 ? done / total : 0;
  return (
    <div className="try-progress">
      <progress value={share} max={1} aria-label="Progress" />
      <span className="dim num">{total > 0 ? `${Math.round(share * 100)} %` : "reading"}</span>
      <Button tone="quiet" icon="close" onClick={onStop}>
        Cancel
      </Button>
    </div>
  );
}

function Result({ result, span, onApply }: { result: TryResult; span: Span; onApply: Props["onApply"] }) {
  const { totals, groups, groups_total, outages, suggestions, evaluations } = result;
  const figures: [string, string, string][] = [
    [formatCount(totals.alerts), totals.alerts === 1 ? "alert" : "alerts", totals.alerts > 0 ? "bad" : ""],
    [formatCount(totals.warnings), "warnings", totals.warnings > 0 ? "warn" : ""],
    [spentText(totals.alert_ms), "in alert", ""],
    [totals.notices_per_day.toFixed(totals.notices_per_day < 10 ? 1 : 0), "notices a day", ""],
    [
      formatCount(totals.flapping_groups),
      totals.flapping_groups === 1 ? "group flaps" : "groups flap",
      totals.flapping_groups > 0 ? "warn" : "",
    ],
    [formatCount(totals.no_data), "times no data", ""],
  ];
  return (
    <>
      <ul className="try-figures">
        {figures.map(([value, label, tone]) => (
          <li key={label}>
            <b className={tone && `tone-${tone}`}>{value}</b>
            <span className="dim">{label}</span>
          </li>
        ))}
      </ul>
      <Timeline groups={groups} outages={outages} span={span} />
      <p className="dim hint">
        {`${rangeText(span.fromMs, span.toMs)}; ${formatCount(evaluations)} evaluations`}
        {groups_total > groups.length && `; the worst ${groups.length} of ${formatCount(groups_total)} groups`}
      </p>
      {suggestions.length > 0 && (
        <table className="table plain suggestions" aria-label="Suggested thresholds">
          <thead>
            <tr>
              <th>Suggested thresholds</th>
              <th className="num">Alert</th>
              <th className="num">Warn</th>
              <th className="num">Alerts</th>
              <th className="num">In alert</th>
              <th>
                <span className="only-read">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {suggestions.map((each) => (
              <tr key={`${each.label}${each.critical}`}>
                <td>{each.label}</td>
                <td className="num">{shortNumber(each.critical)}</td>
                <td className="num">{each.warning === null ? "–" : shortNumber(each.warning)}</td>
                <td className="num">{formatCount(each.alerts)}</td>
                <td className="num">{spentText(each.alert_ms)}</td>
                <td className="num">
                  <Button aria-label={`Use these thresholds: ${each.label}`} onClick={() => onApply(each)}>
                    Use
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
