//! Crash tests of the store: kill -9 under load at random moments, torn tails, full disks, failed syncs.
//!
//! Seeds are printed; `ORIEL_CRASH_SEED` repeats a run's choices, `ORIEL_CRASH_ROUNDS` makes it longer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail the test

mod disk;
mod kill;
mod rows;
mod server;
