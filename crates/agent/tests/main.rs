//! The agent as a whole, against real things: Python with the real base library, a real PostgreSQL, a server that fails.

// Helpers of tests fail by panicking, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its world is not as it says"
)]

mod forwarding;
mod harness;
mod postgres;
mod python;
mod system;
mod tails;
