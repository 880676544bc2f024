//! Fuzzes `pipeline_entries::pipeline`.
#![no_main]

#[path = "../pipeline_entries.rs"]
mod pipeline_entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pipeline_entries::pipeline(data));
