//! Filters through JSON and back.

use super::*;

fn comes_back(filter: &Filter) {
    let json = to_json(filter);
    assert_eq!(from_json(&json).as_ref(), Ok(filter), "{json}");
}

#[test]
fn every_form_of_a_filter_comes_back() {
    let glob = || Glob { parts: vec![GlobPart::Literal("a".into()), GlobPart::Any, GlobPart::One] };
    let bound = |number| Some(Bound { text: "20ms".into(), number, inclusive: true });
    let tests = [
        Test::Exists,
        Test::Equals("x\"y".into()),
        Test::Glob(glob()),
        Test::Range(Bounds { low: bound(Some(2e7)), high: None }),
        Test::Range(Bounds { low: None, high: bound(None) }),
        Test::Cidr(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()]),
        Test::Regex(Pattern(Arc::new(regex::Regex::new("^a+$").unwrap()))),
        Test::Words(Words(vec![Word::Token("b".into())])),
    ];
    let fields = [Field::Core(Core::Service), Field::attr("http.status_code"), Field::tag("service")];
    for (i, test) in tests.into_iter().enumerate() {
        comes_back(&Filter::Is(fields[i % 3].clone(), test));
    }
    let words = || Words(vec![Word::Token("refused".into()), Word::Glob(glob())]);
    let not = Filter::Not(Box::new(Filter::Words(words())));
    comes_back(&Filter::And(vec![Filter::All, Filter::Or(vec![not, Filter::Anywhere(words())])]));
}

#[test]
fn what_is_no_filter_is_said() {
    for text in [
        "",
        "{}",
        "\"some\"",
        r#"{"is":[{"core":"nothing"},"exists"]}"#,
        r#"{"is":[{"tag":"a"},{"regex":"("}]}"#,
    ] {
        assert!(from_json(text).is_err(), "{text}");
    }
}
