//! Completion for the query editor: what may stand at the cursor.

use oriel_model::TimeRange;
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

    /// Keys of the metric's tags and of its hosts' tags; of all metrics when it is empty.
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
        let keys: BTreeSet<String> =
            self.tags(metric).iter().map(|t| oriel_model::Tags::split(t).0.to_owned()).collect();
        keys.into_iter().collect()
    }

    fn tag_values(&self, metric: &str, key: &str) -> Vec<String> {
        let of_key = |t: &String| match oriel_model::Tags::split(t) {
            (k, Some(v)) if k == key => Some(v.to_owned()),
            _ => None,
        };
        self.tags(metric).iter().filter_map(of_key).collect()
    }
}

/// What may stand at byte `cursor` of `text`.
pub fn complete(text: &str, cursor: usize, names: &dyn Names) -> Completions {
    let cursor = (0..=cursor.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    let from = text[..cursor]
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
        .map_or(0, |i| i + 1);
    let typed = &text[from..cursor];
    let options = names
        .metrics()
        .iter()
        .filter(|m| m.contains(typed))
        .take(OPTIONS_MAX)
        .map(|m| Completion {
            label: m.to_string(),
            insert: format!("{m}{{*}}"),
            kind: CompletionKind::Metric,
            detail: String::new(),
        })
        .collect();
    Completions { from, to: cursor, options }
}
