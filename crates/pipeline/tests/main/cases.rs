//! The runner of the case files: each case a title, lines `key: value`, and what must come of it.

use crate::search::parse;
use oriel_model::{Core, Field, Row, Signal, Value};
use oriel_pipeline::{PipelineDefinition, Pipelines, ScrubDefinition, Scrubber, changes};
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// 2023-11-14T22:13:20Z.
const NOW_NS: i64 = 1_700_000_000_000_000_000;

struct Case {
    title: String,
    lines: Vec<(String, String)>,
}

impl Case {
    fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    fn one<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.all(key).next()
    }

    fn row(&self) -> Row {
        let mut row = Row::new(NOW_NS);
        row.set_text(Core::Message, self.one("log").unwrap_or_default());
        row.set_text(Core::Service, self.one("service").unwrap_or_default());
        if let Some(attributes) = self.one("attributes") {
            let json: Map<String, Json> = serde_json::from_str(attributes).expect("attributes are an object");
            flatten(&mut row, "", &json);
        }
        for tag in self.one("tags").unwrap_or_default().split(',').filter(|t| !t.is_empty()) {
            row.add_tag(tag);
        }
        row
    }
}

fn flatten(row: &mut Row, path: &str, map: &Map<String, Json>) {
    for (key, value) in map {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Json::Object(inner) => flatten(row, &path, inner),
            value => row.set_attribute(Field::attr(&path), Value::from_json(value)),
        }
    }
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let mut out: Vec<Case> = Vec::new();
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        match line.strip_prefix("== ") {
            Some(title) => out.push(Case { title: title.to_owned(), lines: Vec::new() }),
            None => {
                let (key, value) =
                    line.split_once(": ").unwrap_or_else(|| panic!("{line:?} is no `key: value`"));
                out.last_mut().unwrap().lines.push((key.to_owned(), value.to_owned()));
            }
        }
    }
    out
}

/// Runs a file's cases and tells all that fail.
fn run(file: &str, run: impl Fn(&Case, &mut Row) -> Result<Option<u64>, String>) {
    let (mut failures, mut n) = (Vec::new(), 0);
    for case in cases(file) {
        n += 1;
        let before = case.row();
        let mut row = before.clone();
        let got = match (run(&case, &mut row), case.one("fails")) {
            (Err(why), Some(wanted)) if why.contains(wanted) => continue,
            (Err(why), _) => format!("fails: {why}"),
            (Ok(_), Some(_)) => "does not fail".to_owned(),
            (Ok(matches), None) => {
                let changed: Map<String, Json> =
                    changes(&before, &row).into_iter().map(|c| (c.field, c.after)).collect();
                let wanted: Json = serde_json::from_str(case.one("gives").expect("gives")).unwrap();
                let same_matches = case.one("matches").is_none_or(|m| m.parse().ok() == matches);
                if same(&Json::Object(changed.clone()), &wanted) && same_matches {
                    continue;
                }
                format!("gives {}, matches {matches:?}", Json::Object(changed))
            }
        };
        failures.push(format!("{file}: {}\n    {got}", case.title));
    }
    assert!(failures.is_empty(), "{} of {n} cases fail:\n{}", failures.len(), failures.join("\n"));
}

/// Equal whatever the order of fields.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

fn through(processors: Vec<Json>, row: &mut Row) -> Result<Option<u64>, String> {
    let pipeline =
        json!({ "name": "case", "is_enabled": true, "filter": { "query": "*" }, "processors": processors });
    let definition = PipelineDefinition::from_json(&pipeline).map_err(|e| e.to_string())?;
    let pipelines = Pipelines::compile(&[definition], &parse).map_err(|e| e.to_string())?;
    let explained = pipelines.explain(row.clone());
    pipelines.apply(row);
    assert_eq!(explained.row, *row, "the test bench and the road do the same");
    Ok(None)
}

#[test]
fn grok_rules() {
    run("grok.txt", |case, row| {
        let lines = |key| case.all(key).collect::<Vec<_>>().join("\n");
        let grok = json!({ "match_rules": lines("rule"), "support_rules": lines("support") });
        let processor =
            json!({ "type": "grok-parser", "is_enabled": true, "source": "message", "grok": grok });
        through(vec![processor], row)
    });
}

#[test]
fn processors() {
    run("processors.txt", |case, row| {
        let processors = case.all("processor").map(|text| {
            let mut json: Json = serde_json::from_str(text).unwrap();
            json["is_enabled"] = json!(true);
            json
        });
        through(processors.collect(), row)
    });
}

#[test]
fn scrub_rules() {
    run("scrub.txt", |case, row| {
        let rules: Vec<ScrubDefinition> =
            case.all("rule").map(|r| serde_json::from_str(r).unwrap()).collect();
        let scrubber = Scrubber::compile(&rules, &parse, None).map_err(|e| e.to_string())?;
        scrubber.apply(row, Signal::Logs);
        let matches = scrubber.matches().iter().map(|(_, n)| n).sum();
        let mut again = row.clone();
        assert!(!scrubber.apply(&mut again, Signal::Logs), "{}: a second time finds nothing", case.title);
        assert_eq!(again, *row);
        Ok(Some(matches))
    });
}

#[test]
fn what_is_not_enabled_does_nothing() {
    let processor = json!({ "type": "string-builder-processor", "template": "x", "target": "a" });
    for (pipeline, one) in [(false, true), (true, false)] {
        let mut processor = processor.clone();
        processor["is_enabled"] = json!(one);
        let definition = json!({ "name": "p", "is_enabled": pipeline, "processors": [processor] });
        let definition = PipelineDefinition::from_json(&definition).unwrap();
        let pipelines = Pipelines::compile(&[definition], &parse).unwrap();
        let mut row = Row::new(1);
        pipelines.apply(&mut row);
        assert_eq!(row, Row::new(1));
        assert_eq!(pipelines.is_empty(), !pipeline);
    }
}
