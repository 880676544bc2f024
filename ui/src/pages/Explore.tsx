import { ChartPanel } from "../chart/ChartPanel";
import { PLAIN_LOOK } from "../chart/plot";
import { PageHead } from "../ui/PageHead";
import { TimePicker } from "../time/TimePicker";

const REQUESTS = [{ spec: { display: "line" as const, queries: [{ name: "a", query: "avg:system.cpu.user{*} by {host}" }] }, look: PLAIN_LOOK }];

export function Explore() {
  return (
    <>
      <PageHead title="Explore">
        <TimePicker />
      </PageHead>
      <div className="page-body fill">
        <ChartPanel id="x" title="CPU" requests={REQUESTS} legend={["value", "avg", "min", "max", "sum"]} />
      </div>
    </>
  );
}
