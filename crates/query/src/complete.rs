//! Completion for the query editor: what may stand at the cursor.
//!
//! The text is incomplete by nature, so that no tree is made of it: the nearest open brace, dot or word before the cursor says
//! what is being typed. The parser's grammar stays the judge of what is right.

use crate::plan::functions;
use oriel_model::{Tags, TimeRange};
use oriel_store::{Matcher, MetricReader};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Options of one answer; a list longer than a screen is typed on, not scrolled.
const OPTIONS_MAX: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Metric,
    TagKey,
    TagValue,
    Function,
    Aggregator,
    Modifier,
}

impl CompletionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metric => "metric",
            Self::TagKey => "tag_key",
            Self::TagValue => "tag_value",
            Self::Function => "function",
            Self::Aggregator => "aggregator",
            Self::Modifier => "modifier",
        }
    }
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub label: String,
    /// What replaces `from..to`.
    pub insert: String,
    pub kind: CompletionKind,
    pub detail: String,
}

impl Completion {
    fn new(kind: CompletionKind, label: &str, insert: String, detail: &str) -> Self {
        Self { label: label.to_owned(), insert, kind, detail: detail.to_owned() }
    }
}

/// The options, and the bytes of the text that the chosen one replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    pub from: usize,
    pub to: usize,
    pub options: Vec<Completion>,
}

/// The names that the editor may offer.
pub trait Names {
    fn metrics(&self) -> Vec<Arc<str>>;

    /// Keys of the tags of a metric's series and of their hosts.
    fn tag_keys(&self, metric: &str) -> Vec<String>;

    fn tag_values(&self, metric: &str, key: &str) -> Vec<String>;
}

/// Names out of a reader.
pub struct ReaderNames {
    pub reader: Arc<dyn MetricReader>,
    pub range: TimeRange,
}

impl ReaderNames {
    /// Every tag (`host:…` among them) of a metric's series and their hosts.
    fn tags(&self, metric: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let Ok(entries) = self.reader.select(metric, &Matcher::All, self.range) else { return found };
        let mut hosts = BTreeSet::new();
        for entry in &entries {
            found.extend(entry.def.tags.iter().map(str::to_owned));
            if !entry.def.host.is_empty() {
                hosts.insert(entry.def.host.to_string());
            }
        }
        for tags in self.reader.host_tags(self.range).iter().filter(|t| hosts.contains(&t.host)) {
            found.extend(tags.tags.iter().cloned());
        }
        found.extend(hosts.into_iter().map(|h| format!("host:{h}")));
        found
    }
}

impl Names for ReaderNames {
    fn metrics(&self) -> Vec<Arc<str>> {
        self.reader.metrics(self.range).unwrap_or_default()
    }

    fn tag_keys(&self, metric: &str) -> Vec<String> {
        let keys: BTreeSet<String> = self.tags(metric).iter().map(|t| Tags::split(t).0.to_owned()).collect();
        keys.into_iter().collect()
    }

    fn tag_values(&self, metric: &str, key: &str) -> Vec<String> {
        let of_key = |t: &String| match Tags::split(t) {
            (k, Some(v)) if k == key => Some(v.to_owned()),
            _ => None,
        };
        self.tags(metric).iter().filter_map(of_key).collect()
    }
}

/// What may stand at byte `cursor` of `text`.
pub fn complete(text: &str, cursor: usize, names: &dyn Names) -> Completions {
    let cursor = (0..=cursor.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    let before = &text[..cursor];
    let after = &text[cursor..];
    if in_quotes(before) {
        return Completions { from: cursor, to: cursor, options: Vec::new() };
    }
    if let Some(open) = before.rfind('{').filter(|open| !before[*open..].contains('}')) {
        return in_braces(before, after, open, names);
    }
    let from = before.rfind(|c: char| !is_word(c)).map_or(0, |i| i + char_len(before, i));
    let typed = &before[from..];
    let ahead = before[..from].trim_end();
    if ahead.ends_with(['}', ')']) && typed.starts_with('.') {
        return answer(from + 1, cursor, after, modifiers(&typed[1..]));
    }
    if ahead.ends_with('}') {
        let by =
            Completion::new(CompletionKind::Modifier, "by {…}", "by {".to_owned(), "a line for each value");
        return answer(from, cursor, after, if "by".starts_with(typed) { vec![by] } else { Vec::new() });
    }
    if let Some((aggregator, metric)) = typed.split_once(':')
        && crate::lang::Aggregator::from_word(aggregator).is_some()
    {
        return answer(cursor - metric.len(), cursor, after, metrics(metric, after, names));
    }
    answer(from, cursor, after, starts(typed, after, names))
}

/// Letters of metrics, functions, aggregators and their signs.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':')
}

fn char_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

fn in_quotes(before: &str) -> bool {
    before.matches('\'').count() % 2 == 1 || before.matches('"').count() % 2 == 1
}

/// The typed word and what follows of it are replaced.
fn answer(from: usize, cursor: usize, after: &str, options: Vec<Completion>) -> Completions {
    let rest = after.find(|c: char| !is_word(c)).unwrap_or(after.len());
    Completions { from, to: cursor + rest, options }
}

