//! ARCHITECTURE.md and README.md are true: every path and link in them exists.

use std::path::Path;

pub(crate) fn check(root: &Path) -> Vec<String> {
    ["ARCHITECTURE.md", "README.md"].iter().flat_map(|page| page_findings(root, page)).collect()
}

fn page_findings(root: &Path, page: &str) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(root.join(page)) else {
        return vec![format!("{page}: is missing")];
    };
    let named = links(&text).into_iter().chain(paths(&text));
    let missing = named.filter(|path| !root.join(path).exists());
    missing.map(|path| format!("{page}: names `{path}`, which does not exist")).collect()
}

/// Targets of `[text](target)` inside the project.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local =
        targets.map(|t| t.split('#').next().unwrap_or(t)).filter(|t| !t.is_empty() && !t.contains("://"));
    local.map(str::to_owned).collect()
}

/// Words in backticks that look like paths of the project.
fn paths(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    let tops = ["crates/", "docs/", "tests/", "ui/", "bench/", "fuzz/", "xtask/", "deploy/", "dev/"];
    let is_path = |s: &&str| tops.iter().any(|t| s.starts_with(t)) && !s.contains([' ', '*', '<', '{']);
    spans.filter(is_path).map(|s| s.split("::").next().unwrap_or(s).to_owned()).collect()
}
