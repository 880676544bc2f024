//! The fuzz corpus of the parser: whatever it holds, parsing answers, and an error's position lies within the text.

use std::path::Path;

#[test]
fn the_fuzz_corpus_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/query_parse");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = oriel_query::parse(&text) {
            assert!(error.position <= text.len(), "{text:?}: {error:?}");
        }
        seen += 1;
    }
    assert!(seen > 100, "only {seen} seeds in {}", folder.display());
}
