//! Golden cases of processors and scrub rules (`tests/golden/*.txt`), and properties that hold whatever the input.

// Outside of `#[test]` functions clippy takes a test crate for production code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its world is not as it says"
)]

mod batches;
mod cases;
mod properties;
mod search;
mod seeds;
