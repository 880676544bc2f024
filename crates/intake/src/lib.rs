//! The sockets of senders: DogStatsD over UDP and unix sockets, and loopback HTTP, whose requests go on whole to a
//! [`RequestSink`]. Decodes with `wire`, aggregates with `model`, and hands
//! submissions to a [`Sink`]: the store in the server, the forwarder in the agent.
//!
//! Never here: storage, queries, identities of series.

mod error;
pub mod grpc;
mod holder;
pub mod http;
mod sink;
pub mod statsd;
pub mod syslog;

pub use error::Error;
pub use holder::{Transport, holder_of};
pub use sink::{IntakeAnswer, IntakeRequest, RequestSink, Sink};

/// What this room's calls give.
pub type Result<T> = std::result::Result<T, Error>;
