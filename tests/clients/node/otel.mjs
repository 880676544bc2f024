/** OpenTelemetry's JavaScript SDK over OTLP/JSON. Usage: node otel.mjs MODULES ENDPOINT SERVICE */
import { createRequire } from "node:module";

const [, , modules, endpoint, service] = process.argv;
const load = createRequire(`${modules}/`);
const { trace, SpanKind, SpanStatusCode, context } = load("@opentelemetry/api");
const { NodeTracerProvider, BatchSpanProcessor } = load("@opentelemetry/sdk-trace-node");
const { LoggerProvider, BatchLogRecordProcessor } = load("@opentelemetry/sdk-logs");
const { MeterProvider, PeriodicExportingMetricReader } = load("@opentelemetry/sdk-metrics");
const { OTLPTraceExporter } = load("@opentelemetry/exporter-trace-otlp-http");
const { OTLPLogExporter } = load("@opentelemetry/exporter-logs-otlp-http");
const { OTLPMetricExporter } = load("@opentelemetry/exporter-metrics-otlp-http");
const { resourceFromAttributes } = load("@opentelemetry/resources");

const resource = resourceFromAttributes({ "service.name": service, "service.version": "2.0", "deployment.environment.name": "test", "host.name": "otel-host" });
const spans = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))] });
spans.register();
const logs = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${endpoint}/v1/logs` }) })] });
const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }), exportIntervalMillis: 60_000 });
const meters = new MeterProvider({ resource, readers: [reader] });

const tracer = trace.getTracer("shop");
const root = tracer.startSpan("GET /till", { kind: SpanKind.SERVER, attributes: { "http.request.method": "GET", "user.id": "u-4711" } });
context.with(trace.setSpan(context.active(), root), () => {
  tracer.startSpan("SELECT tills", { kind: SpanKind.CLIENT, attributes: { "db.system": "postgresql", "db.statement": "SELECT * FROM tills WHERE id = $1" } }).end();
  logs.getLogger("shop").emit({ severityNumber: 13, severityText: "WARN", body: "till 7 is open", context: context.active(), attributes: { till: 7 } });
});
root.recordException(new Error("the till fell over"));
root.setStatus({ code: SpanStatusCode.ERROR, message: "the till fell over" });
root.end();
meters.getMeter("shop").createCounter("js.orders").add(4, { kind: "web" });
await Promise.all([spans.shutdown(), logs.shutdown(), meters.shutdown()]);
