//! Fuzzes `pipeline_entries::grok`.
#![no_main]

#[path = "../pipeline_entries.rs"]
mod pipeline_entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pipeline_entries::grok(data));