/// What begins with the typed text first, then what holds it.
fn ranked<T: AsRef<str>>(names: impl IntoIterator<Item = T>, typed: &str) -> Vec<T> {
    let typed = typed.to_lowercase();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for name in names {
        let lower = name.as_ref().to_lowercase();
        if lower.starts_with(&typed) {
            first.push(name);
        } else if lower.contains(&typed) {
            second.push(name);
        }
    }
    first.extend(second);
    first.truncate(OPTIONS_MAX);
    first
}

fn metrics(typed: &str, after: &str, names: &dyn Names) -> Vec<Completion> {
    let tail = if after.trim_start_matches(is_word).starts_with('{') { "" } else { "{*}" };
    ranked(names.metrics(), typed)
        .into_iter()
        .map(|m| Completion::new(CompletionKind::Metric, &m, format!("{m}{tail}"), ""))
        .collect()
}

/// Where a query begins: aggregators, functions, metrics.
fn starts(typed: &str, after: &str, names: &dyn Names) -> Vec<Completion> {
    let aggregators = [
        ("avg", "average over series"),
        ("sum", "sum over series"),
        ("min", "least of all series"),
        ("max", "most of all series"),
        ("count", "how many"),
        ("p95", "95th percentile of a distribution"),
    ];
    let mut options: Vec<Completion> = aggregators
        .iter()
        .filter(|(name, _)| name.starts_with(typed))
        .map(|(name, detail)| Completion::new(CompletionKind::Aggregator, name, format!("{name}:"), detail))
        .collect();
    let known = functions().iter().filter(|f| f.name.starts_with(typed));
    let shown = if typed.is_empty() { 12 } else { OPTIONS_MAX };
    let matching = metrics(typed, after, names);
    let functions: Vec<Completion> = known
        .take(shown)
        .map(|f| {
            let detail = format!("{}: {}", f.signature, f.detail);
            Completion::new(CompletionKind::Function, f.name, format!("{}(", f.name), &detail)
        })
        .collect();
    let (lead, follow) = if typed.is_empty() { (matching, functions) } else { (functions, matching) };
    options.extend(lead);
    options.extend(follow);
    options.truncate(OPTIONS_MAX);
    options
}

fn modifiers(typed: &str) -> Vec<Completion> {
    let all = [
        ("rollup", "rollup(avg, 60)", "how samples become buckets"),
        ("as_count", "as_count()", "how many in each bucket"),
        ("as_rate", "as_rate()", "how many a second"),
        ("fill", "fill(linear)", "what gaps become"),
        ("weighted", "weighted()", "by the time a series was there"),
    ];
    all.iter()
        .filter(|(name, _, _)| name.starts_with(typed))
        .map(|(name, insert, detail)| {
            Completion::new(CompletionKind::Modifier, name, (*insert).to_owned(), detail)
        })
        .collect()
}

/// Inside `{…}`: keys after `by`, else keys and values of the filter.
fn in_braces(before: &str, after: &str, open: usize, names: &dyn Names) -> Completions {
    let head = before[..open].trim_end();
    let (is_by, metric) = match head.strip_suffix("by").map(str::trim_end) {
        Some(rest) if rest.ends_with('}') => {
            (true, metric_before(rest.rfind('{').map_or("", |i| &rest[..i])))
        }
        _ => (false, metric_before(head)),
    };
    let separators = |c: char| c.is_whitespace() || matches!(c, '{' | ',' | '(' | '!' | ')');
    let from = before.rfind(separators).map_or(0, |i| i + char_len(before, i));
    let typed = before[from..].trim_start_matches('-');
    let from = before.len() - typed.len();
    let rest = after.find(|c: char| separators(c) || c == '}').unwrap_or(after.len());
    let to = before.len() + rest;
    if let Some((key, value)) = typed.split_once(':').filter(|_| !is_by) {
        let options = ranked(names.tag_values(metric, key), value)
            .into_iter()
            .map(|v| Completion::new(CompletionKind::TagValue, &v, v.clone(), key))
            .collect();
        return Completions { from: before.len() - value.len(), to, options };
    }
    let options = ranked(names.tag_keys(metric), typed)
        .into_iter()
        .map(|k| {
            let insert = if is_by { k.clone() } else { format!("{k}:") };
            Completion::new(CompletionKind::TagKey, &k, insert, "")
        })
        .collect();
    Completions { from, to, options }
}

/// The metric's name at the end of a text, without its aggregator.
fn metric_before(head: &str) -> &str {
    let head = head.trim_end();
    let word = &head[head
        .rfind(|c: char| !(is_word(c) || matches!(c, '-' | '/')))
        .map_or(0, |i| i + char_len(head, i))..];
    match word.split_once(':') {
        Some((aggregator, metric)) if crate::lang::Aggregator::from_word(aggregator).is_some() => metric,
        _ => word,
    }
}

#[cfg(test)]
mod tests;
