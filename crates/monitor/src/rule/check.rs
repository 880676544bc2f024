//! Service checks: `"check".over("tag").exclude("tag").by("host").last(4).count_by_status()`; clusters of them, where the share of
//! the checks that fail decides: `.pct_by_status()`; and synthetic tests, which are service checks of their own.

use super::chain::Chain;
use super::read::Reader;
use super::{Comparator, Found, Kind, Target};
use crate::measured::{GroupMeasure, Measured, key};
use crate::status::Status;
use oriel_model::{CheckStatus, ServiceCheck, TimeMs};
use std::collections::BTreeMap;
use std::sync::Arc;

const MINUTE: i64 = 60_000;

/// Runs of a group that may be looked at.
const LAST_MAX: usize = 100;

/// Which runs of a check are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRule {
    pub check: String,
    /// Tags (or `host:x`) that a run has all of; `*` in a value stands for anything.
    pub over: Vec<String>,
    /// Tags that it has none of.
    pub exclude: Vec<String>,
    pub by: Vec<String>,
    /// How many of a group's newest runs are looked at.
    pub last: usize,
    /// How far back they may lie.
    pub look_back_ms: i64,
    /// Of synthetic tests: they alert by how many of their places fail, and for how long.
    pub places: Option<Places>,
    /// Of a cluster: its checks, one for each host and set of tags, by their share.
    pub cluster: Option<Cluster>,
}

/// See [`CheckRule::cluster`]. In percent; more than that share of failing checks makes the status.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cluster {
    pub critical: Option<f64>,
    /// Checks that warn and checks that fail count.
    pub warning: Option<f64>,
}

/// See [`CheckRule::places`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
    pub min_failed: u32,
    pub min_duration_ms: i64,
}

/// In place of the keys of groups: each host and set of tags is one.
pub const ALL: &str = "*";

/// The service check that agents send of synthetic tests.
const SYNTHETICS: &str = "synthetics.test";

pub(super) fn parse(kind: Kind, query: &str, reader: &mut Reader<'_>) -> Result<Found, String> {
    let rule = match (kind, query.trim()) {
        (Kind::Synthetics, "no_query") => of_test(reader)?,
        (_, query) => read(kind, query, reader)?,
    };
    Ok(Found { target: Target::Checks(rule), comparator: Comparator::AtLeast, critical: None })
}

/// A synthetic test's monitor names its test in the options.
fn of_test(reader: &Reader<'_>) -> Result<CheckRule, String> {
    let id = reader.raw("/options/synthetics_check_id").as_str().filter(|id| !id.is_empty());
    let id = id.ok_or("no_query needs options.synthetics_check_id")?;
    Ok(CheckRule {
        check: SYNTHETICS.to_owned(),
        over: vec![format!("test_id:{id}")],
        exclude: Vec::new(),
        by: Vec::new(),
        last: 1,
        look_back_ms: look_back_ms(reader, 1),
        places: Some(places(reader)),
        cluster: None,
    })
}

fn places(reader: &Reader<'_>) -> Places {
    let number = |name: &str| {
        let raw = reader.raw("/options").get(name);
        raw.and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok())).unwrap_or(0)
    };
    Places {
        min_failed: u32::try_from(number("min_location_failed")).unwrap_or(1).max(1),
        min_duration_ms: number("min_failure_duration").clamp(0, 7200) * 1000,
    }
}

/// Checks run every few minutes at most; synthetic tests may wait an hour, and a failure's whole length is looked at.
fn look_back_ms(reader: &Reader<'_>, last: usize) -> i64 {
    let runs = i64::try_from(last).unwrap_or(1) * 5 * MINUTE;
    runs.max(15 * MINUTE)
        .max(places(reader).min_duration_ms + 2 * 60 * MINUTE * i64::from(is_synthetic(reader)))
}

fn is_synthetic(reader: &Reader<'_>) -> bool {
    reader.raw("/type").as_str() == Some(Kind::Synthetics.as_str())
}

