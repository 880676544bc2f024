//! An OpenTelemetry span's operation, resource and type, as the product people know names them: by what the span does, so that
//! spans of one kind share an operation whatever their names.

use super::value::{find_text, first_text};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::borrow::Cow;

/// A span's kind, by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl Kind {
    pub(super) fn of(number: i32) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

const METHOD: &[&str] = &["http.request.method", "http.method"];
const DB_SYSTEM: &[&str] = &["db.system.name", "db.system"];
pub(super) const DB_TEXT: &[&str] = &["db.query.text", "db.statement"];
const MESSAGING_OPERATION: &[&str] =
    &["messaging.operation.type", "messaging.operation", "messaging.operation.name"];

/// `http.server.request`, `postgresql.query` and so on.
pub(super) fn operation(span: &Span, kind: Kind) -> String {
    let attributes = &span.attributes;
    let text = |names: &[&str]| first_text(attributes, names).map(|t| t.to_lowercase());
    if let Some(named) = find_text(attributes, "operation.name") {
        return named.into_owned();
    }
    if text(METHOD).is_some() && matches!(kind, Kind::Server | Kind::Client) {
        return format!("http.{}.request", kind.as_str());
    }
    if let (Some(system), Kind::Client) = (text(DB_SYSTEM), kind) {
        return format!("{system}.query");
    }
    if let (Some(system), Some(operation)) = (text(&["messaging.system"]), text(MESSAGING_OPERATION))
        && !matches!(kind, Kind::Internal | Kind::Unspecified)
    {
        return format!("{system}.{operation}");
    }
    if let Some(system) = text(&["rpc.system", "rpc.system.name"]) {
        match (kind, text(&["rpc.service"])) {
            (Kind::Client, Some(service)) if system == "aws-api" => return format!("aws.{service}.request"),
            (Kind::Client, None) if system == "aws-api" => return "aws.client.request".to_owned(),
            (Kind::Client | Kind::Server, _) => return format!("{system}.{}.request", kind.as_str()),
            _ => {}
        }
    }
    if let (Some(provider), Some(name), Kind::Client) =
        (text(&["faas.invoked_provider"]), text(&["faas.invoked_name"]), kind)
    {
        return format!("{provider}.{name}.invoke");
    }
    if let (Some(trigger), Kind::Server) = (text(&["faas.trigger"]), kind) {
        return format!("{trigger}.invoke");
    }
    if find_text(attributes, "graphql.operation.type").is_some() {
        return "graphql.server.request".to_owned();
    }
    match (kind, text(&["network.protocol.name"])) {
        (Kind::Server | Kind::Client, Some(protocol)) => format!("{protocol}.{}.request", kind.as_str()),
        (Kind::Server | Kind::Client, None) => format!("{}.request", kind.as_str()),
        (other, _) => other.as_str().to_owned(),
    }
}

/// What the operation worked on: `GET /users/:id`, the statement, the queue; else the span's name.
pub(super) fn resource(span: &Span, kind: Kind) -> Cow<'_, str> {
    let attributes = &span.attributes;
    if let Some(named) = find_text(attributes, "resource.name") {
        return named;
    }
    if let Some(method) = first_text(attributes, METHOD) {
        let method = if method == "_OTHER" { Cow::Borrowed("HTTP") } else { method };
        let route = match kind {
            Kind::Server => find_text(attributes, "http.route"),
            _ => find_text(attributes, "url.template"),
        };
        return match route {
            Some(route) => Cow::Owned(format!("{method} {route}")),
            None if kind == Kind::Server => method,
            // A client's span is named by its method, or by something better.
            None => Cow::Borrowed(&span.name),
        };
    }
    if let Some(operation) = first_text(attributes, MESSAGING_OPERATION) {
        let to = first_text(attributes, &["messaging.destination.name", "messaging.destination"]);
        return join(operation, to);
    }
    if let Some(method) = find_text(attributes, "rpc.method") {
        return join(method, find_text(attributes, "rpc.service"));
    }
    if let Some(operation) = find_text(attributes, "graphql.operation.type") {
        return join(operation, find_text(attributes, "graphql.operation.name"));
    }
    if first_text(attributes, DB_SYSTEM).is_some()
        && let Some(statement) = first_text(attributes, DB_TEXT)
    {
        return statement;
    }
    Cow::Borrowed(&span.name)
}

fn join<'a>(first: Cow<'a, str>, second: Option<Cow<'a, str>>) -> Cow<'a, str> {
    match second {
        Some(second) => Cow::Owned(format!("{first} {second}")),
        None => first,
    }
}

/// `web`, `http`, `db`, `cache` and so on.
pub(super) fn span_type(attributes: &[KeyValue], kind: Kind) -> Cow<'_, str> {
    if let Some(named) = find_text(attributes, "span.type") {
        return named;
    }
    let database = first_text(attributes, DB_SYSTEM);
    Cow::Borrowed(match (kind, database.as_deref()) {
        (Kind::Server, _) => "web",
        (Kind::Client, Some("redis" | "memcached")) => "cache",
        (Kind::Client, Some("elasticsearch")) => "elasticsearch",
        (Kind::Client, Some("mongodb")) => "mongodb",
        (Kind::Client, Some("cassandra")) => "cassandra",
        (Kind::Client, Some("opensearch")) => "opensearch",
        (Kind::Client, Some(_)) => "sql",
        (Kind::Client, None) => "http",
        (Kind::Producer | Kind::Consumer, _) => "queue",
        _ => "custom",
    })
}
