//! Fuzzes `entries::logs_lines`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::logs_lines(data));
