//! What one notice says, made once and kept: every channel and every repeat says the same, whatever changes meanwhile.
//!
//! ```text
//! Notice + Rule + Source ─▶ Evidence (chart, rows, differences) ─▶ Facts (values) ─▶ message ─▶ subject, text, HTML
//! ```

mod evidence;
mod facts;
mod html;
mod markdown;
mod plain;
mod words;

pub use evidence::Sample;
pub use facts::Facts;

use crate::notice::Notice;
use crate::picture::PictureFacts;
use crate::rule::Rule;
use crate::source::{Difference, Source};
use crate::status::{Status, TransitionKind};
use crate::template::{Issue, Rendered, Template};
use evidence::Evidence;
use oriel_model::TimeMs;
use serde::{Deserialize, Serialize};

/// A subject line: mail programs show some hundred characters.
const SUBJECT_CHARS_MAX: usize = 300;

/// One notice as it is told. Kept as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub key: String,
    pub org: u32,
    pub monitor: i64,
    /// With its variables filled in.
    pub monitor_name: String,
    pub monitor_type: String,
    pub query: String,
    pub group: String,
    pub at_ms: TimeMs,
    pub kind: TransitionKind,
    pub from: Status,
    pub to: Status,
    /// `Triggered`, `Warn`, `Recovered`, `No Data`, `Re-Triggered` …
    pub word: String,
    pub subject: String,
    /// The message with its values, markdown.
    pub message: String,
    /// The message for chat programs, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// The message as HTML: no markup of the message's own passes. Cut where mail programs would cut the mail.
    pub message_html: String,
    /// The whole as plain text, and as HTML with the chart as `cid:` ([`Content::chart_cid`]).
    pub text: String,
    pub html: String,
    pub value: Option<f64>,
    /// `812.3 > 800`.
    pub comparison: Option<String>,
    /// What the channels show in a table: name and value.
    pub facts: Vec<(String, String)>,
    /// Of the monitor, then of the group.
    pub tags: Vec<String>,
    pub group_tags: Vec<(String, String)>,
    pub host: Option<String>,
    /// The page with the time frozen.
    pub link: String,
    pub mute_link: String,
    /// The page without a time.
    pub monitor_link: String,
    pub has_chart: bool,
    /// The unguessable part of the chart's address.
    pub token: String,
    pub chart_url: Option<String>,
    pub logs: Vec<Sample>,
    pub differences: Vec<Difference>,
    pub priority: Option<u8>,
    pub handles: Vec<String>,
    pub triggered_ms: Option<TimeMs>,
    /// One an episode: the same from the alert to its recovery.
    pub cycle: String,
    #[serde(default)]
    pub issues: Vec<Issue>,
}

/// What a rendering needs beside the notice.
pub struct Setting<'a> {
    pub source: &'a dyn Source,
    /// How people reach the pages.
    pub base_url: &'a str,
    /// 32 hex digits that nobody can guess.
    pub token: String,
    /// Whether charts, rows and differences are read: left out when hundreds of notices wait.
    pub has_evidence: bool,
    /// Histories that the chart shows.
    pub picture: PictureFacts,
    /// Values of a composite's members, by letter: `a.value`, `a.status`, `a.name`.
    pub members: Vec<Member>,
}

/// A member of a composite, as messages see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub id: i64,
    pub name: String,
    pub status: Status,
    pub value: Option<f64>,
    /// What it measures, for the rows that it is about.
    pub rule: Option<Rule>,
}

impl Content {
    /// The name of the inline image.
    pub fn chart_cid(&self) -> String {
        cid(&self.key)
    }

    /// The message for chat programs, in which a value makes no links either.
    pub(crate) fn chat_message(&self) -> &str {
        self.chat.as_deref().unwrap_or(&self.message)
    }

    /// Whether the trouble is over.
    pub fn is_recovery(&self) -> bool {
        self.to == Status::Ok
    }

    /// The HTML for a page, where the chart has an address.
    pub fn page_html(&self) -> String {
        match &self.chart_url {
            Some(url) => self.html.replace(&format!("cid:{}", self.chart_cid()), url),
            None => self.html.clone(),
        }
    }
}

fn cid(key: &str) -> String {
    format!("chart-{key}@oriel")
}

/// Renders a notice; with it its chart as PNG.
pub fn render(notice: &Notice, setting: &Setting<'_>) -> (Content, Option<Vec<u8>>) {
    let rule = Rule::parse(&notice.body).ok();
    let mut evidence = match &rule {
        Some(rule) if setting.has_evidence => {
            let name = name(notice, &Facts::new(notice, Some(rule), setting, None));
            Evidence::gather(notice, rule, &name, setting)
        }
        _ => Evidence::default(),
    };
    let row = evidence.row.take();
    let facts = Facts::new(notice, rule.as_ref(), setting, row.as_ref());
    let told = told(notice, &facts);
    let chart = evidence.chart.clone();
    (assemble(notice, &facts, setting, told, evidence), chart)
}

