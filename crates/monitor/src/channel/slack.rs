//! Slack's incoming webhooks: blocks, within the limits of Block Kit.

use super::{ChannelSettings, short, uncalled, written};
use crate::content::Content;
use crate::status::Status;
use serde_json::{Value, json};

/// Limits of Block Kit.
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3000;
const FIELD_CHARS_MAX: usize = 2000;
const NAME_CHARS_MAX: usize = 100;
const FIELDS_MAX: usize = 10;
/// One line of a row, and of a value that differs.
const ROW_CHARS_MAX: usize = 200;
const ALT_CHARS_MAX: usize = 2000;
/// A button's URL.
const URL_CHARS_MAX: usize = 3000;

/// The body of one message. `has_image`: Slack fetches pictures itself, so only those of public https addresses are named.
pub(super) fn body(content: &Content, settings: &ChannelSettings, has_image: bool) -> Value {
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": short(&content.subject, HEADER_CHARS_MAX), "emoji": false },
    })];
    if !content.message.trim().is_empty() {
        blocks.push(section(&mrkdwn(content.chat_message(), SECTION_CHARS_MAX)));
    }
    let fields: Vec<Value> = content.facts.iter().take(FIELDS_MAX).map(field).collect();
    if !fields.is_empty() {
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    let lines = evidence(content);
    if !lines.is_empty() {
        blocks.push(section(&lines));
    }
    let url = content.chart_url.as_deref().filter(|url| has_image && url.starts_with("https://"));
    if let Some(url) = url {
        let alt = content.comparison.as_deref().unwrap_or("the chart as it was");
        blocks.push(json!({ "type": "image", "image_url": url, "alt_text": short(alt, ALT_CHARS_MAX) }));
    }
    blocks.push(json!({ "type": "actions", "elements": buttons(content) }));
    let mut message = json!({
        "text": escape(&uncalled(&content.subject), HEADER_CHARS_MAX * 2),
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
    let text = format!(
        "*{}*\n{}",
        escape(name, NAME_CHARS_MAX),
        escape(value, FIELD_CHARS_MAX - NAME_CHARS_MAX - 3)
    );
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// Differences and rows, whole lines as many as fit.
fn evidence(content: &Content) -> String {
    let share = |s: f64| format!("{:.0} %", s * 100.0);
    let one = |text: &str| escape(text, ROW_CHARS_MAX);
    let differences = content.differences.iter().map(|d| {
        format!("• {}:{}  {} (before {})", one(&d.field), one(&d.value), share(d.now), share(d.before))
    });
    let rows =
        content.logs.iter().map(|s| format!("`{}`", one(&s.text).replace('`', "'").replace('\n', " ")));
    let mut out = String::new();
    for line in differences.chain(rows) {
        if units(&out) + units(&line) < SECTION_CHARS_MAX {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A section takes the text as it is written: else Slack makes links of channels' names and calls whom `@here` names.
fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// Slack's three signs, cut between signs; without them nothing mentions anybody.
fn escape(text: &str, chars_max: usize) -> String {
    written(text, chars_max, |c, out| {
        let entity = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => return false,
        };
        out.push_str(entity);
        true
    })
}

/// Markdown as Slack writes it, within a length: `**bold**` as `*bold*`, `[text](url)` and a bare address as links. What does not fit
/// is cut before it is written, so that no link and no entity is cut in two.
fn mrkdwn(text: &str, chars_max: usize) -> String {
    let mut length = chars_max;
    loop {
        let made = linked(&escape(&short(text, length), usize::MAX).replace("**", "*"));
        if units(&made) <= chars_max {
            return made;
        }
        length = length * 3 / 4;
    }
}

fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', 'h']) {
        out.push_str(&rest[..at]);
        let is_in_word =
            rest[..at].chars().next_back().or(out.chars().next_back()).is_some_and(char::is_alphanumeric);
        rest = &rest[at..];
        if let Some((label, url, len)) = link(rest) {
            out.push_str(&format!("<{url}|{label}>"));
            rest = &rest[len..];
        } else if let Some(url) = bare(rest).filter(|_| !is_in_word) {
            out.push_str(&format!("<{url}>"));
            rest = &rest[url.len()..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// An address at the beginning, without the signs that end a sentence.
fn bare(text: &str) -> Option<&str> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, '|' | '*' | '`' | '…')).unwrap_or(text.len());
    let url = text[..end].split("&gt;").next()?.split("&lt;").next()?;
    let url = url.trim_end_matches(['.', ',', ')', ':', ';', '!', '?', ']']);
    (is_web && url.len() > "https://".len()).then_some(url)
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
