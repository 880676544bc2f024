//! Telegram's bots: a photo with a caption when there is a chart, else a message. HTML mode, everything escaped.

use super::{Form, Message, short};
use crate::content::Content;
use serde_json::json;

/// Limits of the API, with room for what escaping adds.
const TEXT_CHARS_MAX: usize = 3500;
const CAPTION_CHARS_MAX: usize = 1000;

/// The method, the content type and the body.
pub(super) fn request(message: &Message<'_>, chat: &str) -> (&'static str, String, Vec<u8>) {
    let content = message.content;
    match message.chart {
        Some(chart) => {
            let mut form = Form::new(&content.key);
            form.text("chat_id", chat);
            form.text("parse_mode", "HTML");
            form.text("caption", &text(content, CAPTION_CHARS_MAX));
            form.png("photo", "chart.png", chart);
            let (kind, body) = form.finish();
            ("sendPhoto", kind, body)
        }
        None => {
            let body = json!({
                "chat_id": chat,
                "text": text(content, TEXT_CHARS_MAX),
                "parse_mode": "HTML",
                "link_preview_options": { "is_disabled": true },
            });
            ("sendMessage", "application/json".to_owned(), body.to_string().into_bytes())
        }
    }
}

/// Subject, message, facts and link, whose visible characters are at most `chars_max`.
fn text(content: &Content, chars_max: usize) -> String {
    let subject = short(&content.subject, 200);
    let left = chars_max.saturating_sub(subject.chars().count() + 60);
    let facts = content.facts.iter().filter(|(name, _)| name == "Value" || name == "Group");
    let facts: String = facts.map(|(name, value)| format!("{name}: {value}\n")).collect();
    let rest = short(&format!("{}\n\n{facts}", content.message), left);
    format!(
        "<b>{}</b>\n{}\n<a href=\"{}\">See it as it was</a>",
        escape(&subject),
        escape(rest.trim()),
        escape(&content.link)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
