import { Link } from "react-router";
import { useMetrics } from "../api/metrics";
import { firstQuery } from "../dashboard/explore";
import { Empty } from "../ui/States";

const OFFERED = 14;
const LIKELY = ["system.cpu.user", "system.load.1", "system.mem.used", "system.disk.in_use", "system.net.bytes_rcvd"];

/** An explorer without a query offers some: nobody has to know a name to begin. */
export function StartHere({ onPick }: { onPick: (query: string) => void }) {
  const { data } = useMetrics("", 2_000);
  if (data?.total === 0) {
    return (
      <Empty
        title="No metric has come in yet"
        lines={["printf 'hello.oriel:1|c' >/dev/udp/127.0.0.1/8125", "statsd.increment('hello.oriel')"]}
      >
        Send one, or pick a client on the <Link to="/setup">set-up page</Link>:
      </Empty>
    );
  }
  const metrics = data?.metrics ?? [];
  const likely = metrics.filter(({ name }) => LIKELY.includes(name));
  const own = metrics
    .filter(({ name }) => !/^(system|oriel|postgresql)\./.test(name))
    .slice(0, OFFERED - likely.length);
  return (
    <Empty title="Start from a metric">
      <p>Type a name above (completion helps), or take one of these:</p>
      <div className="start-list">
        {[...own, ...likely].map((metric) => (
          <button key={metric.name} type="button" className="tag" onClick={() => onPick(firstQuery(metric))}>
            {metric.name}
          </button>
        ))}
      </div>
    </Empty>
  );
}
