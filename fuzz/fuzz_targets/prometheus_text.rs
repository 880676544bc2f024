//! Fuzzes `entries::prometheus_text`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::prometheus_text(data));
