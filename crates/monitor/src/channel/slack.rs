//! Slack's incoming webhooks: blocks, within the limits of Block Kit.

use super::{ChannelSettings, short};
use crate::content::Content;
use crate::status::Status;
use serde_json::{Value, json};

/// Limits of Block Kit.
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3000;
const FIELD_CHARS_MAX: usize = 2000;
const FIELDS_MAX: usize = 10;
const ALT_CHARS_MAX: usize = 2000;
/// A button's URL.
const URL_CHARS_MAX: usize = 3000;

/// The body of one message. `has_image`: Slack fetches pictures itself, so only those of public https addresses are named.
pub(super) fn body(content: &Content, settings: &ChannelSettings, has_image: bool) -> Value {
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": short(&content.subject, HEADER_CHARS_MAX), "emoji": false },
    })];
    if !content.message.is_empty() {
        blocks.push(json!({
            "type": "section",
            "text": { "type": "mrkdwn", "text": short(&mrkdwn(&content.message), SECTION_CHARS_MAX) },
        }));
    }
    let fields: Vec<Value> = content.facts.iter().take(FIELDS_MAX).map(field).collect();
    if !fields.is_empty() {
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    let lines = evidence(content);
    if !lines.is_empty() {
        blocks.push(json!({
            "type": "section",
            "text": { "type": "mrkdwn", "text": short(&lines, SECTION_CHARS_MAX) },
        }));
    }
    let url = content.chart_url.as_deref().filter(|url| has_image && url.starts_with("https://"));
    if let Some(url) = url {
        let alt = content.comparison.as_deref().unwrap_or("the chart as it was");
        blocks.push(json!({ "type": "image", "image_url": url, "alt_text": short(alt, ALT_CHARS_MAX) }));
    }
    blocks.push(json!({ "type": "actions", "elements": buttons(content) }));
    let mut message = json!({
        "text": escape(&content.subject),
        "attachments": [{ "color": colour(content.to), "blocks": blocks }],
    });
    if !settings.get("username").is_empty() {
        message["username"] = json!(settings.get("username"));
    }
    message
}

fn buttons(content: &Content) -> Vec<Value> {
    let links = [("See it as it was", &content.link), ("Mute for an hour", &content.mute_link)];
    let usable = links.into_iter().filter(|(_, url)| url.chars().count() <= URL_CHARS_MAX);
    usable
        .map(|(text, url)| json!({ "type": "button", "text": { "type": "plain_text", "text": text }, "url": url }))
        .collect()
}

fn field((name, value): &(String, String)) -> Value {
    let text = format!("*{}*\n{}", escape(name), escape(value));
    json!({ "type": "mrkdwn", "text": short(&text, FIELD_CHARS_MAX) })
}

fn evidence(content: &Content) -> String {
    let share = |s: f64| format!("{:.0} %", s * 100.0);
    let differences = content.differences.iter().map(|d| {
        format!("• {}:{}  {} (before {})", escape(&d.field), escape(&d.value), share(d.now), share(d.before))
    });
    let rows = content.logs.iter().map(|s| format!("`{}`", escape(&short(&s.text, 200)).replace('`', "'")));
    differences.chain(rows).collect::<Vec<_>>().join("\n")
}

/// Slack's three signs; without them nothing mentions anybody.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Markdown as Slack writes it: `**bold**` as `*bold*`, `[text](url)` as `<url|text>`.
fn mrkdwn(text: &str) -> String {
    let text = escape(text).replace("**", "*");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match link(rest) {
            Some((label, url, len)) => {
                out.push_str(&format!("<{url}|{label}>"));
                rest = &rest[len..];
            }
            None => {
                out.push('[');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// `[label](url)` at the beginning: its parts, and its length.
fn link(text: &str) -> Option<(&str, &str, usize)> {
    let (label, after) = text.get(1..)?.split_once("](")?;
    let (url, _) = after.split_once(')')?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = !label.contains(['\n', '[', ']', '|']) && !url.contains(['|', ' ', '\n']);
    (is_web && is_plain).then_some((label, url, 1 + label.len() + 2 + url.len() + 1))
}

pub(super) fn colour(status: Status) -> &'static str {
    match status {
        Status::Alert => "#c62828",
        Status::Warn => "#b26a00",
        Status::NoData | Status::Unknown => "#5b6475",
        Status::Ok | Status::Ignored | Status::Skipped => "#237a3b",
    }
}
