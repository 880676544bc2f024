//! Fuzzes `entries::apm_v04`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::apm_v04(data));
