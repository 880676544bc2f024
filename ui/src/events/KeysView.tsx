import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { groupTable, rowPage, type Row, type Scope } from "../api/rows";
import { term } from "../apm/links";
import { agoText } from "../format/clock";
import { formatCount } from "../format/units";
import { useTheme } from "../app/theme";
import { StatusBadge } from "../rows/columns";
import { severity, statusColour } from "../rows/status";
import { textOf, valueOf } from "../rows/value";
import { usePageRange } from "../time/page";
import { Empty, Failed, SkeletonRows } from "../ui/States";

/** More keys than this nobody reads; the search narrows them. */
const KEYS_MAX = 200;
const NEWEST = 1_000;

const GROUPING = {
  group_by: [{ field: "@aggregation_key", limit: KEYS_MAX }],
  computes: [{ aggregation: "count" as const }],
};

/** Events that say the same thing, one line each: how often, when last, and each time on a strip of the range. */
export function KeysView({ scope, onQuery }: { scope: Scope; onQuery: (query: string) => void }) {
  const { nowMs } = usePageRange();
  const theme = useTheme();
  const counted = useQuery(groupTable(scope, GROUPING));
  const newest = useQuery({
    queryKey: ["query", "rows", "keys", scope],
    queryFn: ({ signal }) => rowPage(scope, "-timestamp", NEWEST, undefined, signal),
  });
  const groups = useMemo(() => byKey(newest.data?.rows ?? []), [newest.data]);
  if (counted.isPending || newest.isPending) return <SkeletonRows rows={8} />;
  if (counted.isError)
    return <Failed error={counted.error} retry={() => void counted.refetch()} what="The keys cannot be read" />;
  const keys = (counted.data.groups ?? []).filter(({ by }) => by[0]?.[1]);
  if (keys.length === 0)
    return <Empty title="No event here has an aggregation key">Senders set one to group what belongs together.</Empty>;
  const length = scope.toMs - scope.fromMs;
  return (
    <ol className="key-rows" aria-label="Aggregation keys">
      {keys.map(({ by, values }) => {
        const key = by[0][1];
        const rows = groups.get(key) ?? [];
        const last = rows[0];
        return (
          <li key={key}>
            <button
              type="button"
              className="key-row"
              onClick={() => onQuery(`${scope.query} ${term("@aggregation_key", key)}`.trim())}
            >
              <span className="num key-count">{formatCount(values[0])}</span>
              <span className="key-text">
                <b className="cut">{last?.name ?? key}</b>
                <span className="dim mono cut">{key}</span>
              </span>
              <span className="key-strip" aria-hidden="true">
                {rows.map((row) => (
                  <span
                    key={row.id}
                    style={{
                      left: `${((row.time_ms - scope.fromMs) / length) * 100}%`,
                      background: statusColour(row.status ?? "", theme) ?? "var(--faint)",
                    }}
                  />
                ))}
              </span>
              {last?.status ? <StatusBadge status={worst(rows)} /> : <span />}
              <span className="dim num">{last ? agoText(last.time_ms, Math.max(nowMs, last.time_ms)) : ""}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function byKey(rows: Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = textOf(valueOf(row, "@aggregation_key"));
    const list = groups.get(key);
    if (list) list.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

const worst = (rows: Row[]) =>
  rows.map(({ status }) => status ?? "info").sort((a, b) => severity(a) - severity(b))[0] ?? "info";
