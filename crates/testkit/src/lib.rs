//! For tests only: a store in a temporary folder, a workload with an oracle for crash tests, files damaged on purpose, and a
//! harness that starts the real binary.
//!
//! Never in production code: every function here panics when something is not as a test needs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a helper of tests fails the test

mod damage;
pub mod row_cases;
mod rows;
mod server;
mod temp_store;
mod workload;

pub use damage::{cut_tail, flip_bit, newest_segment};
pub use oriel_store::Faults;
pub use rows::{ALL_TIME, append_rows, count_rows, list_all, read_rows, row_batch};
pub use server::{ServerProcess, binary};
pub use temp_store::{NOW_MS, ORG, TempStore, append, append_sketches, count_all, read_all, read_sketches};
pub use workload::{Acked, Oracle, WRITERS, resume_text, work};
