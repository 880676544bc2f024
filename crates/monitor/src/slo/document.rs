//! An SLO's document (`/api/v1/slo`): what it counts, and what is wanted.

use super::Slo;
use crate::{Error, Result};
use oriel_model::{Field, Signal};
use oriel_query::rows::{Aggregation, Compute, GroupBy};
use oriel_query::{Named, NamedRows, RowQuery};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;
/// Histories of monitors and the longest window of the product that people know.
const DAYS_MAX: i64 = 90;
const OBJECTIVES_MAX: usize = 10;
/// Datadog's own bound of a monitor SLO.
const MONITORS_MAX: usize = 20;
/// Groups of rows that a query may have.
const GROUPS_MAX: usize = 100;

/// What is wanted over one time frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// `7d`
    pub timeframe: String,
    pub span_ms: i64,
    /// Percent, under 100.
    pub target: f64,
    pub warning: Option<f64>,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Two columns: what was good, and what there was (or, with `bad`, what was not good).
    Ratio {
        queries: Queries,
        good: String,
        other: String,
        bad: bool,
    },
    Monitors {
        ids: Vec<i64>,
        /// Only these groups of the one monitor; all when empty.
        groups: Vec<String>,
    },
    TimeSlice(Slice),
}

/// Queries and formulas over them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queries {
    pub metrics: Vec<Named>,
    pub rows: Vec<NamedRows>,
}

/// A slice is good when the value compares so with the threshold, or when there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    pub queries: Queries,
    pub formula: String,
    pub comparator: String,
    pub threshold: f64,
    pub ms: i64,
}

impl Slice {
    pub fn is_good(&self, value: f64) -> bool {
        value.is_nan()
            || match self.comparator.as_str() {
                ">" => value > self.threshold,
                ">=" => value >= self.threshold,
                "<" => value < self.threshold,
                _ => value <= self.threshold,
            }
    }
}

/// Fields that the server owns.
const OWNED: [&str; 5] = ["id", "creator", "created_at", "modified_at", "configured_alert_ids"];

/// The body to keep of what was sent.
pub fn validate(sent: &Value) -> Result<Value> {
    let mut body = sent.clone();
    let Some(fields) = body.as_object_mut() else { return Err(Error::invalid("an SLO is an object")) };
    for field in OWNED {
        fields.remove(field);
    }
    for (field, empty) in [("tags", json!([])), ("description", Value::Null)] {
        fields.entry(field).or_insert(empty);
    }
    if let Some(list) = fields.get_mut("thresholds").and_then(Value::as_array_mut) {
        for threshold in list.iter_mut().filter(|t| t.is_object()) {
            show(threshold, "target");
            show(threshold, "warning");
        }
    }
    read("new", &body).map(|_| body)
}

/// A body that a new one replaces; `type` stays what it was.
pub fn merge(was: &Value, sent: &Value) -> Result<Value> {
    let mut body = validate(sent)?;
    if body["type"] != was["type"] {
        return Err(Error::invalid("type of an SLO can't change; make a new one"));
    }
    if let Some(groups) = was.get("groups").filter(|_| sent.get("groups").is_none()) {
        body["groups"] = groups.clone();
    }
    Ok(body)
}

/// `target_display`, as Datadog writes it: the number with its own digits.
fn show(threshold: &mut Value, field: &str) {
    if let Some(number) = threshold[field].as_f64() {
        threshold[format!("{field}_display").as_str()] = json!(number.to_string());
    }
}

pub(super) fn read(id: &str, body: &Value) -> Result<Slo> {
    let mut wrong = Vec::new();
    let name = body["name"].as_str().unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        wrong.push("name is missing".to_owned());
    }
    let objectives = objectives(body).map_err(|e| wrong.push(e.to_string())).unwrap_or_default();
    let kind = match body["type"].as_str().unwrap_or_default() {
        "metric" => ratio(body),
        "monitor" => monitors(body),
        "time_slice" => slice(body),
        other => Err(Error::invalid(format!("type {other:?}: metric, monitor or time_slice"))),
    };
    let kind = kind.map_err(|e| wrong.push(e.to_string())).ok();
    let tags = body["tags"].as_array().into_iter().flatten().filter_map(|t| t.as_str().map(str::to_owned));
    match kind {
        Some(kind) if wrong.is_empty() => {
            Ok(Slo { id: id.into(), name, tags: tags.collect(), kind, objectives })
        }
        _ => Err(Error::Invalid(wrong)),
    }
}

