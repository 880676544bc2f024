import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Notice } from "../api/notices";
import type { Row } from "../api/rows";
import { percentText } from "../apm/figures";
import { logsLink, tracesLink } from "../apm/links";
import { exactTime } from "../rows/columns";
import { toneOf } from "../rows/status";
import { headline } from "../rows/value";
import { Icon } from "../ui/Icon";
import { Failed, SkeletonRows } from "../ui/States";
import { searchOf } from "./links";

interface Props {
  answer: UseQueryResult<Notice>;
  hasNotice: boolean;
  group: string;
  atMs: number;
}

const DIFFERENCES_SHOWN = 8;
const ROWS_SHOWN = 6;
const HOUR = 3_600_000;

/** What is different about the rows of the bad window, and those rows themselves: both as the notice told them. */
export function BeforePane({ answer, hasNotice, group, atMs }: Props) {
  const moment = { fromMs: atMs - HOUR, toMs: atMs + HOUR / 12 };
  const search = searchOf(group);
  const { data } = answer;
  return (
    <div className="fired-columns">
      <div>
        <h3>What differs from before</h3>
        {hasNotice && answer.isPending && <SkeletonRows rows={4} />}
        {answer.isError && !data && <Failed error={answer.error} what="The notice cannot be read" />}
        {!hasNotice && <p className="dim">Nobody was told of this change, so nothing was compared.</p>}
        {data && data.differences.length === 0 && (
          <p className="dim">No attribute of logs or spans stands out beside the hour before.</p>
        )}
        {data && data.differences.length > 0 && <Differences all={data.differences} />}
      </div>
      <div className="fired-rows">
        <h3>
          <span className="grow">Log lines of the window</span>
          <Link to={logsLink(search, moment)}>
            <Icon name="logs" size={13} /> Logs
          </Link>
          <Link to={tracesLink(search, moment, "-duration")}>
            <Icon name="traces" size={13} /> Traces
          </Link>
        </h3>
        {data && data.logs.length === 0 && <p className="dim">No line was found for this group.</p>}
        {data && data.logs.length > 0 && <Rows rows={data.logs.slice(0, ROWS_SHOWN)} />}
        {!data && !answer.isPending && <p className="dim">Lines are kept with a notice.</p>}
      </div>
    </div>
  );
}

function Differences({ all }: { all: Notice["differences"] }) {
  return (
    <ul className="fired-differences">
      {all.slice(0, DIFFERENCES_SHOWN).map(({ field, value, now, before }) => (
        <li
          key={field + value}
          aria-label={`${field} ${value}: ${percentText(now)} now, ${percentText(before)} before`}
        >
          <span className="mono dim cut" title={field}>
            {field}
          </span>
          <span className="mono cut" title={value}>
            {value}
          </span>
          <span className="difference-bars" aria-hidden="true">
            <span className="selected" style={{ width: `${Math.min(1, now) * 100}%` }} />
            <span className="rest" style={{ width: `${Math.min(1, before) * 100}%` }} />
          </span>
          <span className="num">
            {percentText(now)} <span className="dim">{`was ${percentText(before)}`}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Rows({ rows }: { rows: Row[] }) {
  return (
    <ul className="fired-lines">
      {rows.map((row, index) => (
        <li key={row.id ?? index} title={row.message}>
          <span className={`row-tone ${toneOf(row.status)}`} title={row.status} />
          <span className="dim">{row.time_ms ? exactTime(row.time_ms, false) : ""}</span>
          <span className="cut grow">{headline(row)}</span>
        </li>
      ))}
    </ul>
  );
}
