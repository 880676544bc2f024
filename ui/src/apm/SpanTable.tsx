import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { rowPage, type Row } from "../api/rows";
import { nsText } from "../trace/scale";
import { exactTime } from "../rows/columns";
import { SkeletonRows } from "../ui/States";
import { spanLink } from "./links";

interface Props {
  title: string;
  query: string;
  fromMs: number;
  toMs: number;
  sort: string;
  limit?: number;
}

/** A few spans of a search, each leading to its trace. */
export function SpanTable({ title, query, fromMs, toMs, sort, limit = 20 }: Props) {
  const scope = { signal: "spans" as const, query, fromMs, toMs };
  const answer = useQuery({
    queryKey: ["query", "span-table", query, Math.round(fromMs), Math.round(toMs), sort, limit],
    queryFn: ({ signal }) => rowPage(scope, sort, limit, undefined, signal),
    gcTime: 60_000,
    placeholderData: (before) => before,
  });
  const rows = answer.data?.rows ?? [];
  const longest = Math.max(1, ...rows.map((row) => row.duration_ns ?? 0));
  if (answer.isPending) return <SkeletonRows rows={6} />;
  if (answer.isError)
    return (
      <p className="form-error pad" role="alert">
        {answer.error.message}
      </p>
    );
  if (rows.length === 0) return <p className="dim pad">No span of these is kept.</p>;
  return (
    <table className="table tight spans" aria-label={title}>
      <thead>
        <tr>
          <th>Time</th>
          <th>Duration</th>
          <th>Service</th>
          <th>Resource</th>
          <th>Host</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <SpanLine key={row.id} row={row} longest={longest} />
        ))}
      </tbody>
    </table>
  );
}

function SpanLine({ row, longest }: { row: Row; longest: number }) {
  const duration = row.duration_ns ?? 0;
  return (
    <tr>
      <td className="num-left">
        <Link
          to={spanLink(row)}
          aria-label={`Trace of ${row.resource ?? row.name ?? "this span"}, ${nsText(duration)}`}
        >
          {exactTime(row.time_ms)}
        </Link>
      </td>
      <td>
        <DurationBar ns={duration} longest={longest} error={row.status === "error"} />
      </td>
      <td>{row.service}</td>
      <td className="cut-cell">
        <span className="mono">{row.resource ?? row.name}</span>
      </td>
      <td className="dim">{row.host}</td>
    </tr>
  );
}

export function DurationBar({ ns, longest, error }: { ns: number; longest: number; error: boolean }) {
  return (
    <span className={error ? "duration error" : "duration"}>
      <span className="duration-track">
        <span style={{ width: `${Math.max(1, (ns / longest) * 100)}%` }} />
      </span>
      <span className="num">{nsText(ns)}</span>
    </span>
  );
}
