//! Fuzzes `entries::otlp_logs_json`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::otlp_logs_json(data));
