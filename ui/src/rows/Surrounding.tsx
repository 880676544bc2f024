import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { around, type Row, type Signal } from "../api/rows";
import { both, logsLink, term } from "../apm/links";
import { Failed, SkeletonRows } from "../ui/States";
import { exactTime } from "./columns";
import { toneOf } from "./status";
import { headline } from "./value";

const LINES = 25;
const AROUND_MS = 60_000;

/** What the same service on the same host said just before and after, oldest first. */
export function Surrounding({ signal, row, onOpen }: { signal: Signal; row: Row; onOpen: (row: Row) => void }) {
  const { data, isPending, isError, error, refetch } = useQuery(around(signal, row.id, LINES));
  if (isPending) return <SkeletonRows rows={8} />;
  if (isError)
    return <Failed error={error} retry={() => void refetch()} what="The lines around this one cannot be read" />;
  const query = both(row.service && term("service", row.service), row.host && term("host", row.host));
  const moment = { fromMs: row.time_ms - AROUND_MS, toMs: row.time_ms + AROUND_MS };
  const oldest = (rows: Row[]) => [...rows].sort((a, b) => (BigInt(a.time_ns) < BigInt(b.time_ns) ? -1 : 1));
  const lines = [...oldest(data.before), data.row, ...oldest(data.after)];
  return (
    <div className="surrounding">
      <p className="dim">
        {[row.service, row.host].filter(Boolean).join(" on ") || "No service and no host"}{" "}
        {signal === "logs" && <Link to={logsLink(query, moment)}>Open two minutes in the list</Link>}
      </p>
      <ol>
        {lines.map((line) => (
          <li key={line.id}>
            <button
              type="button"
              className={line.id === row.id ? "line on" : "line"}
              aria-current={line.id === row.id || undefined}
              onClick={() => onOpen(line)}
            >
              <span className={`row-tone ${toneOf(line.status)}`} />
              <span className="dim">{exactTime(line.time_ms, false)}</span>
              <span className="cut">{headline(line)}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
