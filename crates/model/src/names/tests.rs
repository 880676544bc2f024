//! The rules as cases, and that they are idempotent.

use super::*;
use proptest::prelude::*;

#[test]
fn tags_are_lower_cased_mapped_and_cut() {
    let cases = [
        ("env:prod", "env:prod"),
        ("Env:Prod", "env:prod"),
        ("url:/a/b-c.d", "url:/a/b-c.d"),
        ("sp ace:va|l,ue", "sp_ace:va_l_ue"),
        ("u:é", "u:é"),
        ("u:É", "u:é"),
        ("日本:東京", "日本:東京"),
        ("k:", "k:"),
        (" padded ", "padded"),
        ("a:b=c*d(e)", "a:b_c_d_e_"),
        ("", ""),
    ];
    for (given, expected) in cases {
        assert_eq!(normalise_tag(given), expected, "{given:?}");
    }
    assert_eq!(normalise_tag(&"é".repeat(300)).chars().count(), 200);
    assert_eq!(normalise_tag(&"a".repeat(201)).len(), 200);
}

#[test]
fn metric_names_keep_their_case_and_lose_what_is_not_allowed() {
    let cases = [
        ("system.load.1", Some("system.load.1")),
        ("My.Metric", Some("My.Metric")),
        ("bad name", Some("bad_name")),
        ("my-metric", Some("my_metric")),
        ("1st.metric", Some("st.metric")),
        ("_x", Some("x")),
        ("é.x", Some("x")),
        ("a.é", Some("a._")),
        ("", None),
        ("123", None),
    ];
    for (given, expected) in cases {
        assert_eq!(normalise_metric(given).as_deref(), expected, "{given:?}");
    }
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in ".{0,300}") {
        let once = normalise_tag(&text).into_owned();
        prop_assert_eq!(normalise_tag(&once), once.as_str());
        if let Some(name) = normalise_metric(&text) {
            prop_assert_eq!(normalise_metric(&name), Some(Cow::Borrowed(&*name)));
        }
    }
}
