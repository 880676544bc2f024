//! The runner of `tests/golden/search/*.case`: rows, searches, and the rows that a person has said they find.
//!
//! A case file is lines: `signal NAME`, `row NAME {JSON}` (core fields by name, `@path` attributes, `tags` as a list), `query
//! TEXT`, then `expect` and the indented names of the rows found, `none`, or `error at POSITION: MESSAGE; expected …`.
//! `ORIEL_GOLDEN_FILL=1` writes the answers that the parser and the filter give into the files, for a person to read.

use oriel_model::{Core, Field, Row, Signal, Value, parse_span_id, parse_trace_id};
use oriel_query::search::parse;
use oriel_testkit::row_cases::RowColumns;
use serde_json::Value as Json;
use std::path::Path;

#[derive(Default)]
struct Setting {
    signal: Option<Signal>,
    names: Vec<String>,
    rows: Vec<Row>,
    query: String,
}

#[test]
fn golden_searches() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/search");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|e| e.expect("an entry").path())
        .collect();
    files.sort();
    let fill = std::env::var_os("ORIEL_GOLDEN_FILL").is_some();
    let (mut failures, mut seen) = (Vec::new(), 0);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case file");
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let answered = run_file(&name, &text, &mut failures, &mut seen);
        if fill && answered != text {
            std::fs::write(&file, answered).expect("case files can be written");
        }
    }
    assert!(seen > 100, "only {seen} searches");
    assert!(
        fill || failures.is_empty(),
        "{} golden searches differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn run_file(name: &str, text: &str, failures: &mut Vec<String>, seen: &mut usize) -> String {
    let (mut setting, mut out) = (Setting::default(), String::new());
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let at = format!("{name}:{}", number + 1);
        out.push_str(line);
        out.push('\n');
        if line.trim() != "expect" {
            setting.read(&at, line);
            continue;
        }
        let mut expected = String::new();
        while let Some((_, body)) = lines.next_if(|(_, l)| l.starts_with("  ")) {
            expected.push_str(body.trim());
        }
        let actual = setting.answer(&at);
        if actual != expected {
            failures.push(format!("{at}: {}\n  expected {expected}\n  got      {actual}", setting.query));
        }
        out.push_str(&format!("  {actual}\n"));
        *seen += 1;
    }
    out
}

impl Setting {
    fn read(&mut self, at: &str, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => {}
            _ if word.starts_with('#') => {}
            "signal" => {
                *self = Self { signal: Signal::parse(rest), ..Self::default() };
                assert!(self.signal.is_some(), "{at}: {rest} is no signal");
            }
            "row" => {
                let (name, json) = rest.split_once(' ').unwrap_or_else(|| panic!("{at}: row NAME JSON"));
                self.names.push(name.to_owned());
                self.rows.push(row(at, json));
            }
            "query" => rest.clone_into(&mut self.query),
            _ => panic!("{at}: {word} is no line of a case"),
        }
    }

    fn answer(&self, at: &str) -> String {
        let filter = match parse(self.signal.expect("a signal"), &self.query) {
            Ok(filter) => filter,
            Err(e) => {
                let expected =
                    if e.expected.is_empty() { "nothing".to_owned() } else { e.expected.join(", ") };
                return format!("error at {}: {e}; expected {expected}", e.position);
            }
        };
        let matched: Vec<bool> = self.rows.iter().map(|row| filter.matches(row)).collect();
        let selected: Vec<bool> = filter.select(&RowColumns(&self.rows)).values().iter().collect();
        assert_eq!(matched, selected, "{at}: rows and columns differ for {filter:?}");
        let found = self.names.iter().zip(matched).filter(|(_, found)| *found).map(|(name, _)| name.as_str());
        let found: Vec<&str> = found.collect();
        if found.is_empty() { "none".to_owned() } else { found.join(" ") }
    }
}

fn row(at: &str, json: &str) -> Row {
    let parsed: serde_json::Map<String, Json> =
        serde_json::from_str(json).unwrap_or_else(|e| panic!("{at}: {e}"));
    let mut row = Row::new(1_000_000_000);
    for (name, value) in parsed {
        let text = || value.as_str().unwrap_or_else(|| panic!("{at}: {name} is a text"));
        let core = Core::ALL.into_iter().find(|core| core.as_str() == name);
        match (name.as_str(), core) {
            ("tags", _) => {
                let tags = value.as_array().unwrap_or_else(|| panic!("{at}: tags are a list"));
                tags.iter().filter_map(Json::as_str).for_each(|tag| row.add_tag(tag));
            }
            ("timestamp", _) => row.time_ns = value.as_i64().expect("nanoseconds"),
            ("trace_id", _) => row.trace_id = parse_trace_id(text()).expect("an id"),
            ("span_id", _) => row.span_id = parse_span_id(text()).expect("an id"),
            ("parent_id", _) => row.parent_id = parse_span_id(text()).expect("an id"),
            ("duration", _) => row.duration_ns = value.as_i64().expect("nanoseconds"),
            (_, Some(core)) => row.set_text(core, text()),
            _ => {
                let path = name.strip_prefix('@').unwrap_or_else(|| panic!("{at}: {name} is no field"));
                row.set_attribute(Field::attr(path), Value::from_json(&value));
            }
        }
    }
    row
}
