//! Telegram's bots: a photo with a caption when there is a chart, else a message. HTML mode, everything escaped, and nobody called:
//! an `@name` in a log line would be a person of the group.

use super::{Form, Message, short, uncalled};
use crate::content::Content;
use serde_json::json;

/// Limits of the API, which counts what is seen.
const TEXT_CHARS_MAX: usize = 3500;
const CAPTION_CHARS_MAX: usize = 1000;
const SUBJECT_CHARS_MAX: usize = 200;

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
    let subject = short(&uncalled(&content.subject), SUBJECT_CHARS_MAX);
    let left = chars_max.saturating_sub(SUBJECT_CHARS_MAX + 60);
    let facts = content.facts.iter().filter(|(name, _)| name == "Value" || name == "Group");
    let facts: String = facts.map(|(name, value)| format!("{name}: {value}\n")).collect();
    let rest = short(&uncalled(&format!("{}\n\n{facts}", content.message)), left);
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
