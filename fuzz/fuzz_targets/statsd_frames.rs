//! Fuzzes `entries::statsd_frames`.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::statsd_frames(data));
