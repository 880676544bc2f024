//! Tests of the query room from outside: golden cases, properties against a plain oracle, and the answers of real recordings.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "wrong test data should end the test"
)]

mod engine;
mod formulas;
mod golden;
mod memory;
mod memory_rows;
mod property;
mod row_store;
mod rows;
mod search;
mod seeds;
mod sql;
mod statistics;
mod store;
