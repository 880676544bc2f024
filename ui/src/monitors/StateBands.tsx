import { Link } from "react-router";
import type { StateRow } from "../api/monitorModel";
import { rangeText, timeOfDay } from "../format/clock";
import type { Span } from "../time/range";
import { piecesOf, spentMs, spentText } from "./pieces";
import { toneOfStatus } from "./status";

interface Props {
  title: string;
  rows: StateRow[];
  span: Span;
  /** Its end is the moment that was judged. */
  window?: Span;
}

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** What each thing was over the range: members of a composite, or runs of a check. */
export function StateBands({ title, rows, span, window: measured }: Props) {
  const length = span.toMs - span.fromMs;
  const share = (ms: number) => `${Math.min(1, Math.max(0, (ms - span.fromMs) / length)) * 100}%`;
  return (
    <div className="state-bands">
      <ul aria-label={`${title}: states`}>
        {rows.map((row) => (
          <li key={`${row.monitor ?? ""}${row.name}`} className="state-band">
            <span className="state-band-name">
              <Name row={row} />
              <Spent row={row} span={span} />
            </span>
            <span className="state-band-line">
              {piecesOf(row.segments, span).map(({ status, left, width, fromMs, toMs }) => (
                <span
                  key={fromMs}
                  className={`timeline-piece state-fill ${toneOfStatus(status)}`}
                  style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
                  title={`${status}, ${rangeText(fromMs, toMs)}, ${spentText(toMs - fromMs)}`}
                />
              ))}
              {measured && (
                <span
                  className="state-band-now"
                  style={{ left: share(measured.toMs) }}
                  title={`Judged at ${timeOfDay(measured.toMs)}`}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      <p className="state-band-axis dim" aria-hidden="true">
        {TICKS.map((at) => (
          <span key={at}>{timeOfDay(span.fromMs + at * length, false)}</span>
        ))}
      </p>
    </div>
  );
}

function Name({ row: { name, monitor } }: { row: StateRow }) {
  const own = monitor === null || name === "This monitor";
  return own ? (
    <span className="cut">{name}</span>
  ) : (
    <Link className="cut" to={`/monitors/${monitor}`}>
      {name}
    </Link>
  );
}

/** The same in words, for those who don't see the colours. */
function Spent({ row: { segments }, span }: { row: StateRow; span: Span }) {
  const alert = spentMs(segments, "Alert", span);
  const warn = spentMs(segments, "Warn", span);
  const last = segments[segments.length - 1]?.status ?? "No Data";
  return (
    <span className="timeline-sum dim">
      {alert > 0 && <b className="tone-bad">{`alert ${spentText(alert)}`}</b>}
      {warn > 0 && <span className="tone-warn">{`warn ${spentText(warn)}`}</span>}
      {alert === 0 && warn === 0 && <span>{last === "OK" ? "OK" : last}</span>}
    </span>
  );
}
