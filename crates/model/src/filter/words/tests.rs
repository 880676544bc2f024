//! Phrases, and that the fast way finds what cutting into tokens finds.

use super::*;
use crate::filter::{Glob, GlobPart};
use crate::text::tokens;
use proptest::prelude::*;

fn phrase(text: &str) -> Words {
    Words(tokens(text).into_iter().map(Word::Token).collect())
}

#[test]
fn store_33_a_phrase_is_tokens_in_a_row() {
    for (wanted, text, found) in [
        ("connection refused", "Connection-Refused by peer", true),
        ("connection refused", "connection was refused", false),
        ("fused", "refused", false),
        ("10.0.0.1", "from 10.0.0.1:443", true),
        ("a a b", "a a a b", true),
        ("k", "\u{212a}", true),
        ("漢字", "漢字だ", true),
        ("漢字", "漢の字", false),
    ] {
        assert_eq!(phrase(wanted).are_in(text), found, "{wanted} in {text}");
    }
    let long = "x1".repeat(40);
    assert!(phrase(&long).are_in(&format!("id={}", long.to_uppercase())));
}

#[test]
fn a_pattern_is_over_one_token() {
    let prefix = Words(vec![
        Word::Token("http".into()),
        Word::Glob(Glob { parts: vec![GlobPart::Literal("5".into()), GlobPart::Any] }),
    ]);
    assert!(prefix.are_in("HTTP 503"));
    assert!(!prefix.are_in("http error 503"));
}

proptest! {
    #[test]
    fn the_fast_way_finds_what_tokens_say(text in "[abAB_ .k\u{212a}1-]{0,24}", wanted in "[ab_ k]{1,6}", star in any::<bool>()) {
        let mut words = phrase(&wanted);
        if star && let Some(Word::Token(last)) = words.0.pop() {
            words.0.push(Word::Glob(Glob { parts: vec![GlobPart::Literal(last), GlobPart::Any] }));
        }
        let tokens = tokens(&text);
        let oracle = words.0.is_empty()
            || tokens.windows(words.0.len()).any(|run| run.iter().zip(&words.0).all(|(t, w)| w.is(t)));
        prop_assert_eq!(words.are_in(&text), oracle, "{} in {:?}", wanted, text);
    }
}

proptest! {
    #[test]
    fn a_search_through_a_column_finds_what_each_text_has(
        texts in prop::collection::vec(prop::option::of("[abAB_ .1]{0,6}"), 0..40),
        wanted in "[ab_ ]{1,5}",
        star in any::<bool>(),
        from in 0_usize..10,
    ) {
        let mut words = phrase(&wanted);
        if star && let Some(Word::Token(last)) = words.0.pop() {
            words.0.push(Word::Glob(Glob { parts: vec![GlobPart::Any, GlobPart::Literal(last)] }));
        }
        let array = StringArray::from(texts);
        let array = array.slice(from.min(array.len()), array.len().saturating_sub(from));
        let (finder, mut found) = (Finder::new(&words), Vec::new());
        if finder.each_in(&array, |row| found.push(row)) {
            let each = (0..array.len()).filter(|row| words.are_in(array.value(*row)));
            prop_assert_eq!(found, each.collect::<Vec<_>>());
        } else {
            prop_assert!(words.0.is_empty(), "{:?} can be looked for", words);
        }
    }
}
