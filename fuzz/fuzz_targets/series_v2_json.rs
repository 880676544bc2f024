//! Fuzzes `entries::series_v2_json`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::series_v2_json(data));
