//! Webhooks as Datadog configures them: a payload with `$VARIABLES`, custom headers, JSON or form.

use super::{Prepared, signature};
use crate::content::Content;
use crate::status::{Status, TransitionKind};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What goes out when the webhook has no payload of its own.
const USUAL: &str = r#"{"body": "$EVENT_MSG", "last_updated": "$LAST_UPDATED", "event_type": "$EVENT_TYPE", "title": "$EVENT_TITLE", "date": "$DATE", "org": {"id": "$ORG_ID", "name": "$ORG_NAME"}, "id": "$ID"}"#;
/// A filled payload: values have bounds of their own.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Names of the documented variables that have no meaning here (security signals, incidents, synthetic browser tests …): they are filled with
/// nothing, as the product people know does for other events.
const EMPTY: [&str; 4] = ["SECURITY_", "INCIDENT_", "COMMENT_", "CASE_"];

/// One webhook.
#[derive(Clone, PartialEq, Default)]
pub struct Webhook {
    pub name: String,
    pub url: String,
    pub payload: Option<String>,
    /// A JSON object as text.
    pub custom_headers: Option<String>,
    pub is_form: bool,
    /// Signs each request.
    pub secret: Option<String>,
    /// Variables of the organisation, `$NAME`.
    pub variables: BTreeMap<String, String>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Webhook {
    /// Of a document as Datadog's clients write it.
    pub fn of_document(name: &str, body: &Value, variables: BTreeMap<String, String>) -> Self {
        let text = |key: &str| {
            body.get(key).and_then(Value::as_str).filter(|t| !t.trim().is_empty()).map(str::to_owned)
        };
        Self {
            name: name.to_owned(),
            url: text("url").unwrap_or_default(),
            payload: text("payload"),
            custom_headers: text("custom_headers"),
            is_form: text("encode_as").as_deref() == Some("form"),
            secret: text("secret"),
            variables,
        }
    }

    /// The request for a notice.
    pub fn request(&self, content: &Content, now_ms: i64) -> Result<Prepared, String> {
        let mut values = values(content);
        values.extend(self.variables.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))));
        let fill_text = |text: &str| fill(text, &values, content, Place::Plain);
        let payload = self.payload.as_deref().unwrap_or(USUAL);
        let filled = fill(payload, &values, content, Place::Json);
        if filled.len() > BODY_BYTES_MAX {
            return Err(format!("the payload has {} bytes; at most {BODY_BYTES_MAX} are sent", filled.len()));
        }
        let (kind, body) = match self.is_form {
            true => ("application/x-www-form-urlencoded", form(&filled)?),
            false => ("application/json", filled.into_bytes()),
        };
        let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
        headers.push(("x-oriel-notice".to_owned(), content.key.clone()));
        if let Some(secret) = &self.secret {
            let timestamp = now_ms / 1000;
            headers.push((signature::TIMESTAMP_HEADER.to_owned(), timestamp.to_string()));
            headers.push((signature::SIGNATURE_HEADER.to_owned(), signature::sign(secret, timestamp, &body)));
        }
        for (name, value) in
            self.custom_headers.as_deref().map(self::headers).transpose()?.unwrap_or_default()
        {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            headers.push((name.to_ascii_lowercase(), fill_text(&value)));
        }
        Ok(Prepared { url: fill(&self.url, &values, content, Place::Url), headers, body })
    }
}

/// Custom headers, a JSON object of texts.
pub(crate) fn headers(text: &str) -> Result<Vec<(String, String)>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |_| "custom_headers is not a JSON object of texts".to_owned();
    let all: Map<String, Value> = serde_json::from_str(text).map_err(wrong)?;
    let text_of = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(all.into_iter().map(|(name, value)| (name, text_of(value))).collect())
}

/// A filled payload's fields as a form; what is no text goes as JSON.
fn form(filled: &str) -> Result<Vec<u8>, String> {
    let fields: Map<String, Value> = serde_json::from_str(filled)
        .map_err(|e| format!("a payload that is encoded as a form must be a JSON object: {e}"))?;
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &fields {
        match value {
            Value::String(text) => out.append_pair(name, text),
            other => out.append_pair(name, &other.to_string()),
        };
    }
    Ok(out.finish().into_bytes())
}

/// What stands around a variable decides how its value is written.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Inside a JSON text it is escaped; outside it stands as it is.
    Json,
    Url,
    Plain,
}

