import { Link } from "react-router";
import { useMetrics } from "../api/metrics";
import { CopyLine } from "../ui/Copy";

/** What a built-in dashboard shows stands on metrics of one name; while there are none, these lines fill it. */
const HINTS: Record<string, { prefix: string; text: string; lines: { label: string; text: string }[] }> = {
  postgres: {
    prefix: "postgresql.",
    text: "No PostgreSQL has reported yet. Give the agent a user who may read statistics, and name the server; the file is read as soon as it is saved:",
    lines: [
      { label: "in psql", text: "CREATE USER oriel WITH PASSWORD 'choose-one'; GRANT pg_monitor TO oriel;" },
      {
        label: "DATA/agent/conf.d/postgres.yaml",
        text: "instances:\n  - {host: localhost, port: 5432, username: oriel, password: choose-one, dbname: postgres}",
      },
    ],
  },
};

export function FillHint({ id }: { id: string }) {
  const hint = HINTS[id];
  const { data } = useMetrics(hint?.prefix ?? "", 1, hint !== undefined);
  if (!hint || !data || data.total > 0) return null;
  return (
    <section className="card fill-hint" aria-label="What would fill this dashboard">
      <p>{hint.text}</p>
      {hint.lines.map(({ label, text }) => (
        <div key={label} className="setup-line">
          <p className="dim">{label}</p>
          <CopyLine text={text} label={`Copy ${label}`} />
        </div>
      ))}
      <p className="dim">
        The check’s state shows on the page of its <Link to="/hosts">host</Link>.
      </p>
    </section>
  );
}
