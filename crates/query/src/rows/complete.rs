//! Completion for the search field: names of fields, and their values with what is typed in them.

use super::facets::{FacetsRequest, facets};
use super::source::{Rows, RowsOf};
use crate::complete::{Completion, CompletionKind, Completions};
use oriel_model::{Core, Field, Filter, Signal};
use oriel_store::{Cancel, NsRange};

/// Options of one answer; a list longer than a screen is typed on, not scrolled.
const OPTIONS_MAX: usize = 50;

/// What may stand at byte `cursor` of a search.
pub fn complete_search<R: Rows>(
    rows: &R,
    (text, cursor): (&str, usize),
    range: NsRange,
    cancel: &Cancel,
) -> Completions {
    let cursor = (0..=cursor.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    let (before, after) = text.split_at(cursor);
    if before.matches('"').count() % 2 == 1 {
        return Completions { from: cursor, to: cursor, options: Vec::new() };
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
    let from = before.rfind(ends).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    let typed = before[from..].trim_start_matches(['-', '!']);
    let to = cursor + after.find(ends).unwrap_or(after.len());
    let (start, options) = match value_of(before, from, typed) {
        Some((name, value)) => (cursor - value.len(), values(rows, name, value, (range, cancel))),
        None => (cursor - typed.len(), fields(rows, typed, range)),
    };
    Completions { from: start, to, options }
}

/// The field and the part of its value that is typed: after a colon, or inside `field:( … )`.
fn value_of<'t>(before: &'t str, from: usize, typed: &'t str) -> Option<(&'t str, &'t str)> {
    if let Some((name, value)) = typed.split_once(':') {
        return Some((name, value));
    }
    let open = before[..from].rfind('(')?;
    let name = before[..open].strip_suffix(':')?;
    if before[open..].contains(')') {
        return None;
    }
    let begin = name.rfind(|c: char| c.is_whitespace() || c == '(').map_or(0, |i| i + 1);
    Some((name.get(begin..)?.trim_start_matches(['-', '!']), typed))
}

fn fields<R: Rows>(rows: &R, typed: &str, range: NsRange) -> Vec<Completion> {
    let core = Core::ALL.into_iter().filter(|core| is_named(rows.signal(), *core)).map(Field::Core);
    let known = rows.fields(range).unwrap_or_default();
    let names: Vec<String> =
        core.chain(known.into_iter().map(|info| info.field)).map(|f| f.to_string()).collect();
    let lower = typed.to_lowercase();
    let bare = lower.trim_start_matches('@');
    let rank = |name: &String| {
        let name = name.to_lowercase();
        match () {
            () if name.starts_with(&lower) => Some(0),
            () if name.trim_start_matches('@').starts_with(bare) => Some(1),
            () if name.contains(bare) => Some(2),
            () => None,
        }
    };
    let mut ranked: Vec<(i32, &String)> = names.iter().filter_map(|name| Some((rank(name)?, name))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let shown = ranked.into_iter().take(OPTIONS_MAX);
    shown.map(|(_, name)| option(CompletionKind::TagKey, name, format!("{}:", escaped(name)), "")).collect()
}

/// Whether a person can name a core field of this signal.
fn is_named(signal: Signal, core: Core) -> bool {
    Field::parse(signal, core.as_str()) == Field::Core(core)
}

fn values<R: Rows>(
    rows: &R,
    name: &str,
    typed: &str,
    (range, cancel): (NsRange, &Cancel),
) -> Vec<Completion> {
    let field = Field::parse(rows.signal(), &name.replace('\\', ""));
    let many = matches!(
        field,
        Field::Core(Core::Message | Core::Time | Core::TraceId | Core::SpanId | Core::ParentId)
    );
    if many || typed.starts_with(['>', '<', '[', '{']) {
        return Vec::new();
    }
    let request = FacetsRequest {
        of: RowsOf { range, filter: Filter::All },
        fields: vec![field],
        search: typed.replace(['\\', '*'], ""),
        limit: OPTIONS_MAX,
    };
    let Ok(found) = facets(rows, &request, cancel) else { return Vec::new() };
    let found = found.facets.into_iter().flat_map(|facet| facet.values);
    found
        .map(|(value, count)| {
            option(CompletionKind::TagValue, &value, escaped_value(&value), &format!("{count}"))
        })
        .collect()
}

fn option(kind: CompletionKind, label: &str, insert: String, detail: &str) -> Completion {
    Completion { label: label.to_owned(), insert, kind, detail: detail.to_owned() }
}

/// A name with what would end it taken into it.
fn escaped(name: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ':' | '*' | '?' | '\\');
    let escape = |c: char| if special(c) { format!("\\{c}") } else { c.to_string() };
    name.chars().map(escape).collect()
}

/// A value as it is, or in quotes when something in it means more.
fn escaped_value(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@');
    if !value.is_empty() && value.chars().all(plain) && !value.starts_with('-') {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
