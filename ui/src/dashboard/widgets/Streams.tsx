import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { Row } from "../../api/rows";
import { CLOCK_COLUMN, CONTENT_COLUMN, EVENT_COLUMN, fieldColumn, TIME_COLUMN } from "../../rows/columns";
import { Histogram } from "../../rows/Histogram";
import { RowDetail } from "../../rows/RowDetail";
import { RowList } from "../../rows/RowList";
import { useHeld, useRows } from "../../rows/useRows";
import { ValueMenu } from "../../rows/ValueMenu";
import { exclude, filterBy } from "../../rows/filters";
import { usePageRange } from "../../time/page";
import { Dialog } from "../../ui/Dialog";
import { SkeletonRows } from "../../ui/States";
import { useSeen } from "../../ui/seen";
import { useBoard } from "../context";
import type { Definition } from "../model";
import { streamOf, streamPage, type Stream } from "../rowsSource";
import { NotDrawn } from "./NotDrawn";
import { useWidgetSpan } from "./span";

export function StreamWidget({ definition }: { definition: Definition }) {
  const { fill } = useBoard();
  const stream = useMemo(() => streamOf(definition, fill), [definition, fill]);
  if (!stream) return <NotDrawn type={definition.type} />;
  return <Rows stream={stream} definition={definition} />;
}

/** A list in a dashboard: a row opens over it, and its values lead to the page of the rows. */
function Rows({ stream, definition }: { stream: Stream; definition: Definition }) {
  const page = usePageRange();
  const navigate = useNavigate();
  const own = useWidgetSpan(definition);
  const [away, setAway] = useState(false);
  const [open, setOpen] = useState<Row | null>(null);
  const [root, seen] = useSeen<HTMLDivElement>();
  const span = useHeld(own ?? page.span, away || open !== null);
  const { signal, query, sort, wrap } = stream;
  const { answer, rows, more, problem } = useRows({ signal, query, ...span }, sort, seen);
  const columns = useMemo(() => {
    const last = signal === "events" ? EVENT_COLUMN : CONTENT_COLUMN;
    const time = definition.show_date_column === false ? CLOCK_COLUMN : TIME_COLUMN;
    return [time, ...stream.columns.map(fieldColumn), ...(definition.show_message_column === false ? [] : [last])];
  }, [signal, stream.columns, definition.show_date_column, definition.show_message_column]);
  const go = (text: string) => void navigate(streamPage({ ...stream, query: text }));
  const actions = {
    filter: (field: string, value: string | number | boolean) => go(filterBy(query, field, value)),
    exclude: (field: string, value: string | number | boolean) => go(exclude(query, field, value)),
  };
  return (
    <ValueMenu actions={actions}>
      <div ref={root} className={`stream-widget ${signal}`}>
        {answer.isPending && <SkeletonRows rows={5} />}
        {answer.isError && rows.length === 0 && <p className="chart-state form-error">{answer.error.message}</p>}
        {problem && <p className="chart-state form-error">{problem.message}</p>}
        {answer.isSuccess && !problem && rows.length === 0 && <p className="chart-state dim">Nothing in this range</p>}
        {rows.length > 0 && (
          <RowList
            rows={rows}
            columns={columns}
            label={definition.title ?? signal}
            open=""
            onOpen={setOpen}
            wrap={wrap}
            onEnd={more}
            onAway={setAway}
            quiet
          />
        )}
      </div>
      {open && (
        <Dialog open onClose={() => setOpen(null)} title={signal} size="drawer">
          <RowDetail row={open} signal={signal} onOpen={setOpen} bare />
        </Dialog>
      )}
    </ValueMenu>
  );
}

/** Events as bars over time, by their status. */
export function TimelineWidget({ definition }: { definition: Definition }) {
  const { fill } = useBoard();
  const page = usePageRange();
  const own = useWidgetSpan(definition);
  const stream = useMemo(() => streamOf(definition, fill), [definition, fill]);
  const { fromMs, toMs } = own ?? page.span;
  const scope = useMemo(
    () => ({ signal: "events" as const, query: stream?.query ?? "", fromMs, toMs }),
    [stream?.query, fromMs, toMs],
  );
  return (
    <div className="timeline-widget">
      <Histogram scope={scope} title={definition.title ?? "Events"} />
    </div>
  );
}
