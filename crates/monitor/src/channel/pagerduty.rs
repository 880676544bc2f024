//! PagerDuty's Events API v2: one incident a monitor and group, which a recovery resolves.

use super::short;
use crate::content::Content;
use crate::status::Status;
use serde_json::{Map, Value, json};

/// Limits of the API.
const SUMMARY_CHARS_MAX: usize = 1024;
const DETAIL_CHARS_MAX: usize = 8000;
/// What an event is of: fields without a limit of their own, in an event of at most 512 kB.
const PLACE_CHARS_MAX: usize = 255;

pub(super) fn body(content: &Content, routing_key: &str) -> Value {
    let action = if content.is_recovery() { "resolve" } else { "trigger" };
    let severity = match content.to {
        Status::Alert => "critical",
        Status::Warn | Status::NoData | Status::Unknown => "warning",
        Status::Ok | Status::Ignored | Status::Skipped => "info",
    };
    let mut details = Map::new();
    for (name, value) in &content.facts {
        details.insert(name.to_lowercase(), json!(short(value, DETAIL_CHARS_MAX)));
    }
    details.insert("message".to_owned(), json!(short(&content.message, DETAIL_CHARS_MAX)));
    if !content.logs.is_empty() {
        let rows: Vec<String> = content.logs.iter().map(|s| short(&s.text, 1000)).collect();
        details.insert("rows".to_owned(), json!(rows));
    }
    let source = content.host.clone().unwrap_or_else(|| match content.group.as_str() {
        "*" => content.monitor_name.clone(),
        group => group.to_owned(),
    });
    let mut payload = json!({
        "summary": short(&content.subject, SUMMARY_CHARS_MAX),
        "source": short(&source, PLACE_CHARS_MAX),
        "severity": severity,
        "timestamp": super::discord::timestamp(content.at_ms),
        "class": content.monitor_type,
        "custom_details": details,
    });
    if let Some((_, service)) = content.group_tags.iter().find(|(key, _)| key == "service") {
        payload["component"] = json!(short(service, PLACE_CHARS_MAX));
    }
    if content.group != "*" {
        payload["group"] = json!(short(&content.group, PLACE_CHARS_MAX));
    }
    let mut event = json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": dedup_key(content),
        "payload": payload,
        "client": "Oriel",
        "client_url": content.monitor_link,
        "links": [
            { "href": content.link, "text": "See it as it was" },
            { "href": content.mute_link, "text": "Mute for an hour" },
        ],
    });
    // PagerDuty takes pictures of https addresses only.
    if let Some(url) = content.chart_url.as_deref().filter(|url| url.starts_with("https://")) {
        event["images"] = json!([{ "src": url, "href": content.link, "alt": "the chart as it was" }]);
    }
    event
}

/// One a monitor and group, at most 255 characters.
pub(super) fn dedup_key(content: &Content) -> String {
    use sha2::Digest;
    let group: String =
        sha2::Sha256::digest(content.group.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("oriel-{}-{}-{group}", content.org, content.monitor)
}
