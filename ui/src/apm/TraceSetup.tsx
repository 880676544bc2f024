import { Link } from "react-router";
import { Empty } from "../ui/States";

/** The two lines that would fill an empty page of traces. */
const LINES = [
  "DD_AGENT_HOST=127.0.0.1 DD_SERVICE=shop DD_ENV=prod ddtrace-run flask run",
  "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_SERVICE_NAME=shop opentelemetry-instrument flask run",
];

export function TraceSetup({ title }: { title: string }) {
  return (
    <Empty title={title} lines={LINES}>
      Any Datadog tracer (port 8126) or OpenTelemetry SDK (4317 and 4318) fills this page; a longer range may show more.{" "}
      <Link to="/setup">Set up</Link>
    </Empty>
  );
}
