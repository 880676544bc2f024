import { Link } from "react-router";
import { useSettings, type Settings } from "../api/settings";
import { agoText } from "../format/clock";
import { formatBytes, formatCount, formatValue } from "../format/units";
import { Deletions } from "../settings/Deletions";
import { Keys } from "../settings/Keys";
import { RetentionRules } from "../settings/RetentionRules";
import { usePageRange } from "../time/page";
import { Icon } from "../ui/Icon";
import { PageHead } from "../ui/PageHead";
import { Failed, SkeletonRows } from "../ui/States";

export function SettingsPage() {
  const answer = useSettings();
  const { data } = answer;
  return (
    <>
      <PageHead title="Settings">
        <Link className="button" to="/settings/notifications">
          <Icon name="monitors" /> Notifications: channels and mail
        </Link>
      </PageHead>
      <div className="page-body settings">
        <Keys />
        <RetentionRules />
        <Deletions />
        {answer.isPending && <SkeletonRows />}
        {answer.isError && !data && (
          <Failed error={answer.error} retry={() => void answer.refetch()} what="The server’s state cannot be read" />
        )}
        {data && (
          <>
            <div className="settings-columns">
              <Memory memory={data.memory} />
              <Disk disk={data.disk} />
              <Pairs
                title="Retention"
                hint="Set with --retention, or in oriel.toml."
                pairs={Object.entries(data.retention).map(([key, value]) => [key, String(value)])}
              />
            </div>
            <Listeners listeners={data.listeners} />
            <Refused refused={data.refused} />
            <UnknownPaths paths={data.unknown_agent_paths} />
            <Figures figures={data.figures} />
          </>
        )}
      </div>
    </>
  );
}

function Memory({ memory }: { memory: Settings["memory"] }) {
  return (
    <section className="card" aria-label="Memory">
      <h2>
        Memory <span className="dim">budget {formatBytes(memory.limit_bytes)}</span>
      </h2>
      {memory.pools.map(({ name, used_bytes, limit_bytes }) => {
        const share = limit_bytes > 0 ? (used_bytes / limit_bytes) * 100 : 0;
        return (
          <div key={name} className="pool">
            <span>{name}</span>
            <span className="meter-track">
              <span
                className={`meter-fill ${share >= 90 ? "bad" : share >= 75 ? "warn" : ""}`}
                style={{ width: `${Math.min(100, share)}%`, display: "block" }}
              />
            </span>
            <span className="num">
              {formatBytes(used_bytes)} <span className="dim">of {formatBytes(limit_bytes)}</span>
            </span>
          </div>
        );
      })}
    </section>
  );
}

function Disk({ disk }: { disk: Settings["disk"] }) {
  return (
    <Pairs
      title="Disk"
      hint="Retention and compaction give room back."
      pairs={[
        ["data", formatBytes(disk.data_bytes)],
        ["write-ahead log", formatBytes(disk.wal_bytes)],
        ["free", formatBytes(disk.free_bytes)],
      ]}
    />
  );
}

function Pairs({ title, hint, pairs }: { title: string; hint: string; pairs: [string, string][] }) {
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <dl className="facts">
        {pairs.map(([label, value]) => (
          <div key={label}>
            <dt>{label.replaceAll("_", " ")}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="dim hint">{hint}</p>
    </section>
  );
}

function Figures({ figures }: { figures: Settings["figures"] }) {
  return (
    <section className="card" aria-label="Figures">
      <h2>
        Figures <span className="dim">as metrics on the dashboard “Oriel itself”</span>
      </h2>
      <dl className="figures">
        {figures.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{figureText(name, value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function figureText(name: string, value: number | string): string {
  if (typeof value === "string") return value;
  return /bytes/.test(name) ? formatBytes(value) : formatValue(value, null);
}

function Listeners({ listeners }: { listeners: Settings["listeners"] }) {
  return (
    <section className="card" aria-label="Listeners">
      <h2>Listeners</h2>
      <table className="table plain">
        <tbody>
          {listeners.map(({ name, addr, state, error }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="mono">{addr}</td>
              <td>
                <span className={`badge ${error ? "bad" : state === "off" ? "" : "ok"}`}>{state}</span>
              </td>
              <td className="form-error">{error}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Refused({ refused }: { refused: Settings["refused"] }) {
  return (
    <section className="card" aria-label="Refused rows">
      <h2>Refused rows</h2>
      {refused.length === 0 && (
        <p className="dim">
          None. A row that cannot be read is counted here with its reason, and costs its neighbours nothing.
        </p>
      )}
      {refused.map(({ source, reason, count, examples }) => (
        <details key={source + reason} className="refused">
          <summary>
            <span className="badge warn">{formatCount(count)}</span> <b>{source}</b> {reason}
          </summary>
          <pre>{examples.join("\n")}</pre>
        </details>
      ))}
    </section>
  );
}

function UnknownPaths({ paths }: { paths: Settings["unknown_agent_paths"] }) {
  const { nowMs } = usePageRange();
  if (paths.length === 0) return null;
  return (
    <section className="card" aria-label="Unknown agent paths">
      <h2>Agent paths that Oriel does not use</h2>
      <p className="dim hint">Answered with success, so that the agent goes on; what it sent there is not kept.</p>
      <table className="table plain">
        <tbody>
          {paths.map(({ path, count, last_ms }) => (
            <tr key={path}>
              <td className="mono">{path}</td>
              <td className="num">{formatCount(count)}</td>
              <td className="num dim">{agoText(last_ms, Math.max(nowMs, last_ms))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