/// The message and the name with their values.
struct Told {
    name: String,
    message: Rendered,
    handles: Vec<String>,
}

/// The monitor's name, which may hold variables too.
fn name(notice: &Notice, facts: &Facts<'_>) -> String {
    let name = notice.body.get("name").and_then(|v| v.as_str()).unwrap_or_default();
    one_line(&Template::parse(name).render(facts).text)
}

fn told(notice: &Notice, facts: &Facts<'_>) -> Told {
    let text = |name: &str| notice.body.get(name).and_then(|v| v.as_str()).unwrap_or_default();
    let mut source = text("message").to_owned();
    let escalation = notice.body.pointer("/options/escalation_message").and_then(|v| v.as_str());
    if notice.transition.kind == TransitionKind::Renotify
        && let Some(escalation) = escalation.filter(|e| !e.trim().is_empty())
    {
        source = format!("{escalation}\n\n{source}");
    }
    let message = Template::parse(&source).render(facts);
    let handles = message.handles();
    Told { name: name(notice, facts), message, handles }
}

fn assemble(
    notice: &Notice,
    facts: &Facts<'_>,
    setting: &Setting<'_>,
    told: Told,
    evidence: Evidence,
) -> Content {
    let transition = &notice.transition;
    let preset = words::Preset::of(&notice.body);
    let message = if preset.hides_handles { told.message.without_handles() } else { told.message.clone() };
    let links = words::Links::new(notice, setting.base_url);
    let word = words::word(transition.kind, transition.to);
    let has_chart = evidence.chart.is_some() && preset.has_chart;
    let chart_url = has_chart.then(|| {
        format!("{}/snapshot/{}-{}-{}.png", setting.base_url, notice.org, notice.key, setting.token)
    });
    let priority = told.message.priority.or_else(|| facts.priority());
    let mut content = Content {
        key: notice.key.clone(),
        org: notice.org,
        monitor: notice.monitor,
        subject: subject(word, &told.name, facts, &notice.body),
        monitor_name: told.name,
        monitor_type: notice.body.get("type").and_then(|v| v.as_str()).unwrap_or_default().to_owned(),
        query: notice.body.get("query").and_then(|v| v.as_str()).unwrap_or_default().to_owned(),
        group: transition.group.to_string(),
        at_ms: transition.at_ms,
        kind: transition.kind,
        from: transition.from,
        to: transition.to,
        word: word.to_owned(),
        chat: chat(&message),
        message_html: markdown::html_in_mail(&message),
        message: tidy(&message.text),
        text: String::new(),
        html: String::new(),
        value: transition.value.filter(|v| v.is_finite()),
        comparison: facts.comparison(),
        facts: words::table(notice, facts, priority, &preset),
        tags: facts.tags(),
        group_tags: facts.group_tags().to_vec(),
        host: facts.host().map(str::to_owned),
        link: links.frozen,
        mute_link: links.mute,
        monitor_link: links.monitor,
        has_chart,
        token: setting.token.clone(),
        chart_url,
        logs: if preset.has_evidence { evidence.samples } else { Vec::new() },
        differences: if preset.has_evidence { evidence.differences } else { Vec::new() },
        priority,
        handles: told.handles,
        triggered_ms: notice.triggered_ms,
        cycle: words::cycle(notice),
        issues: told.message.issues,
    };
    content.text = plain::text(&content, &preset);
    content.html = html::html(&content, &preset, &cid(&notice.key));
    content
}

/// `[Triggered] name on {host:web-1}`, in one line.
fn subject(word: &str, name: &str, facts: &Facts<'_>, body: &serde_json::Value) -> String {
    let include = body.pointer("/options/include_tags").and_then(serde_json::Value::as_bool).unwrap_or(true);
    let scope = facts.scope_text();
    let text = match include && !scope.is_empty() {
        true => format!("[{word}] {name} on {{{scope}}}"),
        false => format!("[{word}] {name}"),
    };
    text.chars().take(SUBJECT_CHARS_MAX).collect()
}

/// An invisible sign between the halves of a link that a value holds: chat programs show a log line as it was written.
fn chat(message: &Rendered) -> Option<String> {
    let mut text = message.text.clone();
    for value in message.values.iter().rev() {
        let Some(told) = message.text.get(value.clone()) else { continue };
        if told.contains("](") {
            text.replace_range(value.clone(), &told.replace("](", "]\u{200b}("));
        }
    }
    (text != message.text).then(|| tidy(&text))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without blank lines at its ends, and never two of them in a row.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.trim_matches('\n').trim_end().lines() {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
pub(crate) mod tests;
