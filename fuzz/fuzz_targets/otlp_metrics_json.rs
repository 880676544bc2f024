//! Fuzzes `entries::otlp_metrics_json`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::otlp_metrics_json(data));
