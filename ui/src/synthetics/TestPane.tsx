import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import type { Unit } from "../api/query";
import { syntheticResults, useRunTest, type SyntheticEntry } from "../api/synthetics";
import { ChartPanel, type ChartRequest } from "../chart/ChartPanel";
import { PLAIN_LOOK } from "../chart/plot";
import { stamp } from "../format/clock";
import { TimePicker } from "../time/TimePicker";
import { Button, IconButton } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { Figure, RunBadge, uptimeText } from "./Parts";

interface Props {
  entry: SyntheticEntry;
  onEdit: () => void;
  onClose: () => void;
}

/** One test beside the list: how long its answers took, its days left, and its last runs. */
export function TestPane({ entry, onEdit, onClose }: Props) {
  const { public_id, name, target, subtype, monitor_id, last, uptime_24h } = entry;
  const run = useRunTest();
  const runNow = () =>
    run.mutate(public_id, {
      onSuccess: () => toast("It runs within seconds; on other hosts within half a minute"),
      onError: (error) => toast(error.message, "bad"),
    });
  return (
    <aside className="test-pane" aria-label={`Test ${name}`}>
      <header className="test-pane-head">
        <h2 className="grow cut">{name}</h2>
        {entry.status === "live" && (
          <Button busy={run.isPending} onClick={runNow}>
            Run now
          </Button>
        )}
        <Button icon="edit" onClick={onEdit}>
          Edit
        </Button>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <p className="dim cut mono">{target}</p>
      <div className="test-figures">
        <Figure label="Now" value={<RunBadge entry={entry} />} />
        <Figure label="Up, 24 h" value={uptimeText(uptime_24h)} />
        <Figure label="Last answer" value={last?.took_ms == null ? "–" : `${Math.round(last.took_ms)} ms`} />
        {monitor_id !== null && (
          <Figure label="Watched by" value={<Link to={`/monitors/${monitor_id}`}>its monitor</Link>} />
        )}
      </div>
      {last?.error && (
        <p className="form-error test-error" role="status">
          {last.error}
        </p>
      )}
      <div className="test-range">
        <TimePicker />
      </div>
      <Chart title="Response time" metric="synthetics.response_time" unit={SECOND} id={public_id} />
      {subtype === "ssl" && (
        <Chart title="Days that the certificate is valid" metric="synthetics.tls.days_left" unit={DAY} id={public_id} />
      )}
      <Runs id={public_id} />
    </aside>
  );
}

const SECOND: Unit = { family: "time", name: "second", short_name: "s", scale_factor: 1 };
const DAY: Unit = { family: "time", name: "day", short_name: "d", scale_factor: 86_400 };

interface ChartProps {
  title: string;
  metric: string;
  unit: Unit;
  id: string;
}

function Chart({ title, metric, unit, id }: ChartProps) {
  const requests = useMemo(
    (): ChartRequest[] => [
      {
        spec: { display: "line", queries: [{ name: "a", query: `avg:${metric}{test_id:${id}} by {location}` }] },
        look: { ...PLAIN_LOOK, unit },
      },
    ],
    [metric, unit, id],
  );
  return (
    <section className="widget timeseries test-chart" aria-label={title}>
      <header className="widget-head">
        <h2 className="grow cut">{title}</h2>
      </header>
      <div className="widget-body">
        <ChartPanel id={`${metric}-${id}`} title={title} requests={requests} legend="names" />
      </div>
    </section>
  );
}

const RUNS_SHOWN = 30;

function Runs({ id }: { id: string }) {
  const answer = useQuery(syntheticResults(id));
  if (answer.isPending) return <SkeletonRows rows={4} />;
  if (answer.isError)
    return <Failed error={answer.error} retry={() => void answer.refetch()} what="The runs cannot be read" />;
  const { results } = answer.data;
  if (results.length === 0) return <p className="dim">It has not run yet.</p>;
  return (
    <table className="table plain" aria-label="Last runs">
      <thead>
        <tr>
          <th>Run</th>
          <th>From</th>
          <th className="num">Took</th>
          <th>Fault</th>
        </tr>
      </thead>
      <tbody>
        {results.slice(0, RUNS_SHOWN).map(({ at_ms, passed, took_ms, error, location }) => (
          <tr key={`${at_ms}${location}`}>
            <td className="nowrap">
              <span className={`dot ${passed ? "ok" : "bad"}`} title={passed ? "passed" : "failed"} /> {stamp(at_ms)}
            </td>
            <td>{location}</td>
            <td className="num">{took_ms === null ? "–" : `${Math.round(took_ms)} ms`}</td>
            <td className="form-error">{error}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
