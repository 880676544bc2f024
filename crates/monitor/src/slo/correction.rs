//! Time that does not count: maintenance, deploys, what happened outside of business hours.

use crate::recurrence::Recurrence;
use crate::{Error, Result};
use jiff::Timestamp;
use oriel_model::{TimeMs, TimeRange};
use serde_json::{Value, json};

const CATEGORIES: [&str; 4] = ["Scheduled Maintenance", "Outside Business Hours", "Deployment", "Other"];

/// A correction that was read and checked.
#[derive(Clone, Debug)]
pub struct Correction {
    pub slo: String,
    when: When,
}

#[derive(Clone, Debug)]
enum When {
    /// Without an end it lasts until now.
    Once(TimeMs, Option<TimeMs>),
    /// From a moment on, each time for so long.
    Recurring(Recurrence, TimeMs, i64),
}

impl Correction {
    /// Of attributes: times and durations are in seconds.
    pub fn read(body: &Value) -> Result<Self> {
        let mut wrong = Vec::new();
        let slo = body["slo_id"].as_str().unwrap_or_default().to_owned();
        if slo.is_empty() {
            wrong.push(if body["slo_query"].is_string() {
                "slo_query is not supported; name one SLO by slo_id".to_owned()
            } else {
                "slo_id is missing".to_owned()
            });
        }
        if !body["category"].as_str().is_some_and(|c| CATEGORIES.contains(&c)) {
            wrong.push(format!("category is one of {}", CATEGORIES.join(", ")));
        }
        match when(body) {
            Ok(when) if wrong.is_empty() => return Ok(Self { slo, when }),
            Ok(_) => {}
            Err(e) => wrong.push(e.to_string()),
        }
        Err(Error::Invalid(wrong))
    }

    /// Spans that touch a range, sorted.
    pub fn spans(&self, range: TimeRange) -> Vec<TimeRange> {
        match &self.when {
            When::Once(start, end) => {
                let span = TimeRange::new(*start, end.unwrap_or(range.end));
                if span.start < range.end && span.end > range.start { vec![span] } else { Vec::new() }
            }
            When::Recurring(rule, start, duration) => {
                let from = range.start.saturating_sub(*duration).saturating_add(1).max(*start);
                let starts = rule.starts(TimeRange::new(from, range.end));
                starts.into_iter().map(|s| TimeRange::new(s, s + duration)).collect()
            }
        }
    }
}

fn when(body: &Value) -> Result<When> {
    let ms = |field: &str| body[field].as_i64().map(|s| s.saturating_mul(1_000));
    let start = ms("start").ok_or_else(|| Error::invalid("start is missing: seconds since the epoch"))?;
    let Some(rule) = body["rrule"].as_str().filter(|r| !r.is_empty()) else {
        let end = ms("end");
        if end.is_some_and(|e| e <= start) {
            return Err(Error::invalid("end must come after start"));
        }
        return Ok(When::Once(start, end));
    };
    let duration = ms("duration").filter(|d| *d > 0);
    let duration =
        duration.ok_or_else(|| Error::invalid("duration is missing: a recurrence needs it, in seconds"))?;
    let at = Timestamp::from_millisecond(start).map_err(|_| Error::invalid("start is out of range"))?;
    let rule = Recurrence::parse(rule, &at.to_string(), body["timezone"].as_str().unwrap_or("UTC"))?;
    Ok(When::Recurring(rule, start, duration))
}

/// Attributes of a correction that is new (`was` is null) or changes: what was not sent stays.
pub fn merge(was: &Value, sent: &Value) -> Result<Value> {
    const KNOWN: [&str; 9] =
        ["category", "description", "duration", "end", "rrule", "slo_id", "slo_query", "start", "timezone"];
    let sent = sent.as_object().ok_or_else(|| Error::invalid("a correction is an object of attributes"))?;
    let mut body = if was.is_object() { was.clone() } else { json!({"timezone": "UTC", "description": ""}) };
    for (field, value) in sent {
        if !KNOWN.contains(&field.as_str()) {
            return Err(Error::invalid(format!(
                "{field} is not a field of a correction; there are {}",
                KNOWN.join(", ")
            )));
        }
        body[field] = value.clone();
    }
    Correction::read(&body).map(|_| body)
}

/// What all corrections take out of a range: sorted, not overlapping.
pub(super) fn taken_out(corrections: &[Correction], slo: &str, range: TimeRange) -> Vec<TimeRange> {
    super::uptime::union(corrections.iter().filter(|c| c.slo == slo).flat_map(|c| c.spans(range)).collect())
}
