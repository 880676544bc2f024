//! Tests of the query room from outside: golden cases, properties against a plain oracle, and the answers of real recordings.

mod engine;
mod golden;
mod memory;
mod property;
