import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { deletions, type Deletion } from "../api/deletions";
import { rangeText, stamp } from "../format/clock";
import { formatBytes, formatCount } from "../format/units";
import { Failed, SkeletonRows } from "../ui/States";

/** A year from the epoch's ends: a deletion over all time has no dates worth reading. */
const EVER_MS = 4_000_000_000_000;

/** Receipts: what was deleted, and whether the bytes are gone from the disks. */
export function Deletions() {
  const { data, isPending, isError, error, refetch } = useQuery(deletions);
  const { hash } = useLocation();
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    if (hash === "#deletions" && !isPending) root.current?.scrollIntoView({ block: "center" });
  }, [hash, isPending]);
  return (
    <section ref={root} className="card" id="deletions" aria-label="Deletions">
      <h2>Deletions</h2>
      {isPending && <SkeletonRows rows={2} />}
      {isError && <Failed error={error} retry={() => void refetch()} what="The receipts cannot be read" />}
      {data?.deletions.length === 0 && (
        <p className="dim">
          None. Rows are deleted by a search, from the menu of the logs, traces and events pages; each deletion leaves a
          receipt here.
        </p>
      )}
      {data && data.deletions.length > 0 && (
        <table className="table plain">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Of the range</th>
              <th scope="col" className="num">
                Rows
              </th>
              <th scope="col">On the disks</th>
            </tr>
          </thead>
          <tbody>
            {data.deletions.map((each) => (
              <tr key={each.id}>
                <td>{stamp(each.created_ms)}</td>
                <td>
                  {each.signal} <span className="mono dim">{each.query || "*"}</span>
                </td>
                <td>{spanOf(each)}</td>
                <td className="num">{formatCount(each.rows)}</td>
                <td>
                  <Progress deletion={each} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function spanOf({ start_ns, end_ns }: Deletion): string {
  const from = start_ns / 1e6;
  const to = end_ns / 1e6;
  return from <= 0 || to > EVER_MS ? "all time" : rangeText(from, to);
}

function Progress({ deletion }: { deletion: Deletion }) {
  const { files_left, wal_bytes, derived_metrics_remain } = deletion;
  const metrics = derived_metrics_remain ? "; metrics that were counted from them remain" : "";
  if (files_left === 0 && wal_bytes === 0) return <span className="badge ok">{`gone everywhere${metrics}`}</span>;
  const left = [
    files_left > 0 && `${formatCount(files_left)} ${files_left === 1 ? "file" : "files"} to rewrite`,
    wal_bytes > 0 && `${formatBytes(wal_bytes)} of the log`,
  ];
  return (
    <span className="badge warn" title={`Gone from every answer${metrics}`}>
      {left.filter(Boolean).join(", ")}
    </span>
  );
}