fn objectives(body: &Value) -> Result<Vec<Objective>> {
    let list = body["thresholds"].as_array().filter(|l| !l.is_empty() && l.len() <= OBJECTIVES_MAX);
    let list =
        list.ok_or_else(|| Error::invalid(format!("thresholds is a list of 1 to {OBJECTIVES_MAX}")))?;
    let mut found = Vec::new();
    for item in list {
        let timeframe = item["timeframe"].as_str().unwrap_or_default();
        let span_ms = timeframe_ms(timeframe).ok_or_else(|| {
            Error::invalid(format!(
                "thresholds: timeframe {timeframe:?} is not 7d, 30d, 90d, or 1d to {DAYS_MAX}d"
            ))
        })?;
        let percent = |field: &str| number(&item[field]);
        let target = percent("target").filter(|t| *t > 0.0 && *t < 100.0);
        let target = target.ok_or_else(|| {
            Error::invalid("thresholds: target is a percentage between 0 and 100, both excluded")
        })?;
        let warning = percent("warning").filter(|w| *w > 0.0);
        if warning.is_some_and(|w| w <= target || w >= 100.0) {
            return Err(Error::invalid("thresholds: warning lies between the target and 100"));
        }
        if found.iter().any(|o: &Objective| o.span_ms == span_ms) {
            return Err(Error::invalid(format!("thresholds: {timeframe} is there twice")));
        }
        found.push(Objective { timeframe: timeframe.to_owned(), span_ms, target, warning });
    }
    if let Some(first) = body["timeframe"].as_str().and_then(timeframe_ms) {
        found.sort_by_key(|o| o.span_ms != first);
    }
    Ok(found)
}

/// `7d` in milliseconds.
pub(super) fn timeframe_ms(text: &str) -> Option<i64> {
    let days: i64 = text.strip_suffix('d')?.parse().ok()?;
    (1..=DAYS_MAX).contains(&days).then_some(days * DAY_MS)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|n| n.is_finite())
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str> {
    value
        .as_str()
        .filter(|t| !t.trim().is_empty())
        .ok_or_else(|| Error::invalid(format!("{what} is missing")))
}

fn ratio(body: &Value) -> Result<Kind> {
    if let Some(count) = body.pointer("/sli_specification/count") {
        let queries = queries(&count["queries"])?;
        let formula = |field: &str| formula(&count[field]["formula"], field);
        let bad = count.get("total_events_formula").is_none_or(Value::is_null);
        let other = formula(if bad { "bad_events_formula" } else { "total_events_formula" })?;
        return Ok(Kind::Ratio { queries, good: formula("good_events_formula")?, other, bad });
    }
    let mut metrics = Vec::new();
    for (name, field) in [("good", "numerator"), ("total", "denominator")] {
        let query = text(&body["query"][field], &format!("query.{field}"))?;
        metrics.push(metric(name, query, &format!("query.{field}"))?);
    }
    let queries = Queries { metrics, rows: Vec::new() };
    Ok(Kind::Ratio { queries, good: "good".to_owned(), other: "total".to_owned(), bad: false })
}

fn metric(name: &str, query: &str, what: &str) -> Result<Named> {
    if query.contains(".rollup(") {
        return Err(Error::invalid(format!("{what}: leave .rollup() out, an SLO decides the steps itself")));
    }
    oriel_query::parse(query)
        .map_err(|e| Error::invalid(format!("{what}: {e} (position {})", e.position)))?;
    Ok(Named::new(name, query))
}

fn formula(value: &Value, what: &str) -> Result<String> {
    let formula = text(value, &format!("{what}.formula"))?;
    oriel_query::parse_formula(formula).map_err(|e| Error::invalid(format!("{what}: {e}")))?;
    Ok(formula.to_owned())
}

