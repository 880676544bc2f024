//! Words, links and presets of notices.

use super::Facts;
use crate::notice::Notice;
use crate::picture;
use crate::rule::Rule;
use crate::status::{Status, TransitionKind};
use serde_json::Value;
use sha2::Digest;

/// Groups of a folded notice that its table names; the page has the others.
const FOLDED_SHOWN: usize = 10;

/// Datadog's word of a transition, as subjects begin with.
pub(super) fn word(kind: TransitionKind, to: Status) -> &'static str {
    match (kind, to) {
        (TransitionKind::Renotify, Status::Warn) => "Re-Warn",
        (TransitionKind::Renotify, Status::NoData) => "Re-No Data",
        (TransitionKind::Renotify, Status::Unknown) => "Re-Unknown",
        (TransitionKind::Renotify, _) => "Re-Triggered",
        (_, Status::Alert) => "Triggered",
        (_, Status::Warn) => "Warn",
        (_, Status::NoData) => "No Data",
        (_, Status::Unknown) => "Unknown",
        (_, Status::Ok | Status::Ignored | Status::Skipped) => "Recovered",
    }
}

/// What a `notification_preset_name` leaves out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Preset {
    pub(super) has_query: bool,
    pub(super) hides_handles: bool,
    pub(super) has_footer: bool,
    pub(super) has_facts: bool,
    pub(super) has_evidence: bool,
    pub(super) has_chart: bool,
}

impl Preset {
    pub(super) fn of(body: &Value) -> Self {
        let all = Self {
            has_query: true,
            hides_handles: false,
            has_footer: true,
            has_facts: true,
            has_evidence: true,
            has_chart: true,
        };
        let name = body.pointer("/options/notification_preset_name").and_then(Value::as_str);
        match name.unwrap_or_default() {
            "hide_query" => Self { has_query: false, ..all },
            "hide_handles" => Self { hides_handles: true, ..all },
            "hide_query_and_handles" => Self { has_query: false, hides_handles: true, ..all },
            "hide_handles_and_footer" => Self { hides_handles: true, has_footer: false, ..all },
            "hide_all" => Self {
                has_query: false,
                hides_handles: true,
                has_footer: false,
                has_facts: false,
                has_evidence: false,
                has_chart: false,
            },
            "show_only_snapshot" => Self {
                has_query: false,
                hides_handles: true,
                has_footer: false,
                has_facts: false,
                has_evidence: false,
                has_chart: true,
            },
            _ => all,
        }
    }
}

/// Where the pages are.
pub(super) struct Links {
    pub(super) frozen: String,
    pub(super) mute: String,
    pub(super) monitor: String,
}

impl Links {
    pub(super) fn new(notice: &Notice, base_url: &str) -> Self {
        let base = base_url.trim_end_matches('/');
        let monitor = format!("{base}/monitors/{}", notice.monitor);
        let at = notice.transition.at_ms;
        let length = (notice.window.end_ms - notice.window.start_ms).max(5 * 60_000);
        // As much before the window as its chart shows, and a little after the moment.
        let drawn = Rule::parse(&notice.body).map(|rule| picture::range(&rule, at).start);
        let from = drawn.unwrap_or(notice.window.start_ms.min(at) - length);
        let length = length.min(at - from);
        let to = notice.window.end_ms.max(at) + length / 2;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if &*notice.transition.group != "*" {
            query.append_pair("group", &notice.transition.group);
        }
        query.append_pair("at", &at.to_string());
        query.append_pair("from_ms", &from.to_string());
        query.append_pair("to_ms", &to.to_string());
        query.append_pair("notice", &notice.key);
        let frozen = format!("{monitor}?{}", query.finish());
        Self { mute: format!("{frozen}&mute=1h"), frozen, monitor }
    }
}

/// What an episode is called, from its first notice to its last.
pub(super) fn cycle(notice: &Notice) -> String {
    let began = notice.triggered_ms.or(notice.last_triggered_ms).unwrap_or(notice.transition.at_ms);
    let text = format!("{}\n{}\n{}\n{began}", notice.org, notice.monitor, notice.transition.group);
    sha2::Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// The table of facts.
pub(super) fn table(
    notice: &Notice,
    facts: &Facts<'_>,
    priority: Option<u8>,
    preset: &Preset,
) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            rows.push((name.to_owned(), value));
        }
    };
    if !preset.has_facts {
        return rows;
    }
    let transition = &notice.transition;
    row("Status", format!("{} (was {})", transition.to.as_str(), transition.from.as_str()));
    row("Value", facts.comparison().unwrap_or_default());
    row("Group", if &*transition.group == "*" { String::new() } else { transition.group.to_string() });
    if notice.folded_total > 0 {
        let shown = notice.folded.iter().take(FOLDED_SHOWN).map(|(group, status, value)| match value {
            Some(value) => format!("{group} {} ({})", status.as_str(), crate::template::number(*value)),
            None => format!("{group} {}", status.as_str()),
        });
        let shown: Vec<String> = shown.collect();
        let more = notice.folded_total.saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        row("Groups", format!("{}{more}", shown.join(", ")));
    }
    row("Time", facts.time_text(transition.at_ms));
    if preset.has_query {
        row("Query", facts.query().to_owned());
    }
    row("Tags", facts.tags().join(", "));
    row("Priority", priority.map(|p| format!("P{p}")).unwrap_or_default());
    rows
}
