//! Composites: `(12345 && 23456) || !34567`.
//!
//! Statuses are put together, not just truths: `&&` gives the milder of two that want somebody to look, `||` the worse, and `!` of
//! a monitor without data has none either. Members with groups of the same keys are put together group by group; where each
//! groups by one key, the values alone are compared.

use super::read::Reader;
use super::{Comparator, Found, Target};
use crate::measured::{GroupMeasure, Measured, key, pairs};
use crate::status::Status;
use oriel_model::TimeMs;
use std::sync::Arc;

/// Monitors in one formula; Datadog takes ten.
const MONITORS_MAX: usize = 30;
/// Parentheses in each other.
const DEPTH_MAX: usize = 30;

/// A formula over other monitors.
#[derive(Clone, Debug, PartialEq)]
pub struct CompositeRule {
    /// The monitors, each once, in the order of the text: `a`, `b` … of the message.
    pub monitors: Vec<i64>,
    formula: Formula,
    /// Whether No Data is a status of this monitor; else it stays what it was.
    no_data: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Formula {
    /// By its place.
    Monitor(usize),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// One of the monitors, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Of all its groups: the worst.
    pub status: Status,
    /// Keys of the groups; empty for a monitor without.
    pub by: Vec<String>,
    /// Groups that are not OK, sorted by key.
    pub groups: Vec<(Arc<str>, Status)>,
    /// Every group's key, sorted.
    pub keys: Vec<Arc<str>>,
}

impl CompositeRule {
    /// The members in the order of [`CompositeRule::monitors`]; none for a monitor that does not exist, which is as if it were
    /// OK and is noted.
    pub fn reduce(&self, at_ms: TimeMs, members: &[Option<Member>]) -> Measured {
        let mut measured = Measured { at_ms, ..Measured::default() };
        for (id, _) in self.monitors.iter().zip(members).filter(|(_, member)| member.is_none()) {
            measured.notes.push(format!("monitor {id} does not exist"));
        }
        // The groups are those of the member with the most keys, when all others' keys are among them; else groups are unlike and
        // each member is as its worst.
        let widest = members.iter().flatten().max_by_key(|m| m.by.len());
        let by = widest.map(|m| m.by.clone()).unwrap_or_default();
        let alike = members.iter().flatten().all(|m| m.by.iter().all(|key| by.contains(key)))
            || meet(members.iter().flatten().filter(|m| !m.by.is_empty()));
        let by = if alike { by } else { Vec::new() };
        if by.is_empty() {
            measured.groups.push(self.group(Arc::from("*"), self.status(members, None), at_ms));
            return measured;
        }
        let full: Vec<&Member> = members.iter().flatten().filter(|m| m.by.len() == by.len()).collect();
        let Some((first, others)) = full.split_first() else { return measured };
        for key in &first.keys {
            let pairs = pairs(key, &first.by);
            // A group of one member alone gives no result.
            let common = others.iter().all(|m| m.keys.binary_search(&projected(&pairs, &m.by)).is_ok());
            if common {
                let status = self.status(members, Some(&pairs));
                measured.groups.push(self.group(key.clone(), status, at_ms));
            }
        }
        measured
    }

    fn status(&self, members: &[Option<Member>], group: Option<&[(String, String)]>) -> Status {
        let found = |place: usize| {
            let status = match (members.get(place).and_then(Option::as_ref), group) {
                (None, _) => Status::Ok,
                (Some(member), Some(pairs)) => member.of(&projected(pairs, &member.by)),
                (Some(member), None) => member.status,
            };
            match status {
                Status::Ignored | Status::Skipped => Status::Ok,
                status => status,
            }
        };
        self.formula.status(&found)
    }

