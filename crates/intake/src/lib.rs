//! The sockets of senders: DogStatsD over UDP and unix sockets. Decodes with `wire`, aggregates with `model`, and hands
//! submissions to a [`Sink`]: the store in the server, the forwarder in the agent.
//!
//! Never here: storage, queries, identities of series.

mod sink;

pub use sink::Sink;
