//! Which attributes mean something to the product, by Datadog's default remapping: the earlier in a list, the more it counts.

use super::paths::Role;

/// What a reserved attribute fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Target {
    Time = 0,
    Message = 1,
    Status = 2,
    Service = 3,
    Host = 4,
    Source = 5,
    Env = 6,
    Version = 7,
    TraceId = 8,
    SpanId = 9,
    Tags = 10,
}

impl Target {
    pub(super) const COUNT: usize = 11;
}

const TIME: &[&str] = &[
    "@timestamp",
    "timestamp",
    "_timestamp",
    "Timestamp",
    "eventTime",
    "date",
    "published_date",
    "syslog.timestamp",
    // Of JSON loggers: zap and pino, logstash, bunyan.
    "time",
    "ts",
];
const MESSAGE: &[&str] = &["message", "msg", "log", "Message"];
const STATUS: &[&str] = &[
    "status",
    "severity",
    "level",
    "syslog.severity",
    // Not of the default list, but of the same meaning everywhere they occur.
    "levelname",
    "loglevel",
    "log.level",
    "severity_text",
];
const SERVICE: &[&str] =
    &["service", "syslog.appname", "dd.service", "service.name", "otelServiceName", "appname"];
const HOST: &[&str] = &["host", "hostname", "syslog.hostname", "host.name"];
const SOURCE: &[&str] = &["ddsource"];
const ENV: &[&str] = &["env", "dd.env", "deployment.environment.name", "deployment.environment"];
const VERSION: &[&str] = &["version", "dd.version", "service.version"];
const TRACE_ID: &[&str] = &[
    "dd.trace_id",
    "contextMap.dd.trace_id",
    "named_tags.dd.trace_id",
    "trace_id",
    "otelTraceID",
    "traceId",
    "trace.id",
];
const SPAN_ID: &[&str] = &[
    "dd.span_id",
    "contextMap.dd.span_id",
    "named_tags.dd.span_id",
    "span_id",
    "otelSpanID",
    "spanId",
    "span.id",
];
const TAGS: &[&str] = &["ddtags"];

const LISTS: [(Target, &[&str]); Target::COUNT] = [
    (Target::Time, TIME),
    (Target::Message, MESSAGE),
    (Target::Status, STATUS),
    (Target::Service, SERVICE),
    (Target::Host, HOST),
    (Target::Source, SOURCE),
    (Target::Env, ENV),
    (Target::Version, VERSION),
    (Target::TraceId, TRACE_ID),
    (Target::SpanId, SPAN_ID),
    (Target::Tags, TAGS),
];

/// What the attribute of a path fills, if anything.
pub(super) fn role_of(path: &str) -> Option<Role> {
    LISTS.iter().find_map(|(target, list)| {
        let rank = list.iter().position(|name| *name == path)?;
        Some(Role { target: *target, rank: u8::try_from(rank).unwrap_or(u8::MAX) })
    })
}

/// Whether ids under this path are decimal where their text leaves it open.
pub(super) fn is_decimal(path: &str) -> bool {
    path.contains("dd.")
}
