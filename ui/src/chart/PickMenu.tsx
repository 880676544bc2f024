import { Popover } from "radix-ui";
import { useMemo, useRef } from "react";
import { Link } from "react-router";
import { compareLink } from "../apm/deploy";
import { hostLink, logsLink, tracesLink } from "../apm/links";
import { exploreQueries } from "../dashboard/explore";
import { stamp } from "../format/clock";
import { monitorOfQuery, monitorOfSearch } from "../monitors/prefill";
import { usePageRange } from "../time/page";
import { copyText } from "../ui/clipboard";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";
import type { Line } from "./plot";
import { scopeOf } from "./scope";
import type { Pick } from "./view";

interface Props {
  pick: Pick;
  stepMs: number;
  /** Where the chart can show one line alone. */
  onAlone?: (line: Line) => void;
  onClose: () => void;
}

/** Where a point leads: the logs, traces and hosts of its moment and scope, the explorer, the minutes around it. */
export function PickMenu({ pick, stepMs, onAlone, onClose }: Props) {
  const { zoom, nowMs, span } = usePageRange();
  const { line, timeMs, events, x, y } = pick;
  const anchor = useRef({ getBoundingClientRect: () => new DOMRect(x, y, 0, 0) });
  const around = Math.max(stepMs * 10, 60_000);
  const scope = useMemo(() => scopeOf(line), [line]);
  const range = `from_ms=${Math.round(timeMs - around * 3)}&to_ms=${Math.round(timeMs + around * 3)}`;
  const explore = line && !line.rows ? `${exploreQueries([line.query])}&${range}` : "";
  // The point's own bucket, and one more on either side: what led to it and what came of it.
  const near = Math.max(stepMs, 10_000);
  const moment = { fromMs: timeMs - near, toMs: timeMs + near * 2 };
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={anchor} />
      <Popover.Portal>
        <Popover.Content
          className="menu pick"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Where this point leads"
        >
          <p className="pick-head">
            {line && <span className="dot" style={{ background: line.colour }} />}
            <span className="cut">{line?.label ?? "This moment"}</span>
          </p>
          <p className="pick-time dim">{stamp(timeMs)}</p>
          {events.map((event) => (
            <Link key={event.id} className="menu-item" to={compareLink(event, Math.max(nowMs, span.toMs))}>
              <Icon name="event" /> <span className="cut">{`Before and after: ${event.title}`}</span>
            </Link>
          ))}
          <Link className="menu-item" to={logsLink(scope.logs, moment)}>
            <Icon name="logs" /> Logs of this moment
            <Scope text={scope.logs} />
          </Link>
          <Link className="menu-item" to={tracesLink(scope.spans, moment, "-duration")}>
            <Icon name="traces" /> Traces of this moment
            <Scope text={scope.spans} />
          </Link>
          <Link className="menu-item" to={scope.host ? hostLink(scope.host, moment) : `/hosts?${range}`}>
            <Icon name="hosts" /> {scope.host ? `Host ${scope.host} at this time` : "Hosts at this time"}
          </Link>
          {explore && (
            <Link className="menu-item" to={explore}>
              <Icon name="explore" /> Explore this query
            </Link>
          )}
          {line && (
            <Link className="menu-item" to={monitorOfLine(line)}>
              <Icon name="monitors" /> New monitor from this query
            </Link>
          )}
          <div className="menu-gap" />
          <button
            type="button"
            className="menu-item"
            onClick={() => (zoom(timeMs - around, timeMs + around), onClose())}
          >
            <Icon name="search" /> Zoom in here
          </button>
          {line && onAlone && (
            <button type="button" className="menu-item" onClick={() => (onAlone(line), onClose())}>
              <Icon name="eye" /> This series alone
            </button>
          )}
          <button
            type="button"
            className="menu-item"
            onClick={() =>
              void copyText(`${stamp(timeMs)} ${window.location.href}`).then(() => (toast("Link copied"), onClose()))
            }
          >
            <Icon name="link" /> Copy link to this view
          </button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** All groups of the line's query: a monitor watches each of them. */
function monitorOfLine({ rows, query, group }: Line): string {
  return rows
    ? monitorOfSearch(
        rows.signal,
        rows.query,
        group.map(([key]) => key),
      )
    : monitorOfQuery(query);
}

function Scope({ text }: { text: string }) {
  return <span className="pick-scope mono dim cut">{text}</span>;
}
