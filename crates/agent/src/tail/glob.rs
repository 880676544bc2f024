//! Paths with `*`, `?`, `[…]` and `**`, found on the disk.

use regex::Regex;
use std::path::{Path, PathBuf};

/// Files of one pattern that are tailed at once, as the Datadog agent's `open_files_limit`.
pub(crate) const FILES_MAX: usize = 500;
/// Entries looked at in one folder, and folders below `**`.
const ENTRIES_MAX: usize = 10_000;
const DEPTH_MAX: usize = 12;

/// The files that a pattern names, in the order of their names.
pub(crate) fn find(pattern: &str) -> Vec<PathBuf> {
    if !is_pattern(pattern) {
        let path = PathBuf::from(pattern);
        return if path.is_file() { vec![path] } else { Vec::new() };
    }
    let parts: Vec<&str> = pattern.split('/').filter(|p| !p.is_empty()).collect();
    let root = if pattern.starts_with('/') { "/" } else { "." };
    let mut out = Vec::new();
    walk(Path::new(root), &parts, 0, &mut out);
    out.sort();
    out.dedup();
    out.truncate(FILES_MAX);
    out
}

/// Whether a path is as a pattern says.
pub(crate) fn matches(pattern: &str, path: &Path) -> bool {
    expression(pattern).is_some_and(|regex| regex.is_match(&path.to_string_lossy()))
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn walk(dir: &Path, parts: &[&str], depth: usize, out: &mut Vec<PathBuf>) {
    let Some((first, rest)) = parts.split_first() else { return };
    if depth > DEPTH_MAX || out.len() >= ENTRIES_MAX {
        return;
    }
    if *first == "**" {
        walk(dir, rest, depth, out);
        for entry in entries(dir).into_iter().filter(|e| e.is_dir() && !e.is_symlink()) {
            walk(&entry, parts, depth + 1, out);
        }
        return;
    }
    if !is_pattern(first) {
        step(dir.join(first), rest, depth, out);
        return;
    }
    let Some(regex) = expression(first) else { return };
    for entry in entries(dir) {
        let name = entry.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // A name that begins with a dot is asked for with a dot.
        if regex.is_match(&name) && (first.starts_with('.') || !name.starts_with('.')) {
            step(entry, rest, depth, out);
        }
    }
}

fn step(path: PathBuf, rest: &[&str], depth: usize, out: &mut Vec<PathBuf>) {
    if !rest.is_empty() {
        walk(&path, rest, depth + 1, out);
    } else if path.is_file() {
        out.push(path);
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let Ok(read) = std::fs::read_dir(dir) else { return Vec::new() };
    read.flatten().map(|e| e.path()).take(ENTRIES_MAX).collect()
}

fn expression(pattern: &str) -> Option<Regex> {
    let mut out = String::from("^");
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => out.push_str(".*"),
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                let class: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let (negated, class) = match class.strip_prefix(['!', '^']) {
                    Some(rest) => ("^", rest),
                    None => ("", class.as_str()),
                };
                out.push_str(&format!("[{negated}{}]", class.replace('\\', r"\\").replace('[', r"\[")));
            }
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    out.push('$');
    Regex::new(&out).ok()
}

#[cfg(test)]
mod tests;
