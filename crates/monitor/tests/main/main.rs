//! Tests of the monitor room from outside: golden cases that a person can read, and a slow, plain oracle of the state machine.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "wrong test data should end the test"
)]

mod golden;
mod hostile;
mod model;
mod oracle;
mod speed;