/// Fills in the variables. Names that nobody knows stay as they are.
fn fill(template: &str, values: &BTreeMap<String, Value>, content: &Content, place: Place) -> String {
    let mut out = String::with_capacity(template.len() + 1024);
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
            .unwrap_or(rest.len());
        match variable(&rest[..end], &rest[end..], values, content) {
            Some((value, more)) => {
                out.push_str(&written(&value, place));
                rest = &rest[end + more..];
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
    out
}

/// A variable's value, and how much of what follows its name belongs to it.
fn variable(
    name: &str,
    after: &str,
    values: &BTreeMap<String, Value>,
    content: &Content,
) -> Option<(Value, usize)> {
    if name == "TAGS"
        && let Some(key) = after.strip_prefix('[').and_then(|t| t.split_once(']')).map(|(key, _)| key)
    {
        let found = content.group_tags.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let of_tags =
            || content.tags.iter().find_map(|t| t.strip_prefix(key).and_then(|t| t.strip_prefix(':')));
        return Some((json!(found.or_else(of_tags).unwrap_or_default()), key.len() + 2));
    }
    if let Some(value) = values.get(name) {
        return Some((value.clone(), 0));
    }
    EMPTY.iter().any(|prefix| name.starts_with(prefix)).then(|| (json!(""), 0))
}

fn written(value: &Value, place: Place) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => return other.to_string(),
    };
    match place {
        Place::Plain => text.replace(['\r', '\n'], " "),
        Place::Url => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        Place::Json => {
            let quoted = Value::String(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
    }
}

/// The documented variables.
fn values(content: &Content) -> BTreeMap<String, Value> {
    let alert_type = match content.to {
        Status::Alert => "error",
        Status::Warn | Status::NoData | Status::Unknown => "warning",
        Status::Ok | Status::Ignored | Status::Skipped => "success",
    };
    let scope = content.group_tags.iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>().join(", ");
    let samples: Vec<Value> = content
        .logs
        .iter()
        .map(|s| json!({ "message": s.text, "service": s.service, "host": s.host, "status": s.status, "timestamp": s.at_ms }))
        .collect();
    let logs = json!({ "columns": ["timestamp", "host", "service", "status", "message"], "rows": samples });
    let metric = metric_of(&content.query);
    let text_only: String = content.text.clone();
    let priority = content.priority.map(|p| format!("P{p}")).unwrap_or_default();
    let tags = content.tags.join(", ");
    let transition = match (content.kind, content.is_recovery()) {
        (TransitionKind::Renotify, _) | (_, false) => content.word.clone(),
        (_, true) => "Recovered".to_owned(),
    };
    let event_type = format!("{}_monitor", content.monitor_type.replace([' ', '-'], "_"));
    let pairs: Vec<(&str, Value)> = vec![
        ("AGGREG_KEY", json!(aggregation_key(content))),
        ("ALERT_CYCLE_KEY", json!(content.cycle)),
        ("ALERT_ID", json!(content.monitor.to_string())),
        ("ALERT_METRIC", json!(metric)),
        ("ALERT_PRIORITY", json!(priority)),
        ("ALERT_QUERY", json!(content.query)),
        ("ALERT_SCOPE", json!(scope)),
        ("ALERT_STATUS", json!(status_line(content))),
        ("ALERT_TITLE", json!(content.subject)),
        ("ALERT_TRANSITION", json!(transition)),
        ("ALERT_TYPE", json!(alert_type)),
        ("DATE", json!(content.at_ms.to_string())),
        ("EMAIL", json!("")),
        ("EVENT_MSG", json!(content.message)),
        ("EVENT_TITLE", json!(content.subject)),
        ("EVENT_TYPE", json!(event_type)),
        ("HOSTNAME", json!(content.host.clone().unwrap_or_default())),
        ("ID", json!(content.key)),
        ("LAST_UPDATED", json!(content.at_ms.to_string())),
        ("LINK", json!(content.link)),
        ("LOGS_SAMPLE", logs),
        ("METRIC_NAMESPACE", json!(metric.split('.').next().unwrap_or_default())),
        ("ORG_ID", json!(content.org.to_string())),
        ("ORG_NAME", json!("default")),
        ("PRIORITY", json!(if content.priority.is_some_and(|p| p > 3) { "low" } else { "normal" })),
        ("SNAPSHOT", json!(content.chart_url.clone().unwrap_or_default())),
        (
            "SYNTHETICS_TEST_NAME",
            json!(if content.monitor_type == "synthetics alert" {
                content.monitor_name.as_str()
            } else {
                ""
            }),
        ),
        ("SYNTHETICS_FIRST_FAILING_STEP_NAME", json!("")),
        ("SYNTHETICS_SUMMARY", json!("")),
        ("TAGS", json!(tags)),
        ("TEXT_ONLY_MSG", json!(text_only)),
        ("USER", json!("")),
        ("USERNAME", json!("")),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// One a monitor and group.
fn aggregation_key(content: &Content) -> String {
    use sha2::Digest;
    let text = format!("{}\n{}\n{}", content.org, content.monitor, content.group);
    sha2::Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// `system.load.1 over host:a was 3 > 2`.
fn status_line(content: &Content) -> String {
    let metric = metric_of(&content.query);
    let what = if metric.is_empty() { &content.monitor_name } else { &metric };
    match &content.comparison {
        Some(comparison) if content.group != "*" => format!("{what} over {} was {comparison}", content.group),
        Some(comparison) => format!("{what} was {comparison}"),
        None => format!("{what} is {}", content.to.as_str()),
    }
}

/// The metric of `avg(last_5m):avg:system.load.1{…} > 2`; empty when there is none.
fn metric_of(query: &str) -> String {
    let Some((before, _)) = query.split_once('{') else { return String::new() };
    let name = before.rsplit([':', '(', ' ']).next().unwrap_or_default();
    name.to_owned()
}
