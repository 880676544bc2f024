//! Literal texts that every value which passes a test holds: what is searched for first, and what blocks are ruled out by.

use super::{GlobPart, Test};
use arrow_array::{Array, StringArray};
use regex_syntax::hir::{Hir, HirKind};

/// Literals of a test, at most: the longest ones rule out nearly all that all of them would.
const LITERALS_MAX: usize = 4;

/// What a test requires of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Required {
    /// In every text that passes; not empty, the longest first.
    pub(super) literals: Vec<String>,
    /// A text that holds the one literal passes.
    pub(super) is_enough: bool,
}

impl Test {
    /// Literals that every text which passes holds, byte by byte; the longest first. None where nothing is certain.
    pub fn required(&self) -> Vec<String> {
        Required::of(self).literals
    }
}

impl Required {
    pub(super) fn of(test: &Test) -> Self {
        let (literals, is_enough) = match test {
            Test::Glob(glob) => {
                let texts = glob.parts.iter().filter_map(|part| match part {
                    GlobPart::Literal(text) => Some(text.to_string()),
                    GlobPart::Any | GlobPart::One => None,
                });
                let is_enough =
                    matches!(glob.parts.as_slice(), [GlobPart::Any, GlobPart::Literal(_), GlobPart::Any]);
                (texts.collect(), is_enough)
            }
            Test::Regex(pattern) => match regex_syntax::parse(pattern.0.as_str()) {
                Ok(hir) => (runs_of(&hir), matches!(hir.kind(), HirKind::Literal(_))),
                Err(_) => return Self::default(),
            },
            _ => return Self::default(),
        };
        let mut out = Self { literals, is_enough };
        out.literals.retain(|text| !text.is_empty());
        out.literals.sort_by_key(|text| std::cmp::Reverse(text.len()));
        out.literals.truncate(LITERALS_MAX);
        out
    }
}

/// The runs of literal bytes that every match has.
fn runs_of(hir: &Hir) -> Vec<String> {
    let mut runs = vec![Vec::new()];
    add_runs(hir, &mut runs);
    runs.into_iter().filter_map(|run| String::from_utf8(run).ok()).collect()
}

/// Goes on with the last run, or begins others.
fn add_runs(hir: &Hir, runs: &mut Vec<Vec<u8>>) {
    match hir.kind() {
        // Both take no bytes: what stands around them stands together.
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => {
            if let Some(run) = runs.last_mut() {
                run.extend_from_slice(&literal.0);
            }
        }
        HirKind::Capture(capture) => add_runs(&capture.sub, runs),
        HirKind::Concat(parts) => parts.iter().for_each(|part| add_runs(part, runs)),
        HirKind::Repetition(repeated) if repeated.min > 0 => {
            runs.push(Vec::new());
            add_runs(&repeated.sub, runs);
            runs.push(Vec::new());
        }
        HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Alternation(_) => runs.push(Vec::new()),
    }
}

/// Shows the rows of a column that hold the text, in order, by one search through all its bytes.
pub(super) fn each_holding(texts: &StringArray, literal: &str, mut visit: impl FnMut(usize)) {
    let (offsets, bytes) = (texts.value_offsets(), texts.value_data());
    let place = |row: usize| offsets.get(row).map_or(0, |at| usize::try_from(*at).unwrap_or(0));
    let end = place(texts.len());
    let search = memchr::memmem::Finder::new(literal);
    let (mut row, mut from) = (0, place(0));
    while let Some(at) = search.find(&bytes[from..end]).map(|at| from + at) {
        while place(row + 1) <= at {
            row += 1;
        }
        let stop = place(row + 1);
        // What reaches into the next text is in neither.
        if at + literal.len() > stop {
            from = at + 1;
            continue;
        }
        visit(row);
        from = stop;
    }
}

#[cfg(test)]
mod tests;
