//! Microsoft Teams: an adaptive card to a workflow's webhook. A message holds 28 KB, so texts are cut.

use super::{short, unmarked};
use crate::content::Content;
use crate::status::Status;
use serde_json::{Value, json};

const BODY_BYTES_MAX: usize = 27_000;
const SUBJECT_CHARS_MAX: usize = 500;

/// How many characters each text may have.
#[derive(Clone, Copy)]
struct Lengths {
    message: usize,
    fact: usize,
    sample: usize,
}

/// The whole where it fits, else with its texts halved until it does: letters of other scripts take several bytes.
pub(super) fn body(content: &Content) -> Value {
    let mut lengths = Lengths { message: 4000, fact: 500, sample: 300 };
    loop {
        let made = card(content, lengths);
        if made.to_string().len() <= BODY_BYTES_MAX || lengths.message < 100 {
            return made;
        }
        let half = |n: usize| n / 2;
        lengths = Lengths {
            message: half(lengths.message),
            fact: half(lengths.fact),
            sample: half(lengths.sample),
        };
    }
}

fn card(content: &Content, lengths: Lengths) -> Value {
    let colour = match content.to {
        Status::Alert => "attention",
        Status::Warn => "warning",
        Status::NoData | Status::Unknown => "default",
        Status::Ok | Status::Ignored | Status::Skipped => "good",
    };
    let mut body = vec![json!({
        "type": "TextBlock", "text": unmarked(&content.subject, SUBJECT_CHARS_MAX), "size": "large", "weight": "bolder", "color": colour, "wrap": true,
    })];
    if !content.message.is_empty() {
        let text = short(content.chat_message(), lengths.message);
        body.push(json!({ "type": "TextBlock", "text": text.replace('\n', "\n\n"), "wrap": true }));
    }
    let facts: Vec<Value> = content
        .facts
        .iter()
        .map(|(name, value)| json!({ "title": name, "value": unmarked(value, lengths.fact) }))
        .collect();
    if !facts.is_empty() {
        body.push(json!({ "type": "FactSet", "facts": facts }));
    }
    for sample in &content.logs {
        body.push(json!({
            "type": "TextBlock", "text": unmarked(&sample.text, lengths.sample), "wrap": true, "fontType": "monospace", "size": "small",
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
        "fallbackText": short(&content.subject, SUBJECT_CHARS_MAX),
        "body": body,
        "actions": [action("See it as it was", &content.link), action("Mute for an hour", &content.mute_link)],
        "msteams": { "width": "Full" },
    });
    json!({
        "type": "message",
        "attachments": [{ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card }],
    })
}
