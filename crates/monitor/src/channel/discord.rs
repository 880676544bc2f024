//! Discord's webhooks: one embed, with the chart as a file. Nobody is mentioned, whatever a log line says.

use super::{ChannelSettings, Form, Message, short, unmarked};
use crate::status::Status;
use serde_json::{Value, json};

/// Limits of embeds.
const TITLE_CHARS_MAX: usize = 256;
const DESCRIPTION_CHARS_MAX: usize = 3000;
const FIELDS_MAX: usize = 8;
/// All texts of an embed have at most 6000 characters together.
const FIELD_CHARS_MAX: usize = 250;
const NAME_CHARS_MAX: usize = 80;

/// The content type and the body.
pub(super) fn body(message: &Message<'_>, settings: &ChannelSettings) -> (String, Vec<u8>) {
    let content = message.content;
    let colour = match content.to {
        Status::Alert => 0x00c6_2828,
        Status::Warn => 0x00b2_6a00,
        Status::NoData | Status::Unknown => 0x005b_6475,
        Status::Ok | Status::Ignored | Status::Skipped => 0x0023_7a3b,
    };
    let fields: Vec<Value> = content
        .facts
        .iter()
        .filter(|(name, value)| !name.trim().is_empty() && !value.trim().is_empty())
        .take(FIELDS_MAX)
        .map(|(name, value)| json!({ "name": short(name, NAME_CHARS_MAX), "value": unmarked(value, FIELD_CHARS_MAX), "inline": value.len() < 40 }))
        .collect();
    let mut embed = json!({
        "title": short(&content.subject, TITLE_CHARS_MAX),
        "url": content.link,
        "description": short(content.chat_message(), DESCRIPTION_CHARS_MAX),
        "color": colour,
        "fields": fields,
        "timestamp": timestamp(content.at_ms),
    });
    if message.chart.is_some() {
        embed["image"] = json!({ "url": "attachment://chart.png" });
    }
    let mut payload = json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } });
    if !settings.get("username").is_empty() {
        payload["username"] = json!(settings.get("username"));
    }
    let Some(chart) = message.chart else {
        return ("application/json".to_owned(), payload.to_string().into_bytes());
    };
    let mut form = Form::new(&content.key);
    form.json("payload_json", &payload);
    form.png("files[0]", "chart.png", chart);
    form.finish()
}

pub(super) fn timestamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |t| t.to_string())
}
