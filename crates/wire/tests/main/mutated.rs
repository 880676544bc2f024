//! Seeds of the fuzzers with bytes changed at random: what `make fuzz` does for a minute each, a little of it in every test run.

use crate::corpus;
use proptest::prelude::*;

/// Rows, points and frames of other protocols have been fuzzed for longer than this takes.
const NAMES: [&str; 10] = [
    "event_v2",
    "logs_json",
    "logs_lines",
    "otlp_logs",
    "otlp_logs_json",
    "otlp_metrics",
    "otlp_metrics_json",
    "otlp_traces",
    "otlp_traces_json",
    "syslog",
];

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

proptest! {
    #[test]
    fn changed_seeds_break_nothing(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        for name in NAMES {
            let run = corpus::TARGETS.iter().find(|(n, _)| *n == name).unwrap().1;
            let seeds = seeds(name);
            let mut bytes = seeds[pick.index(seeds.len())].clone();
            for (at, byte, how) in &changes {
                let i = at.index(bytes.len().max(1)).min(bytes.len());
                match how {
                    0 => bytes.truncate(i),
                    1 => bytes.insert(i, *byte),
                    _ if i < bytes.len() => bytes[i] = *byte,
                    _ => {}
                }
            }
            run(&bytes);
        }
    }
}
