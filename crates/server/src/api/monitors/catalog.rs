//! What lists and searches need of each monitor, kept in memory: read once from the state, then followed change by change, so
//! that a list of ten thousand costs no statement a monitor.

use crate::answer::Answer;
use crate::app::App;
use oriel_model::OrgId;
use oriel_monitor::handle;
use oriel_monitor::rule::Rule;
use oriel_state::Monitor;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// More changes than this at once are read by one statement for all monitors.
const SINGLE_READS_MAX: usize = 100;
/// The tag of monitors that the first start makes.
pub(crate) const BUILT_IN_TAG: &str = "oriel:built-in";

/// What is derived from a stored document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// In small letters, to order by.
    pub(crate) name_folded: String,
    /// `metric alert` …
    pub(crate) kind: String,
    pub(crate) query: String,
    pub(crate) message: String,
    pub(crate) tags: Vec<String>,
    pub(crate) priority: Option<i64>,
    pub(crate) creator: String,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
    /// `@slack-ops`, each once.
    pub(crate) handles: Vec<String>,
    pub(crate) metrics: Vec<String>,
    /// Scopes of the query: `host:web-1`.
    pub(crate) scopes: Vec<String>,
    pub(crate) draft: bool,
    /// `options.silenced`.
    pub(crate) silenced: Option<Value>,
    /// Pairs that every group has: `host:web-1` of a query over that host.
    pub(crate) pairs: Vec<(String, String)>,
    /// Whether its query has groups.
    pub(crate) multi: bool,
    /// Title, query, tags and message in small letters: what a word is looked up in.
    pub(crate) text: String,
}

impl Entry {
    pub(crate) fn of(monitor: &Monitor) -> Self {
        let text = |key: &str| monitor.body[key].as_str().unwrap_or_default().to_owned();
        let (name, query, message) = (text("name"), text("query"), text("message"));
        let tags: Vec<String> = monitor.body["tags"]
            .as_array()
            .map(|tags| tags.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        let all = [name.as_str(), &query, &tags.join("\n"), &message].join("\n").to_lowercase();
        let (metrics, scopes) = metrics_and_scopes(&query);
        Self {
            id: monitor.id,
            name_folded: name.to_lowercase(),
            kind: text("type"),
            tags,
            priority: monitor.body["priority"].as_i64(),
            creator: monitor.author.clone(),
            created_ms: monitor.created_ms,
            modified_ms: monitor.modified_ms,
            handles: handles(&message),
            metrics,
            silenced: monitor.body.pointer("/options/silenced").filter(|s| s.is_object()).cloned(),
            pairs: scopes.iter().filter_map(|s| pair(s)).collect(),
            scopes,
            draft: monitor.body["draft_status"] == "draft",
            multi: Rule::parse(&monitor.body).is_ok_and(|rule| !rule.group_by().is_empty()),
            text: all,
            name,
            query,
            message,
        }
    }

    pub(crate) fn is_built_in(&self) -> bool {
        self.tags.iter().any(|t| t == BUILT_IN_TAG)
    }

    /// The words by which a search names the type: `metric alert`, `metric`, and what its query asks (`anomaly`).
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        let short = match self.kind.as_str() {
            "query alert" => "metric",
            "trace-analytics alert" => "apm",
            "event-v2 alert" => "event",
            other => other.strip_suffix(" alert").unwrap_or(other),
        };
        let functions = [("anomalies(", "anomaly"), ("outliers(", "outlier"), ("forecast(", "forecast")];
        let asked = functions.into_iter().filter(|(call, _)| self.query.contains(call)).map(|(_, word)| word);
        [self.kind.as_str(), short].into_iter().chain(asked)
    }
}

/// `@name` outside of variables, each once.
fn handles(message: &str) -> Vec<String> {
    let variables: Vec<_> = message
        .match_indices("{{")
        .map(|(at, _)| at..message[at..].find("}}").map_or(message.len(), |end| at + end))
        .collect();
    handle::scan(message, &variables).into_iter().map(|spot| spot.handle).collect()
}

/// Each `metric{scope}` of a query. What is in braces after `by` is no scope: a blank stands before it.
fn metrics_and_scopes(query: &str) -> (Vec<String>, Vec<String>) {
    let (mut metrics, mut scopes) = (Vec::<String>::new(), Vec::<String>::new());
    for (at, _) in query.match_indices('{') {
        let before = &query[..at];
        let begin = before.rfind(|c: char| !(c.is_alphanumeric() || "._-/".contains(c))).map_or(0, |i| i + 1);
        let metric = &before[begin..];
        let Some(end) = query[at..].find('}') else { break };
        if metric.is_empty() || metric == "by" {
            continue;
        }
        if !metrics.iter().any(|m| m == metric) {
            metrics.push(metric.to_owned());
        }
        for scope in query[at + 1..at + end].split(',').map(str::trim).filter(|s| !s.is_empty()) {
            if !scopes.iter().any(|s| s == scope) {
                scopes.push(scope.to_owned());
            }
        }
    }
    (metrics, scopes)
}

/// `key:value` without a wildcard, a variable or a negation.
fn pair(scope: &str) -> Option<(String, String)> {
    let (key, value) = scope.split_once(':')?;
    let plain = !scope.contains(['*', '$', '(', ' ', '!']);
    (plain && !key.is_empty() && !value.is_empty()).then(|| (key.to_owned(), value.to_owned()))
}

type Entries = Arc<BTreeMap<i64, Arc<Entry>>>;

/// The lists of all organisations that were asked for.
#[derive(Default)]
pub(crate) struct Catalog(Mutex<HashMap<OrgId, Kept>>);

#[derive(Clone, Default)]
struct Kept {
    /// The change that the list has followed up to.
    followed: u64,
    entries: Entries,
    loaded: bool,
}

impl Catalog {
    /// Every monitor of an org as it is now, by id.
    pub(crate) async fn entries(&self, app: &App, org: OrgId) -> Answer<Entries> {
        let mut kept = self.0.lock().get(&org).cloned().unwrap_or_default();
        let (newest, changed) = app.state.monitors_changed_since(org, kept.followed);
        if kept.loaded && changed.is_empty() {
            return Ok(kept.entries);
        }
        if kept.loaded && changed.len() <= SINGLE_READS_MAX {
            let entries = Arc::make_mut(&mut kept.entries);
            for id in changed {
                match app.state.monitor(org, id).await {
                    Ok(monitor) => entries.insert(id, Arc::new(Entry::of(&monitor))),
                    Err(oriel_state::Error::NotFound { .. }) => entries.remove(&id),
                    Err(e) => return Err(e.into()),
                };
            }
        } else {
            let all = app.state.monitors(org).await?;
            kept.entries = Arc::new(all.iter().map(|m| (m.id, Arc::new(Entry::of(m)))).collect());
            kept.loaded = true;
        }
        kept.followed = newest;
        let entries = Arc::clone(&kept.entries);
        let mut table = self.0.lock();
        // Of two that read at a time, the one that followed further stays.
        if table.get(&org).is_none_or(|other| other.followed <= newest) {
            table.insert(org, kept);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests;
