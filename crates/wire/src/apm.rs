//! Traces and their statistics, as tracers send them to an agent and the agent sends them on.
//!
//! | path | function |
//! |---|---|
//! | `/v0.3/traces`, `/v0.4/traces` | [`traces_v04`] |
//! | `/v0.3/traces` in JSON | [`traces_json`] |
//! | `/v0.5/traces` | [`traces_v05`] |
//! | `/v0.7/traces` | [`traces_v07`] |
//! | `/api/v0.2/traces` | [`agent_payload`] |
//! | `/v0.6/stats` | [`client_stats`] |
//! | `/api/v0.2/stats` | [`agent_stats`] |
//!
//! A chunk is walked twice: once for the heads of its spans, so that the high half of the trace id, the environment and the
//! service-entry spans of the whole chunk are known, and once to write rows. No struct a span outlives its chunk.

mod agent;
mod agent_idx;
mod ddsketch;
mod head;
mod info;
mod keys;
mod links;
mod stats;
mod v04;
mod v05;
mod v07;
mod writer;

pub use agent::agent_payload;
pub use info::{COUNTED_PATHS, Info, answer_rates, evp_target, info};
pub use stats::{ClientStats, StatsBucket, StatsGroup, agent_stats, client_stats};
pub use v04::{traces_json, traces_v04};
pub use v05::traces_v05;
pub use v07::traces_v07;

use crate::{Error, msgpack, protobuf};

/// What a decoder has to know besides the body.
#[derive(Clone, Copy)]
pub struct SpanOptions<'o> {
    /// For spans whose start is no time.
    pub now_ns: i64,
    /// The host and environment of spans that name none.
    pub default_host: &'o str,
    pub default_env: &'o str,
    /// The tracer's language, for the name of a service that has none.
    pub language: &'o str,
    /// The tracer marked the service-entry spans; otherwise they are found here.
    pub top_level_marked: bool,
    /// Takes literals out of an SQL text; `None` when it has none.
    pub obfuscate_sql: fn(&str) -> Option<String>,
}

/// Spans that came together: those of one trace from one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The chunk's rows are `first..first + rows` of the batch; refused ones are not among them.
    pub first: usize,
    pub rows: usize,
    /// -1 and 0: may be dropped; 1 and 2: is kept. None was said for a client that doesn't sample.
    pub priority: Option<i32>,
    /// A span has an error.
    pub has_error: bool,
    /// The sender says that it would have dropped it.
    pub dropped: bool,
}

/// Spans of one chunk, beyond which they are refused: twice the largest trace that pages show.
const CHUNK_SPANS_MAX: usize = 100_000;
/// Chunks of one body: a body of 16 MiB holds fewer real ones.
const CHUNKS_MAX: usize = 200_000;

fn msgpack_error(e: msgpack::Malformed) -> Error {
    Error::Syntax { format: "MessagePack", detail: e.to_string() }
}

fn protobuf_error(e: protobuf::Malformed) -> Error {
    Error::Syntax { format: "protobuf", detail: e.to_string() }
}

fn too_many_chunks() -> Error {
    Error::Syntax {
        format: "trace payload",
        detail: format!("it has more than {CHUNKS_MAX} chunks; send smaller ones"),
    }
}

#[cfg(test)]
mod tests;
