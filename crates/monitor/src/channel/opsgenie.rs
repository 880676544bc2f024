//! Opsgenie's alert API: one alert a monitor and group by its alias, which a recovery closes.

use super::{pagerduty, short};
use crate::content::Content;
use crate::status::Status;
use serde_json::{Map, Value, json};

/// Limits of the API.
const MESSAGE_CHARS_MAX: usize = 130;
const DESCRIPTION_CHARS_MAX: usize = 15_000;
const TAGS_MAX: usize = 20;
const TAG_CHARS_MAX: usize = 50;
const ENTITY_CHARS_MAX: usize = 512;
/// All details have at most 8000 characters together.
const DETAIL_CHARS_MAX: usize = 500;
const DETAILS_MAX: usize = 10;
const NOTE_CHARS_MAX: usize = 25_000;

/// The path and the body.
pub(super) fn request(content: &Content) -> (String, Value) {
    let alias = pagerduty::dedup_key(content);
    if content.is_recovery() {
        let body = json!({ "source": "Oriel", "note": short(&content.text, NOTE_CHARS_MAX) });
        return (format!("/v2/alerts/{alias}/close?identifierType=alias"), body);
    }
    let priority = content.priority.map_or_else(
        || match content.to {
            Status::Alert => "P2".to_owned(),
            _ => "P3".to_owned(),
        },
        |p| format!("P{p}"),
    );
    let mut details = Map::new();
    for (name, value) in content.facts.iter().take(DETAILS_MAX) {
        details.insert(name.to_lowercase(), json!(short(value, DETAIL_CHARS_MAX)));
    }
    details.insert("link".to_owned(), json!(content.link));
    let tags = content.tags.iter().take(TAGS_MAX).map(|tag| short(tag, TAG_CHARS_MAX));
    let body = json!({
        "message": short(&content.subject, MESSAGE_CHARS_MAX),
        "alias": alias,
        "description": short(&content.text, DESCRIPTION_CHARS_MAX),
        "tags": tags.collect::<Vec<_>>(),
        "details": details,
        "entity": short(content.host.as_deref().unwrap_or(&content.group), ENTITY_CHARS_MAX),
        "source": "Oriel",
        "priority": priority,
    });
    ("/v2/alerts".to_owned(), body)
}
