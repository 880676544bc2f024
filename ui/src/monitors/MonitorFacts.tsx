import type { MonitorDetail, MonitorOptions } from "../api/monitorModel";
import { ageText, agoText, stamp, stepText } from "../format/clock";
import { Icon } from "../ui/Icon";
import { CopyButton } from "../ui/Copy";
import { scheduleOf } from "./schedule";
import { optionWords } from "./words";
import { typeText } from "./status";
import { GroupsBar } from "./StatusMark";

/** What it watches, how it is judged, and how its evaluations go. */
export function MonitorFacts({ detail, nowMs }: { detail: MonitorDetail; nowMs: number }) {
  const { monitor, counts, evaluation } = detail;
  const words = optionWords(monitor.type, monitor.options as MonitorOptions);
  return (
    <section className="card monitor-facts" aria-label="About this monitor">
      <div className="copy-line">
        <pre className="query-text">{monitor.query}</pre>
        <CopyButton text={monitor.query} label="Copy the query" />
      </div>
      <dl className="facts">
        <Fact name="Type">{typeText(monitor.type)}</Fact>
        <Fact name="Groups">
          <GroupsBar counts={counts} />
        </Fact>
        <Fact name="Evaluated">
          <Evaluation evaluation={evaluation} nowMs={nowMs} scheduled={scheduleOf(monitor.options) !== null} />
        </Fact>
        {words.length > 0 && (
          <Fact name="Options">
            <ul className="option-words">
              {words.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </Fact>
        )}
        {monitor.tags.length > 0 && (
          <Fact name="Tags">
            <span className="tags">
              {monitor.tags.map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </span>
          </Fact>
        )}
        <Fact name="Made">{madeText(detail)}</Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface EvaluationProps {
  evaluation: MonitorDetail["evaluation"];
  nowMs: number;
  /** At times of its own. */
  scheduled: boolean;
}

function Evaluation({ evaluation, nowMs, scheduled }: EvaluationProps) {
  const { last_ms, next_ms, lag_ms, took_ms, error, every_ms } = evaluation;
  const next = next_ms === null ? "" : next_ms > nowMs ? `, next in ${ageText(next_ms - nowMs)}` : ", next is due";
  const often = scheduled ? "at set times" : `every ${stepText(every_ms)}`;
  const took = took_ms === null ? "" : `took ${took_ms < 10 ? took_ms.toFixed(1) : Math.round(took_ms)} ms`;
  const lag = lag_ms === null ? "" : `${Math.round(lag_ms)} ms after it was due`;
  return (
    <>
      <span title={last_ms ? stamp(last_ms) : undefined}>{`${often}; last ${agoText(last_ms, nowMs)}${next}`}</span>
      <br />
      <span className="dim">{[took, lag].filter(Boolean).join(", ")}</span>
      {error && (
        <p className="form-error" role="alert">
          <Icon name="warn" size={13} /> {error}
        </p>
      )}
    </>
  );
}

function madeText({ monitor }: MonitorDetail): string {
  const by = monitor.creator?.name || monitor.creator?.handle || monitor.creator?.email;
  const at = monitor.modified && Date.parse(monitor.modified);
  return [by && `by ${by}`, at && `changed ${stamp(at)}`].filter(Boolean).join(", ") || "–";
}