    /// Without a status where it comes to No Data and the monitor does not tell of it.
    fn group(&self, key: Arc<str>, status: Status, at_ms: TimeMs) -> GroupMeasure {
        let status = Some(status).filter(|s| *s != Status::NoData || self.no_data);
        GroupMeasure { status, ..GroupMeasure::new(key, f64::NAN, at_ms) }
    }
}

impl Member {
    fn of(&self, key: &Arc<str>) -> Status {
        if self.by.is_empty() {
            return self.status;
        }
        self.groups.binary_search_by(|(k, _)| k.cmp(key)).map_or(Status::Ok, |at| self.groups[at].1)
    }
}

impl Formula {
    fn status(&self, found: &dyn Fn(usize) -> Status) -> Status {
        match self {
            Self::Monitor(place) => found(*place),
            Self::Not(inner) => match inner.status(found) {
                Status::Ok => Status::Alert,
                Status::NoData => Status::NoData,
                _ => Status::Ok,
            },
            Self::And(left, right) => {
                let (left, right) = (left.status(found), right.status(found));
                if rank_and(left) <= rank_and(right) { left } else { right }
            }
            Self::Or(left, right) => {
                let (left, right) = (left.status(found), right.status(found));
                if left.severity() >= right.severity() { left } else { right }
            }
        }
    }
}

/// The lower of two is what `&&` gives: an unknown one leaves the word to the other.
fn rank_and(status: Status) -> u8 {
    match status {
        Status::Ok | Status::Ignored | Status::Skipped => 0,
        Status::NoData => 1,
        Status::Warn => 2,
        Status::Alert => 3,
        Status::Unknown => 4,
    }
}

/// Whether members by one key each, whatever its name, have a value in common.
fn meet<'a>(mut members: impl Iterator<Item = &'a Member>) -> bool {
    let Some(first) = members.next() else { return false };
    let others: Vec<&Member> = members.collect();
    let has = |m: &Member, pairs: &[(String, String)]| m.keys.binary_search(&projected(pairs, &m.by)).is_ok();
    first.by.len() == 1
        && others.iter().all(|m| m.by.len() == 1)
        && first.keys.iter().any(|key| {
            let pairs = pairs(key, &first.by);
            others.iter().all(|m| has(m, &pairs))
        })
}

/// The key that a group has under these keys; of one key it is the value that counts: `host:a` is `node:a`.
fn projected(all: &[(String, String)], by: &[String]) -> Arc<str> {
    if let ([(_, value)], [name]) = (all, by) {
        return key(&[(name.clone(), value.clone())]);
    }
    let pairs: Vec<(String, String)> =
        by.iter().filter_map(|key| all.iter().find(|(name, _)| name == key)).cloned().collect();
    key(&pairs)
}

pub(super) fn parse(query: &str, reader: &Reader<'_>) -> Result<Found, String> {
    let options = reader.raw("/options");
    let flag = |name: &str| {
        options.get(name).is_some_and(|v| v.as_bool() == Some(true) || v.as_str() == Some("true"))
    };
    let shown =
        options.get("on_missing_data").and_then(|v| v.as_str()).is_some_and(|v| v.contains("no_data"));
    let mut parser = Parser { rest: query, monitors: Vec::new(), depth: 0 };
    let formula = parser.any()?;
    if !parser.rest.trim().is_empty() {
        return Err(format!("{} is not expected", parser.rest.trim()));
    }
    let rule = CompositeRule { monitors: parser.monitors, formula, no_data: shown || flag("notify_no_data") };
    Ok(Found { target: Target::Composite(rule), comparator: Comparator::Above, critical: None })
}

struct Parser<'a> {
    rest: &'a str,
    monitors: Vec<i64>,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        match self.rest.trim_start().strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Result<Formula, String> {
        let mut left = self.all()?;
        while self.take("||") {
            left = Formula::Or(Box::new(left), Box::new(self.all()?));
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Formula, String> {
        let mut left = self.one()?;
        while self.take("&&") {
            left = Formula::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Formula, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} parentheses or negations"));
        }
        let found = if self.take("!") {
            Formula::Not(Box::new(self.one()?))
        } else if self.take("(") {
            let inner = self.any()?;
            if !self.take(")") {
                return Err("a parenthesis is not closed".to_owned());
            }
            inner
        } else {
            Formula::Monitor(self.monitor()?)
        };
        self.depth -= 1;
        Ok(found)
    }

    fn monitor(&mut self) -> Result<usize, String> {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let id: i64 = text[..end].parse().map_err(|_| {
            let shown: String = text.chars().take(20).collect();
            format!("a monitor's id was expected at {shown:?}: 12345 && !23456")
        })?;
        self.rest = &text[end..];
        if let Some(place) = self.monitors.iter().position(|known| *known == id) {
            return Ok(place);
        }
        if self.monitors.len() >= MONITORS_MAX {
            return Err(format!("at most {MONITORS_MAX} monitors make a composite"));
        }
        self.monitors.push(id);
        Ok(self.monitors.len() - 1)
    }
}
