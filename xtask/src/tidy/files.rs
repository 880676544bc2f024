//! One file at a time: its opening paragraph, its length, its name, and words that mark unfinished work.

use std::path::Path;

/// Production lines of a Rust file (STYLE 6).
const RUST_LINES_MAX: usize = 500;
/// Lines of a file of the UI (STYLE 12).
const UI_LINES_MAX: usize = 250;
/// Names that say nothing (STYLE 7).
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "manager", "misc", "shared"];

pub(crate) fn check(root: &Path, tracked: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in tracked {
        let Ok(text) = std::fs::read_to_string(root.join(file)) else { continue };
        if is_rust(file) {
            findings.extend(rust(file, &text));
        }
        if is_ui(file) {
            findings.extend(ui(file, &text));
        }
    }
    findings
}

fn is_rust(file: &str) -> bool {
    file.ends_with(".rs")
}

fn is_ui(file: &str) -> bool {
    file.starts_with("ui/src/") && (file.ends_with(".ts") || file.ends_with(".tsx") || file.ends_with(".css"))
}

fn is_test(file: &str) -> bool {
    ["/tests/", "/tests.rs", "/examples/", "/benches/", "fuzz/"]
        .iter()
        .any(|part| format!("/{file}").contains(part))
        || file.contains(".test.")
}

fn rust(file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") {
        findings.push(format!("{file}: opens without a `//!` paragraph that says what it is"));
    }
    let lines = text.lines().count();
    if !is_test(file) && lines > RUST_LINES_MAX {
        findings
            .push(format!("{file}: {lines} lines, at most {RUST_LINES_MAX}; split it by what its parts are"));
    }
    findings.extend(name(file));
    findings.extend(words(file, text));
    findings
}

fn ui(file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if !is_test(file) && lines > UI_LINES_MAX {
        findings
            .push(format!("{file}: {lines} lines, at most {UI_LINES_MAX}; split it by what its parts are"));
    }
    findings.extend(name(file));
    findings.extend(words(file, text));
    findings
}

fn name(file: &str) -> Option<String> {
    let stem = Path::new(file).file_stem()?.to_str()?.to_ascii_lowercase();
    EMPTY_NAMES
        .contains(&stem.as_str())
        .then(|| format!("{file}: `{stem}` says nothing; name it after what it holds"))
}

/// Marks of unfinished work; spelled apart so that this file does not find itself.
fn words(file: &str, text: &str) -> Vec<String> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let has = |line: &str| marks.iter().any(|m| line.contains(m));
    let lines = text.lines().enumerate().filter(|(_, line)| has(line));
    lines.map(|(n, _)| format!("{file}:{}: unfinished work is an issue, not a comment", n + 1)).collect()
}
