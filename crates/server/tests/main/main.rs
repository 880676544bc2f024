//! The server over a real store in a folder of its own, asked through its router: no sockets, and a clock that stands still.

// Outside of `#[test]` functions clippy takes a test crate for production code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its world is not as it says"
)]

mod apm;
mod auth;
mod clients;
mod dashboards;
mod hosts;
mod intake;
mod monitors;
mod otlp;
mod pages;
mod processing;
mod reading;
mod refusals;
mod rig;
