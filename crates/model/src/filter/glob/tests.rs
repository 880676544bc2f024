//! Patterns against a regular expression of the same meaning.

use super::*;
use proptest::prelude::*;

fn glob(text: &str) -> Glob {
    Glob::new(text.chars().map(|c| match c {
        '*' => GlobPart::Any,
        '?' => GlobPart::One,
        c => GlobPart::Literal(c.to_string().into()),
    }))
}

#[test]
fn stars_and_question_marks() {
    for (pattern, text, matches) in [
        ("web*", "web-1", true),
        ("web*", "a web", false),
        ("*web", "a web", true),
        ("*e*", "", false),
        ("*", "", true),
        ("a?c", "aéc", true),
        ("a?c", "ac", false),
        ("*ab", "aab", true),
        ("*a*b?d", "xaxbxbcd", true),
    ] {
        assert_eq!(glob(pattern).matches(text), matches, "{pattern} on {text}");
    }
}

proptest! {
    #[test]
    fn a_pattern_is_its_regular_expression(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
        let expression: String = pattern.chars().map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(&c.to_string()),
        }).collect();
        let oracle = regex::Regex::new(&format!("(?s)^{expression}$")).expect("a good expression");
        prop_assert_eq!(glob(&pattern).matches(&text), oracle.is_match(&text));
    }
}
