//! Microsoft Teams: an adaptive card to a workflow's webhook. A message holds 28 KB, so texts are cut.

use super::short;
use crate::content::Content;
use crate::status::Status;
use serde_json::{Value, json};

const MESSAGE_CHARS_MAX: usize = 4000;
const FACT_CHARS_MAX: usize = 500;

pub(super) fn body(content: &Content) -> Value {
    let colour = match content.to {
        Status::Alert => "attention",
        Status::Warn => "warning",
        Status::NoData | Status::Unknown => "default",
        Status::Ok | Status::Ignored | Status::Skipped => "good",
    };
    let mut body = vec![json!({
        "type": "TextBlock", "text": escape(&content.subject), "size": "large", "weight": "bolder", "color": colour, "wrap": true,
    })];
    if !content.message.is_empty() {
        let text = short(&content.message, MESSAGE_CHARS_MAX);
        body.push(json!({ "type": "TextBlock", "text": text.replace('\n', "\n\n"), "wrap": true }));
    }
    let facts: Vec<Value> = content
        .facts
        .iter()
        .map(|(name, value)| json!({ "title": name, "value": short(value, FACT_CHARS_MAX) }))
        .collect();
    if !facts.is_empty() {
        body.push(json!({ "type": "FactSet", "facts": facts }));
    }
    for sample in &content.logs {
        body.push(json!({
            "type": "TextBlock", "text": escape(&short(&sample.text, 300)), "wrap": true, "fontType": "monospace", "size": "small",
        }));
    }
    // Teams fetches pictures itself.
    if let Some(url) = content.chart_url.as_deref().filter(|url| url.starts_with("https://")) {
        let alt = content.comparison.as_deref().unwrap_or("the chart as it was");
        body.push(json!({ "type": "Image", "url": url, "altText": alt }));
    }
    let action = |title: &str, url: &str| json!({ "type": "Action.OpenUrl", "title": title, "url": url });
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": content.subject,
        "body": body,
        "actions": [action("See it as it was", &content.link), action("Mute for an hour", &content.mute_link)],
        "msteams": { "width": "Full" },
    });
    json!({
        "type": "message",
        "attachments": [{ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card }],
    })
}

/// Signs of markdown, where a text is no markdown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '_' | '[' | ']' | '`' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
