//! One YAML file to instances, or to an error that names the line.

use serde_json::{Map, Value};
use std::path::Path;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// The Datadog agent's default for `min_collection_interval`.
const INTERVAL_DEFAULT_S: f64 = 15.0;
/// Instances of one file.
const INSTANCES_MAX: usize = 1_000;

/// One instance of a check, as configured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InstanceConfig {
    pub(crate) check: String,
    pub(crate) file: String,
    /// What tells it from its siblings: its `name`, or its place.
    pub(crate) name: String,
    pub(crate) init_config: Value,
    pub(crate) instance: Value,
    pub(crate) interval: Duration,
    pub(crate) service: Option<String>,
    pub(crate) empty_default_hostname: bool,
    /// Of this configuration.
    pub(crate) digest: u64,
    /// Changes with anything the instance depends on.
    pub(crate) version: u64,
}

/// A configuration file that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadFile {
    pub(crate) check: String,
    pub(crate) file: String,
    pub(crate) line: Option<u32>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// The instances of a file.
pub(super) fn instances(check: &str, file: &Path, text: &str) -> Result<Vec<InstanceConfig>, Box<BadFile>> {
    let bad = |line: Option<u32>, message: String, hint: Option<&str>| {
        Box::new(BadFile {
            check: check.to_owned(),
            file: file.display().to_string(),
            line,
            message,
            hint: hint.map(str::to_owned),
        })
    };
    let document: Value = serde_norway::from_str(text).map_err(|e| {
        let line = e.location().and_then(|l| u32::try_from(l.line()).ok());
        bad(line, format!("not valid YAML: {e}"), yaml_hint(text, line))
    })?;
    let Value::Object(mut document) = document else {
        return Err(bad(Some(1), "has no `instances:` list".to_owned(), Some(SHAPE)));
    };
    let init_config = object_or_empty(document.remove("init_config"));
    let list = match document.remove("instances") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        // A file may be about logs only.
        None | Some(Value::Null | Value::Array(_)) if document.get("logs").is_some_and(Value::is_array) => {
            return Ok(Vec::new());
        }
        _ => {
            let line = line_of(text, "instances");
            return Err(bad(line, "has no `instances:` list with an entry".to_owned(), Some(SHAPE)));
        }
    };
    let mut out = Vec::new();
    for (i, entry) in list.into_iter().take(INSTANCES_MAX).enumerate() {
        if !matches!(entry, Value::Object(_) | Value::Null) {
            let message = format!("instance {} is not a map of settings", i + 1);
            return Err(bad(line_of(text, "instances"), message, Some(SHAPE)));
        }
        out.push(instance(check, file, &init_config, (i, object_or_empty(Some(entry)))));
    }
    Ok(out)
}

const SHAPE: &str = "instances:\n  - min_collection_interval: 15";

fn object_or_empty(value: Option<Value>) -> Value {
    match value {
        Some(Value::Object(map)) => Value::Object(map),
        _ => Value::Object(Map::new()),
    }
}

fn instance(check: &str, file: &Path, init: &Value, (place, own): (usize, Value)) -> InstanceConfig {
    let setting = |key: &str| own.get(key).or_else(|| init.get(key)).filter(|v| !v.is_null());
    let interval_s = setting("min_collection_interval").and_then(number).filter(|s| *s > 0.0);
    let file_name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let name = match own.get("name").and_then(Value::as_str) {
        Some(name) => format!("{name} ({file_name}:{})", place + 1),
        None => format!("{file_name}:{}", place + 1),
    };
    let digest = xxh3_64(format!("{init}\0{own}").as_bytes());
    InstanceConfig {
        check: check.to_owned(),
        file: file.display().to_string(),
        name,
        interval: Duration::from_secs_f64(interval_s.unwrap_or(INTERVAL_DEFAULT_S).clamp(0.1, 86_400.0)),
        service: setting("service").and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned),
        empty_default_hostname: setting("empty_default_hostname").is_some_and(truthy),
        init_config: init.clone(),
        instance: own,
        digest,
        version: digest,
    }
}

fn number(v: &Value) -> Option<f64> {
    v.as_f64().or_else(|| v.as_str().and_then(|s| s.trim().parse().ok()))
}

/// `true` as YAML 1.1 and people write it.
pub(crate) fn truthy(v: &Value) -> bool {
    match v {
        Value::Bool(b) => *b,
        Value::String(s) => matches!(s.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1"),
        Value::Number(n) => n.as_f64().is_some_and(|n| n != 0.0),
        _ => false,
    }
}

/// The line, from 1, on which a top-level key stands.
fn line_of(text: &str, key: &str) -> Option<u32> {
    let at = text
        .lines()
        .position(|l| l.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':')))?;
    u32::try_from(at + 1).ok()
}

/// The usual slips, told from the text around the line.
fn yaml_hint(text: &str, line: Option<u32>) -> Option<&'static str> {
    let line = usize::try_from(line?).ok()?;
    let near: Vec<&str> = text.lines().skip(line.saturating_sub(2)).take(3).collect();
    if near.iter().any(|l| l.contains('\t')) {
        return Some("YAML is indented with spaces, not with tabs");
    }
    if near.iter().any(|l| l.matches(": ").count() > 1 && !l.contains('{')) {
        return Some("put a value that contains a colon in quotes");
    }
    None
}
