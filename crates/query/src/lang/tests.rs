//! Trees of texts, and that no text at all makes the parser panic. Errors are pinned in `tests/golden/errors.case`.

use super::*;
use proptest::prelude::*;

fn metric(text: &str) -> MetricQuery {
    match parse(text).expect("parses").root {
        Expr::Metric(query) => *query,
        other => panic!("{other:?} is no metric"),
    }
}

#[test]
fn a_metric_has_all_its_parts() {
    let query =
        metric(" p99.9:my.metric{env:prod, !host:a} by {env,host}.rollup(max, 60).as_count().fill(last, 30)");
    assert_eq!(query.aggregator, Aggregator::Percentile(99.9));
    assert_eq!(query.metric, "my.metric");
    assert_eq!(query.by, ["env", "host"]);
    assert_eq!(query.filter_text, "env:prod, !host:a");
    assert_eq!(
        query.modifiers,
        [
            Modifier::Rollup { method: Some(Aggregator::Max), seconds: Some(60) },
            Modifier::AsCount,
            Modifier::Fill { method: FillMethod::Last, limit_s: Some(30) }
        ]
    );
    assert_eq!(query.metric_position, 7);
}

#[test]
fn a_missing_aggregator_is_avg_and_colons_belong_to_names() {
    assert_eq!(metric("up{}").aggregator, Aggregator::Avg);
    assert_eq!(metric("job:up:rate5m{*}").metric, "job:up:rate5m");
    assert_eq!(metric("sum:job:up{*}").metric, "job:up");
    assert_eq!(metric("sum:otel.http-server/duration{*}").metric, "otel.http-server/duration");
}

#[test]
fn precedence_binds_products_first() {
    let Expr::Binary { op, right, .. } = parse("a{*} + b{*} * 2").expect("parses").root else {
        panic!("a sum")
    };
    assert_eq!(op, Operator::Add);
    assert!(matches!(*right, Expr::Binary { op: Operator::Multiply, .. }));
    let Expr::Binary { op, left, .. } = parse("a{*} - b{*} - 2").expect("parses").root else {
        panic!("a difference")
    };
    assert_eq!(op, Operator::Subtract);
    assert!(matches!(*left, Expr::Binary { .. }));
}

#[test]
fn words_of_the_boolean_language_may_begin_tags() {
    let Filter::And(parts) = metric("m{order:1 AND android:2,notes:3}").filter else { panic!("two parts") };
    assert_eq!(parts.len(), 2);
    assert!(matches!(metric("m{NOT (a:b OR c:d)}").filter, Filter::Not(_)));
    assert!(matches!(metric("m{a IN (x, y)}").filter, Filter::In { .. }));
    assert!(matches!(metric("m{a NOT IN (x)}").filter, Filter::Not(_)));
}

#[test]
fn a_formula_has_names() {
    let Expr::Binary { left, .. } = parse_formula("query1 / query2 * 100").expect("parses").root else {
        panic!()
    };
    assert!(matches!(*left, Expr::Binary { .. }));
    assert!(parse_formula("top(a, 10, 'mean', 'desc')").is_ok());
    assert!(parse("a / b").is_err());
}

#[test]
fn nesting_and_length_are_bounded() {
    let deep = format!("{}a{{*}}{}", "(".repeat(500), ")".repeat(500));
    assert!(parse(&deep).is_err());
    assert!(parse(&format!("a{{{}x}}", "!".repeat(500))).is_err());
    assert!(parse(&"-".repeat(5000)).is_err());
    assert!(parse(&"a{*}+".repeat(10_000)).is_err());
    assert!(parse(&format!("{}1", "1+".repeat(5_000))).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_panics(text in ".{0,80}") {
        check(&text);
    }

    #[test]
    fn no_text_of_the_language_s_own_signs_panics(words in proptest::collection::vec(
        prop_oneof![
            Just("avg:"), Just("m"), Just("{"), Just("}"), Just("("), Just(")"), Just(","), Just("."), Just("by"), Just(" "),
            Just("rollup"), Just("fill"), Just("AND"), Just("OR"), Just("NOT"), Just("IN"), Just("!"), Just("-"), Just("*"),
            Just("/"), Just("$v"), Just("a:b"), Just("'"), Just("\""), Just("1"), Just("1e9"), Just("="), Just("top"), Just("é"),
        ], 0..40)) {
        check(&words.concat());
        check(&words.join(" "));
    }
}

fn check(text: &str) {
    for read in [parse, parse_formula] {
        if let Err(error) = read(text) {
            assert!(error.position <= text.len(), "{text:?}: {error:?}");
            assert!(text.is_char_boundary(error.position), "{text:?}: {error:?}");
        }
    }
}
