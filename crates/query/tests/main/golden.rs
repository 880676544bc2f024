//! The runner of `tests/golden/*.case`: data, queries and the answers that a person has read.
//!
//! A case file is lines: `load KIND NAME{TAGS} …: VALUES`, settings (`range`, `now`, `display`, `step`, `var`), `query TEXT`
//! (or `with NAME = TEXT` and `formula TEXT`), then `expect` and the indented answer. `ORIEL_GOLDEN_FILL=1` writes the
//! answers that the engine gives into the files, for a person to read.

mod loading;

mod rendering;

use crate::memory::Memory;
use loading::Setting;
use oriel_query::Engine;
use oriel_store::MetricReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

#[test]
fn golden_cases() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("tests/golden is there")
        .map(|e| e.expect("a directory entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "case"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are golden cases");
    let fill = std::env::var_os("ORIEL_GOLDEN_FILL").is_some();
    let mut failures = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case file");
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let answered = run_file(&name, &text, &mut failures);
        if fill && answered != text {
            std::fs::write(&file, answered).expect("case files can be written");
        }
    }
    assert!(
        fill || failures.is_empty(),
        "{} golden answers differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Runs a file's queries, and gives its text with the answers of this run.
fn run_file(name: &str, text: &str, failures: &mut Vec<String>) -> String {
    let engine = Engine::new(2);
    let mut setting = Setting::default();
    let mut out = String::new();
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
            expected.push_str(body);
            expected.push('\n');
        }
        let actual = answers(&engine, &setting);
        if actual != expected {
            failures.push(format!("{at}: {}\nexpected\n{expected}got\n{actual}", setting.last));
        }
        out.push_str(&actual);
        setting.answered();
    }
    out
}

/// The same query over whole pieces with aggregates, over samples, and over small pieces: one answer.
fn answers(engine: &Engine, setting: &Setting) -> String {
    let mut rendered: Vec<String> = [(480, true), (480, false), (3, true), (1, true)]
        .into_iter()
        .map(|(cut, aggregates)| {
            let memory = Memory { cut, aggregates, ..setting.memory.clone() };
            let reader: Arc<dyn MetricReader> = Arc::new(memory);
            match engine.run(&reader, &setting.request()) {
                Ok(outcomes) => outcomes.iter().map(rendering::outcome).collect(),
                Err(error) => format!("  error: {error}\n"),
            }
        })
        .collect();
    let first = rendered.remove(0);
    for other in rendered {
        assert_eq!(first, other, "{}: the answer depends on how the store cut its pieces", setting.last);
    }
    first
}