fn read(kind: Kind, query: &str, reader: &Reader<'_>) -> Result<CheckRule, String> {
    let (chain, rest) = Chain::read(query)?;
    if !chain.head.is_empty() || !rest.trim().is_empty() || chain.argument.is_empty() {
        return Err("write \"check\".over(\"env:prod\").by(\"host\").last(2).count_by_status()".to_owned());
    }
    chain.check(&["over", "exclude", "by", "last", "count_by_status", "pct_by_status"])?;
    if chain.has("count_by_status") == chain.has("pct_by_status") {
        return Err("it ends with .count_by_status(), or with .pct_by_status() for a cluster".to_owned());
    }
    let cluster = chain.has("pct_by_status").then(|| cluster(reader)).transpose()?;
    let last = match chain.one("last") {
        None => 1,
        Some(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|n| (1..=LAST_MAX).contains(n))
            .ok_or_else(|| format!(".last({text}) counts runs: 1 to {LAST_MAX}"))?,
    };
    let last = if cluster.is_some() { 1 } else { needed(reader).max(last) };
    let by_all = chain.arguments("by").unwrap_or_default().iter().any(|key| key.trim() == "*");
    let mut by = chain.list("by");
    let is_placed = kind == Kind::Synthetics && by.is_empty();
    // A cluster by everything is one of all.
    if by_all && kind == Kind::ServiceCheck && cluster.is_none() {
        by = vec![ALL.to_owned()];
    }
    Ok(CheckRule {
        over: chain.list("over"),
        exclude: chain.list("exclude"),
        by,
        last,
        look_back_ms: look_back_ms(reader, last),
        places: is_placed.then(|| places(reader)),
        cluster,
        check: chain.argument,
    })
}

fn cluster(reader: &Reader<'_>) -> Result<Cluster, String> {
    let thresholds = reader.raw("/options/thresholds");
    let number = |name: &str| {
        let value = thresholds.get(name).and_then(|v| v.as_f64().or_else(|| v.as_str()?.parse().ok()));
        match value {
            Some(value) if !(0.0..=100.0).contains(&value) => {
                Err(format!("options.thresholds.{name} is a percentage of the checks: 0 to 100"))
            }
            value => Ok(value),
        }
    };
    let found = Cluster { critical: number("critical")?, warning: number("warning")? };
    if found == Cluster::default() {
        return Err("options.thresholds.critical or warning says what percentage of the checks is too much"
            .to_owned());
    }
    Ok(found)
}

/// The most runs that a threshold counts.
fn needed(reader: &Reader<'_>) -> usize {
    let thresholds = reader.raw("/options/thresholds");
    let number =
        |name: &str| thresholds.get(name).and_then(|v| v.as_f64().or_else(|| v.as_str()?.parse().ok()));
    let most =
        ["ok", "warning", "critical", "unknown"].iter().filter_map(|name| number(name)).fold(1.0, f64::max);
    (most.clamp(1.0, LAST_MAX as f64)) as usize
}

/// The runs of one group, the oldest first.
type Runs<'a> = Vec<&'a ServiceCheck>;

impl CheckRule {
    /// Each group's newest status, and how many of its newest runs have it. Runs come the oldest first.
    pub fn reduce(&self, at_ms: TimeMs, runs: &[ServiceCheck]) -> Measured {
        let mut groups: BTreeMap<Arc<str>, Runs<'_>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.check == self.check && self.wants(run)) {
            groups.entry(self.key(run)).or_default().push(run);
        }
        let groups = match (self.places, self.cluster) {
            (Some(places), _) => self.failing(places, at_ms, runs).into_iter().collect(),
            (None, Some(cluster)) => {
                groups.into_iter().filter_map(|(key, runs)| cluster.measure(key, &runs)).collect()
            }
            (None, None) => groups.into_iter().filter_map(|(key, runs)| self.newest(key, &runs)).collect(),
        };
        Measured::new(at_ms, groups)
    }

    fn newest(&self, key: Arc<str>, runs: &Runs<'_>) -> Option<GroupMeasure> {
        let newest = runs.last()?;
        let same = runs.iter().rev().take(self.last).take_while(|run| run.status == newest.status).count();
        let status = Some(status_of(newest.status));
        Some(GroupMeasure { status, ..GroupMeasure::new(key, same as f64, newest.time_ms) })
    }

    /// How many places fail, each without a break for long enough.
    fn failing(&self, places: Places, at_ms: TimeMs, runs: &[ServiceCheck]) -> Option<GroupMeasure> {
        let mut by_place: BTreeMap<&str, Runs<'_>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.check == self.check && self.wants(run)) {
            by_place.entry(tag(run, "location").unwrap_or("*")).or_default().push(run);
        }
        let last_ms = by_place.values().filter_map(|runs| runs.last()).map(|run| run.time_ms).max()?;
        let fails = |runs: &&Runs<'_>| {
            let first = runs.iter().rev().take_while(|run| run.status == CheckStatus::Critical).last();
            first.is_some_and(|first| first.time_ms <= at_ms - places.min_duration_ms)
        };
        let failed = by_place.values().filter(fails).count();
        let asked = usize::try_from(places.min_failed).unwrap_or(usize::MAX).min(by_place.len().max(1));
        let status = Some(if failed >= asked { Status::Alert } else { Status::Ok });
        Some(GroupMeasure { status, ..GroupMeasure::new("*", failed as f64, last_ms) })
    }

    /// Whether a run is of those that are looked at.
    pub(crate) fn wants(&self, run: &ServiceCheck) -> bool {
        self.over.iter().all(|tag| has(run, tag)) && !self.exclude.iter().any(|tag| has(run, tag))
    }

    fn key(&self, run: &ServiceCheck) -> Arc<str> {
        Self::key_of(run, &self.by)
    }

    /// What a run says.
    pub(crate) fn status_of(run: &ServiceCheck) -> Status {
        status_of(run.status)
    }

    pub(crate) fn key_of(run: &ServiceCheck, by: &[String]) -> Arc<str> {
        if by.len() == 1 && by[0] == ALL {
            return all_tags(run);
        }
        let pairs: Vec<(String, String)> =
            by.iter().map(|k| (k.clone(), tag(run, k).unwrap_or("N/A").to_owned())).collect();
        key(&pairs)
    }
}

