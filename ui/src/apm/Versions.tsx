import type { VersionEntry } from "../api/services";
import { agoText, stamp } from "../format/clock";
import { formatCount } from "../format/units";
import { ChartPanel, type ChartRequest } from "../chart/ChartPanel";
import { ErrorRate, msText } from "./figures";

interface Props {
  versions: VersionEntry[];
  /** Requests by version over time. */
  requests: ChartRequest[];
  nowMs: number;
  version: string;
  deployMs: number | null;
  onVersion: (version: string) => void;
  onCompare: (atMs: number) => void;
}

/** Versions side by side, the newest first; each can be compared with what ran before it. */
export function Versions({ versions, requests, nowMs, version, deployMs, onVersion, onCompare }: Props) {
  const sorted = [...versions].sort((a, b) => b.first_seen_ms - a.first_seen_ms);
  const most = Math.max(1, ...versions.map(({ hits }) => hits));
  return (
    <section className="card" aria-label="Deployments">
      <header className="card-head">
        <h2 className="grow">Deployments</h2>
      </header>
      {sorted.length === 0 && (
        <p className="dim">
          No version yet: tracers send it when told, <code>DD_VERSION=1.4.2</code> or{" "}
          <code>OTEL_RESOURCE_ATTRIBUTES=service.version=1.4.2</code>.
        </p>
      )}
      {sorted.length > 1 && (
        <div className="version-chart">
          <ChartPanel id="versions" title="Requests by version" requests={requests} legend="names" />
        </div>
      )}
      {sorted.length > 0 && (
        <table className="table tight" aria-label="Versions">
          <thead>
            <tr>
              <th>Version</th>
              <th className="num">First seen</th>
              <th className="num">Requests</th>
              <th className="num">Errors</th>
              <th className="num">Error rate</th>
              <th className="num">p50</th>
              <th className="num">p95</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={row.version} className={row.version === version ? "on" : ""}>
                <td>
                  <button
                    type="button"
                    className="link"
                    aria-pressed={row.version === version}
                    title="Show this version alone"
                    onClick={() => onVersion(row.version === version ? "" : row.version)}
                  >
                    {row.version || "none"}
                  </button>
                </td>
                <td className="num" title={stamp(row.first_seen_ms)}>
                  {agoText(row.first_seen_ms, nowMs)}
                </td>
                <td className="num">
                  <span className="cell-bar" style={{ width: `${(row.hits / most) * 100}%` }} />
                  {formatCount(row.hits)}
                </td>
                <td className="num">{formatCount(row.errors)}</td>
                <td className="num">
                  <ErrorRate share={row.error_rate} errors={row.errors} />
                </td>
                <td className="num">{msText(row.p50_ms)}</td>
                <td className="num">{msText(row.p95_ms)}</td>
                <td className="num">
                  <button
                    type="button"
                    className="link"
                    aria-label={`Compare before and after ${row.version}`}
                    aria-pressed={deployMs === row.first_seen_ms}
                    onClick={() => onCompare(row.first_seen_ms)}
                  >
                    Before / after
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
