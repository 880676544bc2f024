//! Golden cases that a person can read (`tests/golden/templates`), and properties: nothing panics, and no rendering grows beyond its bound.

use super::{Fact, OUTPUT_BYTES_MAX, Template, Values, parse};
use proptest::prelude::*;
use std::collections::BTreeMap;

const CASES: &str = include_str!("../../../../tests/golden/templates/messages.case");

#[derive(Default)]
struct Given {
    conditions: Vec<String>,
    values: BTreeMap<String, Fact>,
}

impl Values for Given {
    fn value(&self, name: &str) -> Option<Fact> {
        self.values.get(name).cloned()
    }

    fn holds(&self, condition: &str) -> Option<bool> {
        parse::CONDITIONS.contains(&condition).then(|| self.conditions.iter().any(|c| c == condition))
    }
}

fn fact(text: &str) -> Fact {
    if text.is_empty() {
        return Fact::Nothing;
    }
    if let Some(ms) = text.strip_prefix("time:") {
        return Fact::Time(ms.parse().unwrap());
    }
    text.parse().map_or_else(|_| Fact::Text(text.to_owned()), Fact::Number)
}

/// `is_alert value=1 host.name=a b`: a word with `=` begins a value, which ends before the next.
fn given(line: &str) -> Given {
    let mut given = Given::default();
    let mut last: Option<String> = None;
    for word in line.split(' ').filter(|w| !w.is_empty()) {
        match word.split_once('=') {
            Some((name, value)) => {
                given.values.insert(name.to_owned(), fact(value));
                last = Some(name.to_owned());
            }
            None => match &last {
                None => given.conditions.push(word.to_owned()),
                Some(name) => {
                    let old = match given.values.get(name) {
                        Some(fact) => super::render::written(fact),
                        None => String::new(),
                    };
                    given.values.insert(name.clone(), Fact::Text(format!("{old} {word}")));
                }
            },
        }
    }
    given
}

fn section<'a>(lines: &mut std::iter::Peekable<std::str::Lines<'a>>) -> String {
    let mut found: Vec<&'a str> = Vec::new();
    while let Some(line) = lines.next_if(|l| l.starts_with("  ")) {
        found.push(&line[2..]);
    }
    found.join("\n")
}

#[test]
fn messages_are_told_as_the_cases_say() {
    let mut lines = CASES.lines().peekable();
    let (mut name, mut values, mut message, mut n) = (String::new(), Given::default(), String::new(), 0);
    let mut told: Option<(Vec<String>, Vec<String>, Option<u8>)> = None;
    let mut expected = (Vec::new(), Vec::new(), None);
    let check = |name: &str, told: &Option<(Vec<String>, Vec<String>, Option<u8>)>, expected: &_| {
        if let Some(told) = told {
            assert_eq!(told, expected, "{name}");
        }
    };
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "case" => {
                check(&name, &told, &expected);
                (told, expected) = (None, (Vec::new(), Vec::new(), None));
                name = rest.to_owned();
            }
            "when" => values = given(rest),
            "message" => message = section(&mut lines),
            "text" => {
                let rendered = Template::parse(&message).render(&values);
                assert_eq!(
                    rendered.text.trim_end_matches('\n'),
                    section(&mut lines).trim_end_matches('\n'),
                    "{name}"
                );
                let issues = rendered.issues.iter().map(|i| format!("{} {}", i.position, i.message));
                told = Some((rendered.handles(), issues.collect(), rendered.priority));
                n += 1;
            }
            "told" => expected.0 = rest.split(' ').map(str::to_owned).collect(),
            "issue" => expected.1.push(rest.to_owned()),
            "priority" => expected.2 = Some(rest.parse().unwrap()),
            "" | "#" => {}
            other => panic!("{other} is no word of a case"),
        }
    }
    check(&name, &told, &expected);
    assert!(n > 20, "{n} cases");
}

#[test]
fn the_editor_is_told_of_unknown_names_in_blocks_that_do_not_hold() {
    let template =
        Template::parse("ö {{#is_alert}}{{nope.name}}{{else}}{{eval \"also_nope+1\"}}{{/is_alert}}");
    let issues = template.check(&Given::default());
    let found: Vec<_> = issues.iter().map(|i| (i.name.as_deref(), i.position)).collect();
    assert_eq!(found, [(Some("nope.name"), 15), (Some("also_nope"), 36)]);
}

#[test]
fn handles_can_be_taken_out_of_the_text() {
    let given = given("service.name=web value=7");
    let rendered =
        Template::parse("at {{value}} @slack-{{service.name}} see {{service.name}}").render(&given);
    let cut = rendered.without_handles();
    assert_eq!(cut.text, "at 7  see web");
    let values: Vec<_> = cut.values.iter().map(|r| &cut.text[r.clone()]).filter(|t| !t.is_empty()).collect();
    assert_eq!(values, ["7", "web"]);
}

#[test]
fn a_rendering_has_a_bound_whatever_the_values() {
    let mut given = Given::default();
    given.values.insert("v".to_owned(), Fact::Text("ü".repeat(1 << 20)));
    let rendered = Template::parse(&"{{v}} ".repeat(10_000)).render(&given);
    assert!(rendered.text.len() <= OUTPUT_BYTES_MAX, "{}", rendered.text.len());
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("{{{".to_owned()),
        Just("{{#is_alert}}".to_owned()),
        Just("{{^is_match \"v\" \"ü\"}}".to_owned()),
        Just("{{/is_alert}}".to_owned()),
        Just("{{/is_match}}".to_owned()),
        Just("{{else}}".to_owned()),
        Just("{{v}}".to_owned()),
        Just("{{eval \"v*(-1)^v\"}}".to_owned()),
        Just("{{{{raw}}}}".to_owned()),
        Just("{{!--".to_owned()),
        Just("--}}".to_owned()),
        Just("@slack-".to_owned()),
        Just("\n  ".to_owned()),
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn no_message_panics_and_positions_lie_inside(source in pieces(), value in "\\PC{0,20}") {
        let mut given = Given { conditions: vec!["is_alert".to_owned()], ..Given::default() };
        given.values.insert("v".to_owned(), Fact::Text(value));
        let template = Template::parse(&source);
        let rendered = template.render(&given);
        prop_assert!(rendered.text.len() <= OUTPUT_BYTES_MAX);
        let units = source.encode_utf16().count();
        for issue in template.check(&given).iter().chain(&rendered.issues) {
            prop_assert!(issue.position <= units);
        }
        for range in &rendered.values {
            prop_assert!(rendered.text.get(range.clone()).is_some());
        }
        let cut = rendered.without_handles();
        for range in &cut.values {
            prop_assert!(cut.text.get(range.clone()).is_some());
        }
        prop_assert!(cut.handles().len() <= rendered.handles().len());
    }

    #[test]
    fn a_text_without_braces_is_told_as_it_is(text in "[^{}]{0,200}") {
        let rendered = Template::parse(&text).render(&Given::default());
        prop_assert_eq!(&rendered.text, &text);
        prop_assert!(rendered.issues.is_empty());
    }
}
