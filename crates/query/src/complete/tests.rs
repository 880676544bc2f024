//! What the editor offers, place by place; `|` is the cursor.

use super::*;

struct Known;

impl Names for Known {
    fn metrics(&self) -> Vec<Arc<str>> {
        ["system.cpu.user", "system.load.1", "cpu.total"].into_iter().map(Arc::from).collect()
    }

    fn tag_keys(&self, metric: &str) -> Vec<String> {
        let keys: &[&str] = if metric == "system.cpu.user" { &["env", "host"] } else { &[] };
        keys.iter().map(|k| (*k).to_owned()).collect()
    }

    fn tag_values(&self, metric: &str, key: &str) -> Vec<String> {
        let values: &[&str] =
            if (metric, key) == ("system.cpu.user", "env") { &["dev", "prod"] } else { &[] };
        values.iter().map(|v| (*v).to_owned()).collect()
    }
}

/// The text after choosing the option of that label.
fn choose(marked: &str, label: &str) -> String {
    let cursor = marked.find('|').expect("a cursor");
    let text = marked.replace('|', "");
    let offered = complete(&text, cursor, &Known);
    let labels: Vec<&str> = offered.options.iter().map(|o| o.label.as_str()).collect();
    let Some(chosen) = offered.options.iter().find(|o| o.label == label) else {
        return format!("only {labels:?}");
    };
    format!("{}{}{}", &text[..offered.from], chosen.insert, &text[offered.to..])
}

#[test]
fn each_place_offers_what_may_stand_there() {
    assert_eq!(choose("|", "avg"), "avg:");
    assert_eq!(choose("|", "cpu.total"), "cpu.total{*}");
    assert_eq!(choose("avg:sys|", "system.load.1"), "avg:system.load.1{*}");
    assert_eq!(choose("avg:cpu|", "system.cpu.user"), "avg:system.cpu.user{*}");
    assert_eq!(choose("avg:sys|{env:prod}", "system.load.1"), "avg:system.load.1{env:prod}");
    assert_eq!(choose("ewm|", "ewma_5"), "ewma_5(");
    assert_eq!(choose("abs(max:sys|", "system.cpu.user"), "abs(max:system.cpu.user{*}");
    assert_eq!(choose("avg:system.cpu.user{|", "env"), "avg:system.cpu.user{env:");
    assert_eq!(choose("avg:system.cpu.user{e|}", "env"), "avg:system.cpu.user{env:}");
    assert_eq!(choose("system.cpu.user{env:p|}", "prod"), "system.cpu.user{env:prod}");
    assert_eq!(choose("system.cpu.user{host:a,env:|}", "dev"), "system.cpu.user{host:a,env:dev}");
    assert_eq!(choose("system.cpu.user{!env:|}", "dev"), "system.cpu.user{!env:dev}");
    assert_eq!(choose("system.cpu.user{*} by {h|}", "host"), "system.cpu.user{*} by {host}");
    assert_eq!(choose("system.cpu.user{*} by {env,|}", "host"), "system.cpu.user{*} by {env,host}");
    assert_eq!(choose("system.cpu.user{*} |", "by {…}"), "system.cpu.user{*} by {");
    assert_eq!(choose("system.cpu.user{*}.r|", "rollup"), "system.cpu.user{*}.rollup(avg, 60)");
    assert_eq!(choose("system.cpu.user{*}.|", "as_count"), "system.cpu.user{*}.as_count()");
    assert_eq!(choose("a{*} / sys|", "system.load.1"), "a{*} / system.load.1{*}");
}

#[test]
fn quotes_offer_nothing() {
    assert!(complete("anomalies(a{*}, 'bas", 20, &Known).options.is_empty());
}

proptest::proptest! {
    #[test]
    fn any_text_and_cursor_is_answered(text in ".{0,40}", cursor in 0usize..60) {
        let offered = complete(&text, cursor, &Known);
        proptest::prop_assert!(offered.from <= offered.to && offered.to <= text.len());
        proptest::prop_assert!(text.is_char_boundary(offered.from) && text.is_char_boundary(offered.to));
    }
}
