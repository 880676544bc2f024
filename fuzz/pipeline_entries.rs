//! What the targets of the pipelines' room do with their bytes, and what must hold whatever they are. Also replayed over
//! `fuzz/seeds` by `cargo test -p oriel-pipeline`.

// Each target is a binary of its own and calls one of these; breaking a rule is said by panicking, as fuzzers expect.
#![allow(dead_code, clippy::panic, clippy::expect_used)]

use oriel_model::{Core, Filter, Limits, OrgId, Row, RowBatchBuilder, Signal, TimeRange};
use oriel_pipeline::{PipelineDefinition, Pipelines, ScrubDefinition, Scrubber};
use serde_json::{Value, json};

type Target = (&'static str, fn(&[u8]));

/// Every target by name, for the replay.
pub(crate) const TARGETS: [Target; 2] = [("grok", grok), ("pipeline", pipeline)];

/// Rules, a line `---`, and a log: whatever the rules are, they compile or tell why, and the log passes.
pub(crate) fn grok(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (rules, log) = text.split_once("\n---\n").unwrap_or((text, "john connected on 11/08/2017"));
    let (matching, support) = rules.split_once("\n+++\n").unwrap_or((rules, ""));
    let parser = json!({ "type": "grok-parser", "is_enabled": true, "source": "message",
        "grok": { "match_rules": matching, "support_rules": support } });
    run(&json!({ "name": "p", "is_enabled": true, "processors": [parser] }), log);
}

/// A pipeline's JSON, a line `---`, and a log; scrub rules over the same log.
pub(crate) fn pipeline(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (definition, log) = text.split_once("\n---\n").unwrap_or((text, "x"));
    if let Ok(json) = serde_json::from_str::<Value>(definition) {
        run(&json, log);
    }
    let rule = ScrubDefinition {
        name: "r".into(),
        pattern: definition.into(),
        enabled: true,
        replacement: "#".into(),
        ..ScrubDefinition::default()
    };
    if let Ok(scrubber) = Scrubber::compile(&[rule], &parse, None) {
        let mut row = row(log);
        scrubber.apply(&mut row, Signal::Logs);
        let once = row.clone();
        scrubber.apply(&mut row, Signal::Logs);
        assert_eq!(row, once, "what was scrubbed stays as it is");
    }
}

/// The batch keeps its rows, and the test bench does what the road does.
fn run(definition: &Value, log: &str) {
    let Ok(definition) = PipelineDefinition::from_json(definition) else { return };
    let Ok(pipelines) = Pipelines::compile(&[definition], &parse) else { return };
    let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Logs, &Limits::default(), TimeRange::all());
    if !builder.push(&row(log)) {
        return;
    }
    let (batch, _) = builder.finish();
    let explained = pipelines.explain(batch.row(0)).row;
    let mut applied = batch.row(0);
    pipelines.apply(&mut applied);
    assert_eq!(applied, explained);
    assert_eq!(pipelines.run(batch, &Limits::default(), TimeRange::all()).len(), 1);
}

fn row(log: &str) -> Row {
    let mut row = Row::new(1_700_000_000_000_000_000);
    row.set_text(Core::Message, log);
    row
}

/// The search language has targets of its own.
fn parse(text: &str) -> Result<Filter, String> {
    if text.contains('!') { Err("no".to_owned()) } else { Ok(Filter::All) }
}