fn monitors(body: &Value) -> Result<Kind> {
    let ids: Vec<i64> =
        body["monitor_ids"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    if ids.is_empty() || ids.len() > MONITORS_MAX {
        return Err(Error::invalid(format!("monitor_ids names 1 to {MONITORS_MAX} monitors")));
    }
    let groups: Vec<String> = body["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|g| g.as_str().map(str::to_owned))
        .collect();
    if !groups.is_empty() && ids.len() > 1 {
        return Err(Error::invalid("groups can be chosen of one monitor only"));
    }
    Ok(Kind::Monitors { ids, groups })
}

fn slice(body: &Value) -> Result<Kind> {
    let given = body.pointer("/sli_specification/time_slice").unwrap_or(&Value::Null);
    if given.is_null() {
        return Err(Error::invalid("sli_specification.time_slice is missing"));
    }
    let queries = queries(&given["query"]["queries"])?;
    let formula = formula(&given["query"]["formulas"][0]["formula"], "time_slice.query.formulas[0]")?;
    let comparator = given["comparator"].as_str().unwrap_or_default();
    if ![">", ">=", "<", "<="].contains(&comparator) {
        return Err(Error::invalid("time_slice.comparator is >, >=, < or <="));
    }
    let threshold =
        number(&given["threshold"]).ok_or_else(|| Error::invalid("time_slice.threshold is a number"))?;
    let seconds = given["query_interval_seconds"].as_i64().unwrap_or(300);
    if ![60, 300].contains(&seconds) {
        return Err(Error::invalid("time_slice.query_interval_seconds is 60 or 300"));
    }
    let comparator = comparator.to_owned();
    Ok(Kind::TimeSlice(Slice { queries, formula, comparator, threshold, ms: seconds * 1_000 }))
}

fn queries(list: &Value) -> Result<Queries> {
    let mut found = Queries::default();
    for (n, item) in list.as_array().into_iter().flatten().enumerate() {
        let what = format!("queries[{n}]");
        let name = item["name"].as_str().map_or_else(|| format!("query{}", n + 1), str::to_owned);
        let signal = match item["data_source"].as_str().unwrap_or("metrics") {
            "metrics" => {
                found.metrics.push(metric(&name, text(&item["query"], &format!("{what}.query"))?, &what)?);
                continue;
            }
            "logs" => Signal::Logs,
            "spans" | "apm" => Signal::Spans,
            "events" => Signal::Events,
            other => {
                return Err(Error::invalid(format!(
                    "{what}: data_source {other:?}: metrics, logs, spans or events"
                )));
            }
        };
        found.rows.push(NamedRows { name, query: rows(signal, item, &what)? });
    }
    if found.metrics.is_empty() && found.rows.is_empty() {
        return Err(Error::invalid("queries is missing: a list of at least one query"));
    }
    Ok(found)
}

fn rows(signal: Signal, item: &Value, what: &str) -> Result<RowQuery> {
    let search = item["search"]["query"].as_str().unwrap_or_default().trim();
    let filter =
        oriel_query::search::parse(signal, search).map_err(|e| Error::invalid(format!("{what}: {e}")))?;
    let word = item["compute"]["aggregation"].as_str().unwrap_or("count");
    let aggregation = Aggregation::parse(word)
        .ok_or_else(|| Error::invalid(format!("{what}: compute.aggregation {word:?} is not known")))?;
    let field = item["compute"]["metric"].as_str().map(|name| Field::parse(signal, name));
    if aggregation.needs_field() && field.is_none() {
        return Err(Error::invalid(format!("{what}: {word} needs compute.metric")));
    }
    let facets = item["group_by"].as_array().into_iter().flatten().filter_map(|g| g["facet"].as_str());
    let group_by = facets.map(|f| GroupBy { limit: GROUPS_MAX, ..GroupBy::new(Field::parse(signal, f)) });
    Ok(RowQuery {
        signal,
        filter,
        search: search.to_owned(),
        compute: Compute { aggregation, field },
        group_by: group_by.collect(),
        interval_ms: None,
    })
}
