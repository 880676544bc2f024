//! Fuzzes `entries::apm_agent_payload`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::apm_agent_payload(data));
