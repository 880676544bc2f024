//! The HTTP front: authentication, intakes, query and configuration APIs, and the pages.
//!
//! A handler is thin: it finds out who asks, hands bytes to a decoder of `wire` or a text to the engine of `query`, and writes the
//! answer in the form that the caller's protocol knows. A success answer to an intake means: durable, and in the next query's
//! result. Surface: [`Server::open`], [`Server::sink`] for what collects in this process, [`Server::serve`].
//!
//! Never here: parsing of foreign formats, storage, query semantics, collecting.

mod answer;
mod api;
mod apm;
mod app;
mod assets;
mod auth;
mod body;
mod builtin;
mod check;
mod deployments;
mod extract;
mod figures;
mod health;
mod intake;
mod iso;
mod listen;
mod local;
mod monitoring;
mod own;
mod processing;
mod query;
mod refused;
mod router;
mod rows;
mod seen;
mod server;
mod sink;
mod snapshots;
mod ui;

pub use api::synthetics::LocalTests;
pub use app::{Listener, Options};
pub use intake::apm::ApmPolicy;
pub use iso::iso_8601;
pub use listen::{BindError, Tls, TlsError, bind};
pub use oriel_intake::grpc::{GrpcHandle, GrpcOptions, start as start_grpc};
pub use oriel_intake::http::{HttpHandle, HttpOptions, start as start_http};
pub use oriel_intake::statsd::{StatsdHandle, StatsdOptions, start as start_statsd};
pub use oriel_intake::syslog::{
    SyslogHandle, SyslogOptions, TlsFiles as SyslogTls, networks as syslog_networks, start as start_syslog,
};
pub use oriel_state::{Bootstrap, Fixed};
pub use oriel_store::{CheckReport, check};
pub use server::{Error, Server};
pub use sink::StoreSink;

/// What `/health` and the pages call this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