impl Cluster {
    /// The share of the checks that fail, of each check its newest run.
    fn measure(self, key: Arc<str>, runs: &Runs<'_>) -> Option<GroupMeasure> {
        let last_ms = runs.last()?.time_ms;
        let newest: BTreeMap<Arc<str>, CheckStatus> =
            runs.iter().map(|run| (all_tags(run), run.status)).collect();
        let share = |bad: &[CheckStatus]| {
            100.0 * newest.values().filter(|s| bad.contains(s)).count() as f64 / newest.len() as f64
        };
        let failing = share(&[CheckStatus::Critical]);
        let warning = share(&[CheckStatus::Critical, CheckStatus::Warning]);
        let over = |share: f64, most: Option<f64>| most.is_some_and(|most| share > most);
        let (status, value) = match () {
            () if over(failing, self.critical) => (Status::Alert, failing),
            () if over(warning, self.warning) => (Status::Warn, warning),
            () => (Status::Ok, if self.critical.is_some() { failing } else { warning }),
        };
        Some(GroupMeasure { status: Some(status), ..GroupMeasure::new(key, value, last_ms) })
    }
}

/// What tells one check of a cluster from the others: its host and all its tags.
fn all_tags(run: &ServiceCheck) -> Arc<str> {
    let host = (!run.host.is_empty()).then(|| ("host".to_owned(), run.host.clone()));
    let pair = |tag: &String| tag.split_once(':').map(|(k, v)| (k.to_owned(), v.to_owned()));
    let tags = run.tags.iter().filter_map(pair).filter(|(k, _)| host.is_none() || k != "host");
    let mut pairs: Vec<(String, String)> = host.iter().cloned().chain(tags).collect();
    pairs.sort_unstable();
    pairs.dedup();
    key(&pairs)
}

fn status_of(status: CheckStatus) -> Status {
    match status {
        CheckStatus::Ok => Status::Ok,
        CheckStatus::Warning => Status::Warn,
        CheckStatus::Critical => Status::Alert,
        CheckStatus::Unknown => Status::Unknown,
    }
}

fn tag<'a>(run: &'a ServiceCheck, key: &str) -> Option<&'a str> {
    if key == "host" && !run.host.is_empty() {
        return Some(&run.host);
    }
    run.tags.iter().find_map(|tag| tag.strip_prefix(key)?.strip_prefix(':'))
}

/// Whether the run has the tag; a pattern's `*` stands for anything.
fn has(run: &ServiceCheck, pattern: &str) -> bool {
    let host = pattern.strip_prefix("host:").filter(|_| !run.host.is_empty());
    host.is_some_and(|host| matches(&run.host, host)) || run.tags.iter().any(|tag| matches(tag, pattern))
}

fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(end) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}
