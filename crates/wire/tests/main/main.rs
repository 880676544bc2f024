//! The decoders from outside: captured requests against golden files, protocols case by case, round trips, and the corpus of
//! the fuzzers.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where its world is not as it says")]

mod allocations;
mod apm;
#[path = "../../../../fuzz/entries.rs"]
mod corpus;
mod datadog;
mod golden;
mod mutated;
mod prometheus;
mod statsd;
mod support;

/// What `make fuzz` starts from, replayed: findings are added to `fuzz/seeds` with their fix.
#[test]
fn corpus_is_replayed() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, run) in corpus::TARGETS {
        let files: Vec<_> = std::fs::read_dir(seeds.join(name)).unwrap().collect();
        assert!(!files.is_empty(), "{name} has no seeds");
        for file in files {
            run(&std::fs::read(file.unwrap().path()).unwrap());
        }
    }
}
