//! Names of fields, in the one written form that people use: `service`, `@http.status_code`, `team`.

use crate::Signal;
use std::fmt;

/// The fixed columns of wide rows. Events keep their title in `Name` and their alert type in `Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Core {
    Service = 0,
    Host = 1,
    Env = 2,
    Status = 3,
    Source = 4,
    Version = 5,
    /// A span's operation, an event's title.
    Name = 6,
    /// A span's resource.
    Resource = 7,
    /// A span's type (`web`, `db` …).
    Type = 8,
    /// A log's message, an event's text.
    Message = 9,
    Time = 10,
    TraceId = 11,
    SpanId = 12,
    ParentId = 13,
    /// Nanoseconds.
    Duration = 14,
}

impl Core {
    /// Core fields that are texts; they come first.
    pub const TEXTS: usize = 10;
    /// Core texts of few values: all but the message.
    pub const WORDS: usize = 9;

    pub const ALL: [Self; 15] = [
        Self::Service,
        Self::Host,
        Self::Env,
        Self::Status,
        Self::Source,
        Self::Version,
        Self::Name,
        Self::Resource,
        Self::Type,
        Self::Message,
        Self::Time,
        Self::TraceId,
        Self::SpanId,
        Self::ParentId,
        Self::Duration,
    ];

    /// The place among the core texts; `None` for ids and numbers.
    pub fn text_index(self) -> Option<usize> {
        let i = self as usize;
        (i < Self::TEXTS).then_some(i)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Host => "host",
            Self::Env => "env",
            Self::Status => "status",
            Self::Source => "source",
            Self::Version => "version",
            Self::Name => "operation_name",
            Self::Resource => "resource_name",
            Self::Type => "type",
            Self::Message => "message",
            Self::Time => "timestamp",
            Self::TraceId => "trace_id",
            Self::SpanId => "span_id",
            Self::ParentId => "parent_id",
            Self::Duration => "duration",
        }
    }

    /// Reserved names of a signal, with the other names that they go by in the product people know.
    fn parse(signal: Signal, text: &str) -> Option<Self> {
        let core = match text {
            "service" => Self::Service,
            "host" | "hostname" => Self::Host,
            "env" => Self::Env,
            "status" => Self::Status,
            "source" | "ddsource" => Self::Source,
            "version" => Self::Version,
            "message" | "content" => Self::Message,
            "timestamp" => Self::Time,
            "trace_id" => Self::TraceId,
            "span_id" => Self::SpanId,
            _ => match (signal, text) {
                (Signal::Spans, "operation_name" | "name") | (Signal::Events, "title") => Self::Name,
                (Signal::Spans, "resource_name" | "resource") => Self::Resource,
                (Signal::Spans, "type") => Self::Type,
                (Signal::Spans, "parent_id") => Self::ParentId,
                (Signal::Spans, "duration") => Self::Duration,
                _ => return None,
            },
        };
        Some(core)
    }
}

/// A field of wide rows. Attributes are written with `@`, tags without.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Core(Core),
    /// The key of a tag; bare tags are values of the key `tags`.
    Tag(Box<str>),
    /// A dotted path, without its `@`.
    Attr(Box<str>),
}

impl Field {
    /// The key under which bare tags (`urgent`, without a colon) are values.
    pub const BARE: &'static str = "tags";

    pub fn attr(path: &str) -> Self {
        Self::Attr(path.into())
    }

    pub fn tag(key: &str) -> Self {
        Self::Tag(key.into())
    }

    /// The field that a person's text names: `@path`, a reserved name of the signal, else a tag's key. Ids that logs carry
    /// under `dd.` and a span's `@duration` are the core fields.
    pub fn parse(signal: Signal, text: &str) -> Self {
        let Some(path) = text.strip_prefix('@') else {
            return Core::parse(signal, text).map_or_else(|| Self::tag(text), Self::Core);
        };
        match (signal, path) {
            (Signal::Logs, "dd.trace_id" | "trace_id") => Self::Core(Core::TraceId),
            (Signal::Logs, "dd.span_id" | "span_id") => Self::Core(Core::SpanId),
            (Signal::Spans, "duration") => Self::Core(Core::Duration),
            _ => Self::attr(path),
        }
    }

    /// The key and value of a tag as written: `team:web`, or a bare one.
    pub fn of_tag(tag: &str) -> (Self, &str) {
        match tag.split_once(':') {
            Some((key, value)) if !key.is_empty() => (Self::tag(key), value),
            _ => (Self::tag(Self::BARE), tag),
        }
    }

    /// The stored form of an attribute's or tag's name: `@path` or `key`. The reverse of [`Field::to_string`] for those.
    pub fn from_stored(text: &str) -> Self {
        text.strip_prefix('@').map_or_else(|| Self::tag(text), Self::attr)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(core) => f.write_str(core.as_str()),
            Self::Tag(key) => f.write_str(key),
            Self::Attr(path) => write!(f, "@{path}"),
        }
    }
}
