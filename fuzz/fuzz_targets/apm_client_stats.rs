//! Fuzzes `entries::apm_client_stats`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::apm_client_stats(data));
