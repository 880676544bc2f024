//! Fuzzes `entries::apm_agent_stats`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::apm_agent_stats(data));
