import { useState } from "react";
import type { Row, Signal } from "../api/rows";
import { useHotkeys } from "../app/hotkeys";
import { formatCount } from "../format/units";
import { Button } from "../ui/Button";
import type { RowColumn } from "./columns";
import { RowList } from "./RowList";
import { useTail } from "./useTail";

interface Props {
  signal: Signal;
  query: string;
  columns: RowColumn[];
  wrap: boolean;
  open: string;
  onOpen: (row: Row | null) => void;
}

/** What comes in now. Reading pauses it: an open row, or a list that was scrolled, does not run away. */
export function TailView({ signal, query, columns, wrap, open, onOpen }: Props) {
  const [stopped, setStopped] = useState(false);
  const [away, setAway] = useState(false);
  const paused = stopped || away || open !== "";
  const { rows, waiting, dropped, perSecond, state, clear } = useTail(signal, query, paused);
  useHotkeys({ p: () => setStopped(!stopped), " ": () => setStopped(!stopped) });
  return (
    <>
      <div className="tail-bar" role="status">
        <span className={`badge ${state === "lost" ? "bad" : paused ? "warn" : "ok"}`}>
          <span className={`dot ${state === "lost" ? "bad" : paused ? "warn" : "ok"}`} />
          {state === "lost" ? "connection lost, trying again" : paused ? "paused" : "live"}
        </span>
        <span className="dim">{`${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} a second`}</span>
        {waiting > 0 && <span>{`${formatCount(waiting)} more since`}</span>}
        {dropped > 0 && (
          <span
            className="badge warn"
            title="More came in than a page can take; all of them are kept and can be searched"
          >
            {`${formatCount(dropped)} not shown`}
          </span>
        )}
        <span className="grow" />
        <Button tone="quiet" icon="trash" onClick={clear}>
          Clear
        </Button>
        <Button icon={stopped ? "play" : "pause"} onClick={() => setStopped(!stopped)} title="p or space">
          {stopped ? "Go on" : "Pause"}
        </Button>
      </div>
      {rows.length === 0 ? (
        <div className="state">
          <p className="state-title">{state === "open" ? "Waiting for the next row" : "Connecting"}</p>
          <p className="state-text">
            {query === ""
              ? "Nothing has come in since this page was opened."
              : "Nothing that the search finds has come in yet."}
          </p>
        </div>
      ) : (
        <RowList
          rows={rows}
          columns={columns}
          label={`Live ${signal}`}
          open={open}
          onOpen={onOpen}
          wrap={wrap}
          onAway={setAway}
          foot={`the last ${formatCount(rows.length)}`}
        />
      )}
    </>
  );
}
