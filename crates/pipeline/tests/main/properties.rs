//! What holds whatever the input: nothing panics, what is scrubbed is gone, rows are never lost.

use crate::batches::batch;
use crate::search::parse;
use oriel_model::{Core, Field, Limits, Row, Signal, TimeRange, Value};
use oriel_pipeline::{PRESETS, PipelineDefinition, Pipelines, ScrubAction, ScrubDefinition, Scrubber};
use proptest::prelude::*;
use regex::Regex;
use serde_json::json;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e12..1e12).prop_map(Value::Float),
        text().prop_map(|t| Value::Text(t.into())),
        proptest::collection::vec(text().prop_map(|t| Value::Text(t.into())), 0..4).prop_map(Value::List),
    ]
}

/// Texts with what the presets look for, among anything.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        Just("4111 1111 1111 1111".to_owned()),
        Just("5500-0000-0000-0004".to_owned()),
        "[a-z]{1,5}@[a-z]{1,5}\\.com",
        "password[=:] ?[a-z\\]\\[]{1,9}",
        "Bearer [A-Za-z0-9\\[\\]]{8,20}",
        "AKIA[A-Z0-9]{16}",
        "[ab]{1,6}",
        "[0-9]{10,20}",
    ];
    proptest::collection::vec(parts, 0..4).prop_map(|p| p.join(" "))
}

fn row() -> impl Strategy<Value = Row> {
    (text(), text(), proptest::collection::vec(("[a-d]", value()), 0..5)).prop_map(
        |(message, resource, fields)| {
            let mut row = Row::new(1_700_000_000_000_000_000);
            row.set_text(Core::Message, message);
            row.set_text(Core::Resource, resource);
            for (name, value) in fields {
                row.set_attribute(Field::attr(&name), value);
            }
            row
        },
    )
}

fn texts(row: &Row) -> Vec<String> {
    let mut out = vec![row.text(Core::Message).to_owned(), row.text(Core::Resource).to_owned()];
    for (_, value) in &row.attributes {
        match value {
            Value::List(list) => out.extend(list.iter().filter_map(|v| v.text().map(|t| t.into_owned()))),
            one => out.extend(one.text().map(|t| t.into_owned())),
        }
    }
    out
}

proptest! {
    /// Nothing that a rule looks for is left but what it put there itself.
    #[test]
    fn what_is_scrubbed_is_gone(rows in proptest::collection::vec(row(), 1..4), action in 0..3_usize, own in "[ab]{1,3}") {
        let action = [ScrubAction::Redact, ScrubAction::Hash, ScrubAction::DropField][action];
        let of_preset = |p: &oriel_pipeline::Preset| ScrubDefinition { name: p.name.into(), preset: Some(p.name.into()), ..base(action) };
        let mut rules: Vec<ScrubDefinition> = PRESETS.iter().filter(|p| p.name != "credit_card").map(of_preset).collect();
        let pattern = format!("(?:{own}){{2}}");
        rules.push(ScrubDefinition { name: "own".into(), pattern: pattern.clone(), replacement: "#".into(), ..base(action) });
        for rule in rules {
            let scrubber = Scrubber::compile(std::slice::from_ref(&rule), &parse, None).unwrap();
            let out = scrubber.run(batch(Signal::Logs, &rows), &Limits::default());
            prop_assert_eq!(out.len(), rows.len());
            let preset = PRESETS.iter().find(|p| Some(p.name) == rule.preset.as_deref());
            let regex = Regex::new(preset.map_or(pattern.as_str(), |p| p.pattern)).unwrap();
            for text in (0..out.len()).flat_map(|i| texts(&out.row(i))) {
                for found in regex.captures_iter(&text) {
                    let secret = found.name("secret").or(found.get(0)).unwrap().as_str();
                    let placed = secret == rule.replacement || secret.starts_with("[hash:");
                    prop_assert!(placed, "{} is left in {:?}", secret, text);
                }
            }
        }
    }

    /// Card numbers: none with a right check digit is left, and a second time finds nothing.
    #[test]
    fn scrubbing_twice_is_scrubbing_once(rows in proptest::collection::vec(row(), 1..4)) {
        let rules: Vec<ScrubDefinition> = PRESETS
            .iter()
            .map(|p| ScrubDefinition { name: p.name.into(), preset: Some(p.name.into()), ..base(ScrubAction::Redact) })
            .collect();
        for rule in &rules {
            let scrubber = Scrubber::compile(std::slice::from_ref(rule), &parse, None).unwrap();
            let once = scrubber.run(batch(Signal::Logs, &rows), &Limits::default());
            let twice = scrubber.run(once.clone(), &Limits::default());
            for i in 0..once.len() {
                prop_assert_eq!(once.row(i), twice.row(i));
            }
        }
    }

    /// Every processor on any row, and on a row that is a batch of its own.
    #[test]
    fn processors_never_panic_and_lose_no_row(rows in proptest::collection::vec(row(), 1..4), a in "[a-d]", b in "[a-d]") {
        let pipelines = every_processor(&a, &b);
        let out = pipelines.run(batch(Signal::Logs, &rows), &Limits::default(), TimeRange::all());
        prop_assert_eq!(out.len(), rows.len());
        for (i, row) in rows.iter().enumerate() {
            let mut one = row.clone();
            pipelines.apply(&mut one);
            // Numbers that no JSON has are texts once they were in a batch.
            let stored = out.row(i);
            prop_assert_eq!(stored.text(Core::Status), one.text(Core::Status));
        }
    }

    /// Whatever somebody writes as a rule is a rule or an error.
    #[test]
    fn any_rule_is_a_rule_or_an_error(
        rule in prop_oneof![any::<String>(), "(%\\{[a-zA-Z]{0,8}(\\(\"?[a-zMdyHms:/ ]{0,9}\"?\\))?(:[a-z.]{0,4}){0,2}\\}?| |\\\\|[a-z(\\[]){0,6}"],
        text in any::<String>(),
    ) {
        let json = json!({ "name": "p", "is_enabled": true, "processors": [
            { "type": "grok-parser", "is_enabled": true, "source": "message", "grok": { "match_rules": format!("r {rule}"), "support_rules": "" } },
        ]});
        let definition = PipelineDefinition::from_json(&json).unwrap();
        if let Ok(pipelines) = Pipelines::compile(&[definition], &parse) {
            let mut row = Row::new(0);
            row.set_text(Core::Message, text);
            pipelines.apply(&mut row);
        }
    }

    #[test]
    fn any_formula_and_template(formula in "[a-c0-9 +*/().%{}-]{0,20}") {
        for kind in [json!({ "type": "arithmetic-processor", "expression": formula }), json!({ "type": "string-builder-processor", "template": formula })] {
            let mut kind = kind;
            (kind["target"], kind["is_enabled"]) = (json!("t"), json!(true));
            let definition = PipelineDefinition::from_json(&json!({ "name": "p", "is_enabled": true, "processors": [kind] })).unwrap();
            if let Ok(pipelines) = Pipelines::compile(&[definition], &parse) {
                let mut row = Row::new(0);
                row.set_attribute(Field::attr("a"), Value::Float(1e300));
                pipelines.apply(&mut row);
            }
        }
    }
}

