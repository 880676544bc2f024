//! Reasons find their fields.

use super::*;

#[test]
fn a_reason_names_its_field_and_place() {
    let of = |reason: &str| {
        let problem = problem(reason);
        (problem["field"].as_str().unwrap().to_owned(), problem["position"].as_u64())
    };
    assert_eq!(of("query is missing"), ("query".into(), None));
    assert_eq!(of("query: unknown function at position 17"), ("query".into(), Some(17)));
    assert_eq!(
        of("options.thresholds.warning (9) must be below"),
        ("options.thresholds.warning".into(), None)
    );
    assert_eq!(of("something else"), (String::new(), None));
}
