//! Searches as text: what each form means, and what is wrong with a wrong one. What they find is in `tests/golden/search`.

use super::*;
use oriel_model::{Core, Test, Word, Words, text};

fn logs(text: &str) -> Filter {
    parse(Signal::Logs, text).expect("a good search")
}

fn words(phrase: &str) -> Filter {
    Filter::Words(Words(text::tokens(phrase).into_iter().map(Word::Token).collect()))
}

fn equals(field: &str, value: &str) -> Filter {
    Filter::Is(Field::parse(Signal::Logs, field), Test::Equals(value.into()))
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

#[test]
fn joined_by_nothing_is_and_and_binds_tighter_than_or() {
    let two = Filter::And(vec![words("a"), words("b")]);
    assert_eq!(logs("a b"), two);
    assert_eq!(logs("a AND b"), two);
    assert_eq!(logs("a && b"), two);
    assert_eq!(logs("a b OR c"), Filter::Or(vec![two.clone(), words("c")]));
    assert_eq!(logs("a b || NOT c"), Filter::Or(vec![two.clone(), not(words("c"))]));
    assert_eq!(
        logs("(a OR b) -c"),
        Filter::And(vec![Filter::Or(vec![words("a"), words("b")]), not(words("c"))])
    );
    assert_eq!(logs("NOT(a b)"), not(two));
    assert_eq!(logs("a or b"), Filter::And(vec![words("a"), words("or"), words("b")]));
    assert_eq!(logs("NOT -a"), words("a"));
}

#[test]
fn blank_and_punctuation_ask_for_nothing() {
    for all in ["", "  ", "*", "***", "\"\"", "*:*"] {
        assert_eq!(logs(all), Filter::All, "{all:?}");
    }
    assert_eq!(logs("a - b"), Filter::And(vec![words("a"), words("b")]));
    assert_eq!(logs("[error]"), words("error"));
}

#[test]
fn values_and_their_escapes() {
    assert_eq!(logs("service:web"), equals("service", "web"));
    assert_eq!(logs(r"@a:hello\:world"), equals("@a", "hello:world"));
    assert_eq!(logs("@a:\"hello:world\""), equals("@a", "hello:world"));
    assert_eq!(logs(r#"@a:"say \"hi\" C:\dir""#), equals("@a", r#"say "hi" C:\dir"#));
    assert_eq!(logs(r"@user.first\ name:x\ y"), equals("@user.first name", "x y"));
    assert_eq!(logs(r"@a:\*"), equals("@a", "*"));
    assert_eq!(logs("status:ERROR"), equals("status", "error"));
    assert_eq!(logs("status:warning"), equals("status", "warn"));
}

#[test]
fn groups_of_values() {
    let both = Filter::Or(vec![equals("env", "prod"), equals("env", "test")]);
    assert_eq!(logs("env:(prod OR test)"), both);
    assert_eq!(logs("env:(prod OR (test))"), both);
    assert_eq!(logs("env:(-prod)"), not(equals("env", "prod")));
}

#[test]
fn durations_are_nanoseconds() {
    let bound = |text: &str| match parse(Signal::Spans, text).expect("a good search") {
        Filter::Is(Field::Core(Core::Duration), Test::Range(bounds)) => bounds.low.and_then(|b| b.number),
        other => panic!("{other:?}"),
    };
    assert_eq!(bound("duration:>20ms"), Some(20e6));
    assert_eq!(bound("@duration:>=1.5s"), Some(1.5e9));
    assert_eq!(bound("@duration:[2us TO *]"), Some(2e3));
    assert_eq!(bound("@duration:> 100"), Some(100.0));
}

#[test]
fn a_wrong_search_says_where_and_what_was_expected() {
    for (text, position, expected) in [
        ("a AND", 5, "a word"),
        ("OR a", 0, "a word"),
        ("(a", 0, "\")\""),
        ("a)", 1, "AND"),
        ("()", 1, "a word"),
        ("service:", 8, "a value"),
        ("@a:\"b", 3, "\"\\\"\""),
        ("@a:[1 2]", 6, "TO"),
        ("@a:[1 TO 2", 3, "\"]\""),
        ("@a:>", 4, "a number"),
        (r"a\", 1, "a character"),
        ("CIDR(@ip)", 8, "\",\""),
        ("CIDR(@ip, x)", 10, "13.0.0.0/8"),
        ("#calc:1", 0, "field:value"),
        ("timestamp:>yesterday", 11, "a number"),
    ] {
        let error = parse(Signal::Logs, text).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.expected.iter().any(|e| e == expected), "{text}: {:?}", error.expected);
    }
    assert!(parse(Signal::Logs, &"(".repeat(100)).is_err());
    assert!(parse(Signal::Logs, &"a ".repeat(1_001)).is_err());
}

proptest::proptest! {
    #[test]
    fn every_text_is_answered(text in "[ab *?:@\"()\\[\\]{}<>=\\\\TORAND\u{e9}.,/-]{0,40}") {
        for signal in [Signal::Logs, Signal::Spans, Signal::Events] {
            if let Err(error) = parse(signal, &text) {
                proptest::prop_assert!(text.is_char_boundary(error.position));
            }
        }
    }
}