fn base(action: ScrubAction) -> ScrubDefinition {
    ScrubDefinition { action, enabled: true, replacement: "[redacted]".into(), ..ScrubDefinition::default() }
}

fn every_processor(a: &str, b: &str) -> Pipelines {
    let processors = json!([
        { "type": "grok-parser", "source": a, "grok": { "match_rules": "r %{data:g:keyvalue}\ns %{data::json}" } },
        { "type": "grok-parser", "source": "message", "grok": { "match_rules": "r %{notSpace:x} %{data:y:array(\"[]\",\",\",number)}\nu %{data:z:csv(\"a,b\")}" } },
        { "type": "date-remapper", "sources": [a, b] },
        { "type": "status-remapper", "sources": [a] },
        { "type": "service-remapper", "sources": [b] },
        { "type": "trace-id-remapper", "sources": [a] },
        { "type": "span-id-remapper", "sources": [b] },
        { "type": "attribute-remapper", "sources": [a, "message"], "target": b, "override_on_conflict": true, "target_format": "integer" },
        { "type": "attribute-remapper", "sources": [b], "target": a, "target_type": "tag", "preserve_source": true },
        { "type": "url-parser", "sources": [a], "target": "u" },
        { "type": "user-agent-parser", "sources": [b], "target": "ua", "is_encoded": true },
        { "type": "category-processor", "target": "c", "categories": [{ "filter": { "query": "@a:>=1" }, "name": "n" }] },
        { "type": "arithmetic-processor", "expression": format!("{a} / {b} - a"), "target": "m", "is_replace_missing": true },
        { "type": "string-builder-processor", "template": "%{a}%{message}", "target": "s", "is_replace_missing": true },
        { "type": "lookup-processor", "source": a, "target": "l", "lookup_table": ["true,yes"], "default_lookup": "no" },
        { "type": "message-remapper", "sources": [b] },
    ]);
    let list = processors.as_array().unwrap().iter().map(|p| {
        let mut p = p.clone();
        p["is_enabled"] = json!(true);
        p
    });
    let json = json!({ "name": "all", "is_enabled": true, "processors": list.collect::<Vec<_>>() });
    Pipelines::compile(&[PipelineDefinition::from_json(&json).unwrap()], &parse).unwrap()
}
