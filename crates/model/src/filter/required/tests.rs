//! What a pattern requires, and that searching for it first changes no answer.

use super::*;
use crate::filter::{Columns, Filter, Glob, Pattern};
use crate::row::{Column, Core, Field};
use proptest::prelude::*;
use std::sync::Arc;

fn regex(text: &str) -> Test {
    Test::Regex(Pattern(Arc::new(regex::Regex::new(text).expect("a good expression"))))
}

fn glob(text: &str) -> Test {
    Test::Glob(Glob::new(text.chars().map(|c| match c {
        '*' => GlobPart::Any,
        '?' => GlobPart::One,
        c => GlobPart::Literal(c.to_string().into()),
    })))
}

#[test]
fn literals_are_what_every_match_has() {
    for (pattern, literals) in [
        ("length 4[0-9]$", vec!["length 4"]),
        ("^a(bc)d.*xy", vec!["abcd", "xy"]),
        ("a\\b b", vec!["a b"]),
        ("x(ab)+y", vec!["ab", "x", "y"]),
        ("x(ab)*y", vec!["x", "y"]),
        ("ab|cd", vec![]),
        ("(?i)ab", vec![]),
        ("(?i)1-2", vec!["1-2"]),
        ("(?i:a)bc", vec!["bc"]),
        ("[ab]", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(regex(pattern).required(), literals, "{pattern}");
    }
    assert_eq!(glob("*ab?cde*f").required(), ["cde", "ab", "f"]);
    assert!(Required::of(&regex("abc")).is_enough && Required::of(&glob("*abc*")).is_enough);
    assert!(!Required::of(&regex("abc$")).is_enough && !Required::of(&glob("abc*")).is_enough);
    assert!(glob("*").required().is_empty() && Test::Equals("a".into()).required().is_empty());
}

struct Texts(StringArray);

impl Columns for Texts {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn column(&self, _: &Field) -> Column {
        Column::Texts(self.0.clone())
    }

    fn every_field(&self) -> Vec<Field> {
        Vec::new()
    }
}

fn pattern() -> impl Strategy<Value = Test> {
    let part = prop_oneof![
        4 => "[abA \u{e9}]{1,3}".prop_map(String::from),
        1 => prop::sample::select(vec!["[ab]", "a*", "(ab)+", "(a|b)", "(?i:a)", ".", "\\b", "(b)", "(?:)", "a{2}", "\u{e9}?"])
            .prop_map(String::from),
    ];
    let regex = ("\\^?", prop::collection::vec(part, 0..4), "\\$?")
        .prop_map(|(begin, parts, end)| regex(&format!("{begin}{}{end}", parts.concat())));
    prop_oneof![2 => regex, 1 => "[abA ?*\u{e9}]{0,6}".prop_map(|text| glob(&text))]
}

proptest! {
    #[test]
    fn a_search_for_the_literal_finds_what_the_pattern_does(
        texts in prop::collection::vec(prop::option::of("[abA \u{e9}]{0,6}"), 300..400),
        test in pattern(),
        from in 0_usize..10,
    ) {
        let array = StringArray::from(texts);
        let array = array.slice(from, array.len() - from);
        let oracle = (0..array.len()).map(|row| array.is_valid(row) && match &test {
            Test::Glob(glob) => glob.matches(array.value(row)),
            Test::Regex(pattern) => pattern.0.is_match(array.value(row)),
            _ => false,
        });
        let oracle: Vec<bool> = oracle.collect();
        let found = Filter::Is(Field::Core(Core::Message), test).select(&Texts(array));
        prop_assert_eq!(found.values().iter().collect::<Vec<_>>(), oracle);
    }
}

proptest! {
    #[test]
    fn a_text_with_a_literal_has_its_pieces(
        before in "[aB_1 .\u{e9}\u{130}\u{4e2d}]{0,5}",
        literal in "[aB_1 .\u{e9}\u{23a}\u{4e2d}]{1,8}",
        after in "[aB_1 .\u{e9}\u{4e2d}]{0,5}",
        times in prop::sample::select(vec![1_usize, 1, 1, 20]),
    ) {
        use crate::text::{Piece, may_be_hashed, pieces, tokens};
        let text = format!("{}{literal}{after}", before.repeat(times));
        let tokens = tokens(&text);
        let holds = |piece: &Piece| match piece {
            Piece::Token(token) => tokens.contains(token),
            Piece::Part { text: part, begins, ends } => may_be_hashed(&text) || tokens.iter().any(|t| {
                t.contains(&**part) && (!begins || t.starts_with(&**part)) && (!ends || t.ends_with(&**part))
            }),
        };
        for piece in pieces(&literal) {
            prop_assert!(holds(&piece), "{piece:?} in {text:?}: {tokens:?}");
        }
    }
}
