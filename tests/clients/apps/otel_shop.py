"""OpenTelemetry's Python SDK: a trace with SQL and an exception, a log inside it, four kinds of metrics.
Usage: otel_shop.py grpc|http ENDPOINT SERVICE; exporters flush before it ends."""

import logging
import sys

from opentelemetry import metrics, trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint, service = sys.argv[1:4]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    common = {"endpoint": endpoint, "insecure": True}
    spans, logs, numbers = OTLPSpanExporter(**common), OTLPLogExporter(**common), OTLPMetricExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    spans, logs = OTLPSpanExporter(f"{endpoint}/v1/traces"), OTLPLogExporter(f"{endpoint}/v1/logs")
    numbers, common = OTLPMetricExporter, {"endpoint": f"{endpoint}/v1/metrics"}

resource = Resource.create({"service.name": service, "service.version": "2.0", "deployment.environment.name": "test", "host.name": "otel-host"})
tracing = TracerProvider(resource=resource)
tracing.add_span_processor(BatchSpanProcessor(spans))
trace.set_tracer_provider(tracing)
logging_provider = LoggerProvider(resource=resource)
logging_provider.add_log_record_processor(BatchLogRecordProcessor(logs))
delta = {Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA}
reader = PeriodicExportingMetricReader(numbers(preferred_temporality=delta, **common), export_interval_millis=60_000)
views = [View(instrument_name="shop.exponential", aggregation=ExponentialBucketHistogramAggregation())]
meters = MeterProvider([reader], resource=resource, views=views)
metrics.set_meter_provider(meters)

log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.addHandler(LoggingHandler(logger_provider=logging_provider))
meter = metrics.get_meter("shop")
tracer = trace.get_tracer("shop")

with tracer.start_as_current_span("GET /cart", kind=trace.SpanKind.SERVER, attributes={"http.request.method": "GET", "url.path": "/cart", "user.id": "u-4711"}) as span:
    with tracer.start_as_current_span("SELECT carts", kind=trace.SpanKind.CLIENT, attributes={"db.system": "postgresql", "db.statement": "SELECT * FROM carts WHERE id = $1"}):
        pass
    log.warning("cart %d is empty", 7)
    try:
        raise RuntimeError("the cart fell over")
    except RuntimeError as error:
        span.record_exception(error)
        span.set_status(trace.StatusCode.ERROR, str(error))
    meter.create_counter("shop.orders").add(3, {"kind": "web"})
    meter.create_up_down_counter("shop.queue").add(5)
    for value in (10, 20, 30, 40):
        meter.create_histogram("shop.explicit").record(value)
        meter.create_histogram("shop.exponential").record(value)

tracing.shutdown()
logging_provider.shutdown()
meters.shutdown()
