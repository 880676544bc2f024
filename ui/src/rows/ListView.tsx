import type { ReactNode } from "react";
import type { Row, Scope } from "../api/rows";
import { formatCount } from "../format/units";
import { usePageRange } from "../time/page";
import { Button } from "../ui/Button";
import { Empty, Failed, SkeletonRows } from "../ui/States";
import type { RowColumn } from "./columns";
import { RowList } from "./RowList";
import type { useRows } from "./useRows";

interface Props {
  list: ReturnType<typeof useRows>;
  scope: Scope;
  columns: RowColumn[];
  wrap: boolean;
  sort: string;
  onSort: (sort: string) => void;
  open: string;
  onOpen: (row: Row | null) => void;
  onAway: (away: boolean) => void;
  onClear: () => void;
  /** What is shown while there is no row at all, whatever the search. */
  empty: ReactNode;
}

export function ListView({ list, scope, empty, onClear, ...rest }: Props) {
  const { answer, rows, more, problem } = list;
  if (answer.isPending && answer.fetchStatus === "idle")
    return (
      <Empty title="The search was stopped">
        <Button icon="refresh" onClick={() => void answer.refetch()}>
          Run it again
        </Button>
      </Empty>
    );
  if (answer.isPending) return <SkeletonRows rows={14} />;
  if (answer.isError && rows.length === 0)
    return <Failed error={answer.error} retry={() => void answer.refetch()} what="The rows cannot be read" />;
  if (problem && rows.length === 0)
    return (
      <Empty title="The search cannot be read">
        <p>{problem.message}</p>
        <Button onClick={onClear}>Clear the search</Button>
      </Empty>
    );
  if (rows.length === 0) return <NothingFound query={scope.query} empty={empty} onClear={onClear} />;
  const foot = answer.isFetchingNextPage
    ? "reading on…"
    : answer.hasNextPage
      ? ""
      : `all ${formatCount(rows.length)} are shown`;
  return (
    <div className="list-view">
      {answer.isFetching && !answer.isFetchingNextPage && <div className="progress" aria-hidden="true" />}
      <RowList {...rest} rows={rows} label={`List of ${scope.signal}`} onEnd={more} foot={foot} />
    </div>
  );
}

function NothingFound({ query, empty, onClear }: { query: string; empty: ReactNode; onClear: () => void }) {
  const { range, setRange, span } = usePageRange();
  const length = span.toMs - span.fromMs;
  if (query === "" && length >= 24 * 3_600_000) return empty;
  return (
    <Empty title={query === "" ? "Nothing has come in within this range" : "Nothing is found in this range"}>
      <p className="actions center">
        <Button onClick={() => setRange({ kind: "live", spanMs: 24 * 3_600_000 })} disabled={isDay(range)}>
          Look at the past day
        </Button>
        {query !== "" && <Button onClick={onClear}>Clear the search</Button>}
      </p>
    </Empty>
  );
}

const isDay = (range: { kind: string; spanMs?: number }) => range.kind === "live" && range.spanMs === 24 * 3_600_000;
