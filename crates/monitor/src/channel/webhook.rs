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
        let values = Values { of_notice: values(content), own: &self.variables, content };
        let fill_text = |text: &str| fill(text, &values, Place::Plain);
        let payload = self.payload.as_deref().unwrap_or(USUAL);
        let filled = fill(payload, &values, Place::Json);
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
        Ok(Prepared { url: fill(&self.url, &values, Place::Url), headers, body })
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
    let all: Vec<(String, String)> = all.into_iter().map(|(name, value)| (name, text_of(value))).collect();
    for (name, value) in &all {
        check_header(name, value)?;
    }
    Ok(all)
}

/// Headers that say how the request itself is written are ours: a wrong length is another request to somebody.
const OURS: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn check_header(name: &str, value: &str) -> Result<(), String> {
    if reqwest::header::HeaderName::try_from(name).is_err() {
        return Err(format!("custom_headers: {name:?} is no name of a header"));
    }
    if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
        return Err(format!("custom_headers: {name} can't be set: it says how the request is written"));
    }
    match value.chars().any(|c| c.is_control() && c != '\t') {
        true => Err(format!("custom_headers: the value of {name} has line ends or other signs that steer")),
        false => Ok(()),
    }
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
    /// What is told is escaped as in a JSON text, and rows are JSON outside of one; what people wrote is JSON outside of a text.
    Json,
    Url,
    Plain,
}

/// What stands for names.
struct Values<'a> {
    of_notice: BTreeMap<String, Value>,
    /// The organisation's own: people wrote them, so that they may be addresses and pieces of JSON.
    own: &'a BTreeMap<String, String>,
    content: &'a Content,
}

/// A name's value: of the notice, which may be anything, or written by people who set the webhook up.
enum Found {
    Told(Value),
    Own(String),
}

/// Fills in the variables. Names that nobody knows stay as they are.
fn fill(template: &str, values: &Values<'_>, place: Place) -> String {
    let mut out = String::with_capacity(template.len() + 1024);
    let mut rest = template;
    let mut is_in_text = false;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        is_in_text = ends_in_text(&rest[..at], is_in_text);
        rest = &rest[at + 1..];
        let end = rest
            .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
            .unwrap_or(rest.len());
        // `$ALERT_ID_$DATE` is two names with a sign between them.
        let short = rest[..end].trim_end_matches('_').len();
        let named =
            |end: usize| values.variable(&rest[..end], &rest[end..]).map(|(found, more)| (found, end + more));
        match named(end).or_else(|| named(short)) {
            Some((found, length)) => {
                out.push_str(&written(&found, place, is_in_text));
                rest = &rest[length..];
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
    out
}

/// Whether a piece of JSON that begins inside a text or outside ends inside of one.
fn ends_in_text(piece: &str, mut is_in_text: bool) -> bool {
    let mut is_escaped = false;
    for c in piece.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_in_text,
            '"' => is_in_text = !is_in_text,
            _ => {}
        }
    }
    is_in_text
}

impl Values<'_> {
    /// A variable's value, and how much of what follows its name belongs to it.
    fn variable(&self, name: &str, after: &str) -> Option<(Found, usize)> {
        if name == "TAGS"
            && let Some(key) = after.strip_prefix('[').and_then(|t| t.split_once(']')).map(|(key, _)| key)
        {
            return Some((Found::Told(json!(self.tag(key))), key.len() + 2));
        }
        if let Some(own) = self.own.get(name) {
            return Some((Found::Own(own.clone()), 0));
        }
        if let Some(value) = self.of_notice.get(name) {
            return Some((Found::Told(value.clone()), 0));
        }
        EMPTY.iter().any(|prefix| name.starts_with(prefix)).then(|| (Found::Told(json!("")), 0))
    }

    fn tag(&self, key: &str) -> &str {
        let of_group = self.content.group_tags.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let of_tag = |tag: &'_ String| -> Option<usize> {
            tag.strip_prefix(key)?.strip_prefix(':').map(|value| tag.len() - value.len())
        };
        let of_tags = || self.content.tags.iter().find_map(|tag| Some(&tag[of_tag(tag)?..]));
        of_group.or_else(of_tags).unwrap_or_default()
    }
}

fn written(found: &Found, place: Place, is_in_text: bool) -> String {
    let escaped = |text: &str| {
        let quoted = Value::String(text.to_owned()).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let one_line = |text: &str| text.replace(|c: char| c.is_control() && c != '\t', " ");
    let told = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (place, found) {
        (Place::Json, Found::Told(value)) if !is_in_text && !value.is_string() => value.to_string(),
        (Place::Json, Found::Told(value)) => escaped(&told(value)),
        (Place::Json, Found::Own(text)) if is_in_text => escaped(text),
        (Place::Json | Place::Url, Found::Own(text)) => text.clone(),
        (Place::Plain, Found::Own(text)) => one_line(text),
        (Place::Plain, Found::Told(value)) => one_line(&told(value)),
        (Place::Url, Found::Told(value)) => url::form_urlencoded::byte_serialize(told(value).as_bytes())
            .collect::<String>()
            .replace('+', "%20"),
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
