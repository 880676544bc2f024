//! OpenTelemetry: traces to spans, logs to logs, metrics to samples and sketches; protobuf and its JSON form alike.
//!
//! A request is decoded once, into the types of `opentelemetry-proto`, and written from there. What resources say of
//! themselves by the semantic conventions fills service, environment, version and host; names of the newer conventions are
//! stored under the names that the product knows them by (see [`renamed`]).

mod answer;
mod exemplars;
mod histograms;
mod logs;
mod metrics;
mod naming;
mod resource;
mod series;
mod streams;
mod traces;
mod value;

pub use answer::{failure, failure_message, grpc_code, retry_info, status, success};
pub use logs::logs;
pub use metrics::{Described, metrics};
pub use streams::{Changes, Streams};
pub use traces::traces;

use crate::{Error, Result};
use prost::Message;
use serde::de::DeserializeOwned;

/// What a request is written in; its answer is written in the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    /// By the request's content type; `None` for one that OTLP does not have.
    pub fn of_content_type(content_type: Option<&str>) -> Option<Self> {
        let content_type = content_type.unwrap_or("application/x-protobuf");
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/x-protobuf" | "application/protobuf" | "application/octet-stream" | "" => {
                Some(Self::Protobuf)
            }
            "application/json" | "text/json" => Some(Self::Json),
            _ => None,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Traces,
    Logs,
    Metrics,
}

impl Kind {
    /// By the path of OTLP over HTTP.
    pub fn of_path(path: &str) -> Option<Self> {
        match path.trim_end_matches('/') {
            "/v1/traces" => Some(Self::Traces),
            "/v1/logs" => Some(Self::Logs),
            "/v1/metrics" => Some(Self::Metrics),
            _ => None,
        }
    }
}

/// What holds for all rows of a request that do not say otherwise.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    pub now_ns: i64,
    /// The host of a resource that names none.
    pub host: String,
    /// Takes literals out of an SQL text; `None` when it has none.
    pub obfuscate_sql: Option<fn(&str) -> Option<String>>,
}

fn read<M: Message + Default + DeserializeOwned>(body: &[u8], encoding: Encoding) -> Result<M> {
    let bad = |detail: String| Error::Syntax { format: "OTLP", detail };
    match encoding {
        Encoding::Protobuf => M::decode(body).map_err(|e| bad(e.to_string())),
        // An empty body is an empty message in protobuf, and nothing in JSON; some senders probe with it.
        Encoding::Json if body.trim_ascii().is_empty() => Ok(M::default()),
        Encoding::Json => serde_json::from_slice(body).map_err(|e| bad(e.to_string())),
    }
}

/// Names of the newer semantic conventions whose older name the product's pages, metrics and searches use.
fn renamed(name: &str) -> Option<&'static str> {
    Some(match name {
        "http.response.status_code" => "http.status_code",
        "http.request.method" => "http.method",
        "url.full" => "http.url",
        "user_agent.original" => "http.useragent",
        "client.address" => "http.client_ip",
        "db.query.text" => "db.statement",
        "db.system.name" => "db.system",
        "db.namespace" => "db.name",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
