//! The collector on a host: system checks, integrations, Python checks, forwarder.
//!
//! [`start`] runs everything that collects and hands [`oriel_model::Submission`]s to an [`oriel_intake::Sink`]: the store
//! when the agent lives in the server's process, a [`Forwarder`] when it runs alone. A check is a small state machine
//! behind one scheduler; whatever a check does (fail, hang, end its process) is shown on its own row and nowhere else.
//!
//! Never here: storage, queries, sockets of senders (`intake`), decoding of foreign bytes (`wire`).

mod agent;
mod board;
mod check;
mod collect;
mod config;
mod error;
mod forward;
mod integration;
mod metadata;
mod outbox;
mod python;
mod sampler;
mod schedule;
mod status;
mod status_socket;
mod supervise;
mod synthetic;
mod tail;

pub use agent::{AgentHandle, AgentOptions, start};
pub use error::Error;
pub use forward::{Forwarder, ForwarderOptions, Lines};
pub use python::PACKAGES as PYTHON_PACKAGES;
pub use status::{AgentStatus, CheckRow, CheckRunStatus, ForwarderStatus, PythonState, PythonStatus};
pub use synthetic::{ServerTests, TestDocument, TestSource, TestsFuture};
pub use tail::TailRow;
