//! The fuzz corpora of the parsers: whatever they hold, parsing answers, and an error's position lies within the text.

use oriel_model::Signal;
use oriel_query::ParseError;
use std::path::Path;

/// Parses every seed of a target.
fn replay(target: &str, parse: impl Fn(&str) -> Vec<ParseError>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for error in parse(&text) {
            assert!(text.is_char_boundary(error.position), "{text:?}: {error:?}");
        }
        seen += 1;
    }
    assert!(seen > 100, "only {seen} seeds in {}", folder.display());
}

#[test]
fn the_fuzz_corpus_of_metric_queries_is_answered() {
    replay("query_parse", |text| oriel_query::parse(text).err().into_iter().collect());
}

#[test]
fn the_fuzz_corpus_of_searches_is_answered() {
    replay("search_parse", |text| {
        Signal::WIDE.iter().filter_map(|signal| oriel_query::search::parse(*signal, text).err()).collect()
    });
}
