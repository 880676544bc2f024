import { Popover } from "radix-ui";
import { useMemo, useRef } from "react";
import { Link } from "react-router";
import { exploreQueries } from "../dashboard/explore";
import { stamp } from "../format/clock";
import { usePageRange } from "../time/page";
import { copyText } from "../ui/clipboard";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";
import type { Line } from "./plot";
import type { Pick } from "./view";

interface Props {
  pick: Pick;
  stepMs: number;
  onAlone: (line: Line) => void;
  onClose: () => void;
}

/** Where a point leads: the host, the explorer, the minutes around it. */
export function PickMenu({ pick, stepMs, onAlone, onClose }: Props) {
  const { zoom } = usePageRange();
  const { line, timeMs, x, y } = pick;
  const anchor = useRef({ getBoundingClientRect: () => new DOMRect(x, y, 0, 0) });
  const host = line?.group.find(([key]) => key === "host")?.[1];
  const around = Math.max(stepMs * 10, 60_000);
  const range = `from_ms=${Math.round(timeMs - around * 3)}&to_ms=${Math.round(timeMs + around * 3)}`;
  const explore = useMemo(() => (line ? `${exploreQueries([line.query])}&${range}` : ""), [line, range]);
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
          {host && (
            <Link className="menu-item" to={`/hosts/${encodeURIComponent(host)}?${range}`}>
              <Icon name="hosts" /> Host {host} at this time
            </Link>
          )}
          {!host && (
            <Link className="menu-item" to={`/hosts?${range}`}>
              <Icon name="hosts" /> Hosts at this time
            </Link>
          )}
          {line && (
            <Link className="menu-item" to={explore}>
              <Icon name="explore" /> Explore this query
            </Link>
          )}
          <button
            type="button"
            className="menu-item"
            onClick={() => (zoom(timeMs - around, timeMs + around), onClose())}
          >
            <Icon name="search" /> Zoom in here
          </button>
          {line && (
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
