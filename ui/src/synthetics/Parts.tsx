import type { ReactNode } from "react";
import type { SyntheticEntry } from "../api/synthetics";

export function RunBadge({ entry }: { entry: SyntheticEntry }) {
  const { status, last } = entry;
  if (status === "paused") return <span className="badge">paused</span>;
  if (!last) return <span className="badge">not run yet</span>;
  return <span className={`badge ${last.passed ? "ok" : "bad"}`}>{last.passed ? "passed" : "failed"}</span>;
}

/** Cut, not rounded: a test that failed once was not up all the time. */
export function uptimeText(percent: number | null): string {
  if (percent === null) return "–";
  return `${Math.floor(percent * 100 + 1e-9) / 100} %`;
}

export function Figure({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div className="test-figure">
      <span className="dim">{label}</span>
      <b>{value}</b>
    </div>
  );
}
