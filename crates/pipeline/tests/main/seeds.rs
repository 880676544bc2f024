//! The fuzz targets over their seeds, so that what they once found stays fixed without a fuzzer.

use std::path::Path;

#[path = "../../../../fuzz/pipeline_entries.rs"]
mod pipeline_entries;

#[test]
fn the_fuzz_targets_hold_on_their_seeds() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, target) in pipeline_entries::TARGETS {
        let files: Vec<_> = std::fs::read_dir(seeds.join(name)).unwrap().flatten().collect();
        assert!(files.len() > 10, "{name} has seeds");
        for file in files {
            target(&std::fs::read(file.path()).unwrap());
        }
    }
}
