//! A message before it is told: what the editor shows, and what a test button sends.

use super::{Directory, Notifier};
use crate::content::{self, Content, Facts, Setting};
use crate::handle;
use crate::notice::{Notice, Window};
use crate::picture::PictureFacts;
use crate::rule::{Rule, Target};
use crate::source::Source;
use crate::status::{Status, Transition, TransitionKind};
use crate::template::{Issue, Template};
use crate::{Error, Result, measured};
use oriel_model::{OrgId, TimeMs};
use serde::Serialize;
use serde_json::{Value, json};

/// A handle of a message, and when it is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreviewHandle {
    pub handle: String,
    /// The kind of channel, or `unknown`.
    pub channel: &'static str,
    pub known: bool,
    /// Why it can't be told as things are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Conditions under which it is told; none: always.
    pub when: Vec<&'static str>,
}

/// What a message says on one transition.
#[derive(Clone, Debug, Serialize)]
pub struct Previewed {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The message alone, as HTML.
    pub message_html: String,
    /// Variables that nobody knows, in any block.
    pub unknown: Vec<Issue>,
    /// What else is wrong with the message.
    pub problems: Vec<Issue>,
    pub handles: Vec<PreviewHandle>,
}

/// Each kind of transition with a change of status that is of its kind.
const KINDS: [(TransitionKind, Status, Status); 10] = [
    (TransitionKind::Alert, Status::Ok, Status::Alert),
    (TransitionKind::Warning, Status::Ok, Status::Warn),
    (TransitionKind::WarningToAlert, Status::Warn, Status::Alert),
    (TransitionKind::AlertToWarning, Status::Alert, Status::Warn),
    (TransitionKind::AlertRecovery, Status::Alert, Status::Ok),
    (TransitionKind::WarningRecovery, Status::Warn, Status::Ok),
    (TransitionKind::NoData, Status::Ok, Status::NoData),
    (TransitionKind::NoDataRecovery, Status::NoData, Status::Ok),
    (TransitionKind::Unknown, Status::Ok, Status::Unknown),
    (TransitionKind::Renotify, Status::Alert, Status::Alert),
];

/// Conditions with the kinds that they are true on, the widest first.
const WHEN: [(&str, &[TransitionKind]); 11] = [
    ("is_alert", &[TransitionKind::Alert, TransitionKind::WarningToAlert]),
    ("is_warning", &[TransitionKind::Warning, TransitionKind::AlertToWarning]),
    (
        "is_recovery",
        &[TransitionKind::AlertRecovery, TransitionKind::WarningRecovery, TransitionKind::NoDataRecovery],
    ),
    ("is_no_data", &[TransitionKind::NoData]),
    ("is_unknown", &[TransitionKind::Unknown]),
    ("is_warning_to_alert", &[TransitionKind::WarningToAlert]),
    ("is_alert_to_warning", &[TransitionKind::AlertToWarning]),
    ("is_alert_recovery", &[TransitionKind::AlertRecovery]),
    ("is_warning_recovery", &[TransitionKind::WarningRecovery]),
    ("is_no_data_recovery", &[TransitionKind::NoDataRecovery]),
    ("is_renotify", &[TransitionKind::Renotify]),
];

impl Notifier {
    /// What a monitor's message would say. `transition` is `alert`, `warning`, `recovery`, `no_data`, `renotify` or any kind.
    pub async fn preview(
        self: &std::sync::Arc<Self>,
        org: OrgId,
        monitor: &Value,
        transition: &str,
        group: Option<&str>,
    ) -> Result<Previewed> {
        let kind = kind_of(transition).ok_or_else(|| {
            Error::invalid(format!(
                "transition: {transition:?} is not one; alert, warning, recovery, no_data and renotify are"
            ))
        })?;
        let directory = self.directory(org).await?;
        let mut notice = sample(org, monitor, kind, group, self.clock.now_ms());
        let members = self.members(&notice).await;
        let widest = members.iter().filter_map(|m| m.rule.as_ref()).max_by_key(|r| r.group_by().len());
        if let (true, Some(rule)) = (notice.tags.is_empty(), widest) {
            notice.tags = made_up(rule.group_by());
            notice.transition.group = measured::key(&notice.tags);
        }
        let this = std::sync::Arc::clone(self);
        let blocking = tokio::task::spawn_blocking(move || {
            let setting = Setting {
                source: &*this.source,
                base_url: &this.options.base_url,
                token: String::new(),
                has_evidence: false,
                picture: PictureFacts::default(),
                members,
            };
            previewed(&notice, &setting, &directory)
        });
        blocking.await.map_err(|e| Error::Source(format!("the preview ended early: {e}")))
    }
}

fn kind_of(word: &str) -> Option<TransitionKind> {
    let word = match word {
        "recovery" => "alert_recovery",
        other => other,
    };
    serde_json::from_value(json!(word)).ok()
}

fn previewed(notice: &Notice, setting: &Setting<'_>, directory: &Directory) -> Previewed {
    let (content, _) = content::render(notice, setting);
    let rule = Rule::parse(&notice.body).ok();
    let facts = Facts::new(notice, rule.as_ref(), setting, None);
    let message = notice.body.get("message").and_then(Value::as_str).unwrap_or_default();
    let template = Template::parse(message);
    let (unknown, problems) = template.check(&facts).into_iter().partition(|i: &Issue| i.name.is_some());
    let mut problems: Vec<Issue> = problems;
    if content.handles.len() >= handle::HANDLES_MAX {
        let message =
            format!("only the first {} handles are told; put addresses into a channel", handle::HANDLES_MAX);
        problems.push(Issue { message, name: None, position: 0 });
    }
    Previewed {
        subject: content.subject.clone(),
        text: content.text.clone(),
        html: content.page_html(),
        message_html: content.message_html,
        unknown,
        problems,
        handles: handles(notice, &template, setting, directory),
    }
}

/// Every handle of a message with when it is told: the message is rendered on each kind of transition.
fn handles(
    notice: &Notice,
    template: &Template,
    setting: &Setting<'_>,
    directory: &Directory,
) -> Vec<PreviewHandle> {
    let rule = Rule::parse(&notice.body).ok();
    let mut told: Vec<(String, Vec<TransitionKind>)> = Vec::new();
    for (kind, from, to) in KINDS {
        let mut notice = notice.clone();
        notice.transition = Transition { kind, from, to, ..notice.transition };
        let facts = Facts::new(&notice, rule.as_ref(), setting, None);
        for handle in template.handles_of_any(&facts) {
            match told.iter_mut().find(|(h, _)| *h == handle) {
                Some((_, kinds)) => kinds.push(kind),
                None => told.push((handle, vec![kind])),
            }
        }
    }
    told.into_iter()
        .map(|(handle, kinds)| {
            let found = directory.resolve(&handle);
            PreviewHandle {
                channel: found.kind.map_or("unknown", handle::Kind::as_str),
                known: !found.is_unknown,
                problem: found.destination.err(),
                when: when(&kinds),
                handle,
            }
        })
        .collect()
}

/// The fewest conditions that say when.
fn when(kinds: &[TransitionKind]) -> Vec<&'static str> {
    if kinds.len() == KINDS.len() {
        return Vec::new();
    }
    let mut left: Vec<TransitionKind> = kinds.to_vec();
    let mut words = Vec::new();
    // Told again while it lasts goes without saying where the alert itself is told.
    if kinds.contains(&TransitionKind::Alert) {
        left.retain(|k| *k != TransitionKind::Renotify);
    }
    for (word, of) in WHEN {
        if of.iter().all(|kind| kinds.contains(kind)) && of.iter().any(|kind| left.contains(kind)) {
            words.push(word);
            left.retain(|kind| !of.contains(kind));
        }
    }
    words
}

/// A notice as it could be: a value beyond the threshold, and tags of the group that is asked for or of one that is made up.
fn sample(org: OrgId, monitor: &Value, kind: TransitionKind, group: Option<&str>, now_ms: TimeMs) -> Notice {
    let rule = Rule::parse(monitor).ok();
    let (_, from, to) = KINDS.into_iter().find(|(k, _, _)| *k == kind).unwrap_or(KINDS[0]);
    let by = rule.as_ref().map(group_by).unwrap_or_default();
    let tags = match group {
        Some(group) if group != "*" && !group.is_empty() => measured::pairs(group, &by),
        _ => made_up(&by),
    };
    let now_ms = now_ms.div_euclid(60_000) * 60_000;
    let window = rule.as_ref().map(|rule| rule.window(now_ms));
    let window = window.map_or(Window { start_ms: now_ms - 300_000, end_ms: now_ms }, Window::from);
    let began = now_ms - 600_000;
    Notice {
        key: "0".repeat(32),
        org: org.0,
        monitor: monitor.get("id").and_then(Value::as_i64).unwrap_or(0),
        transition: Transition {
            at_ms: now_ms,
            group: if tags.is_empty() { "*".into() } else { measured::key(&tags) },
            from,
            to,
            kind,
            value: (to != Status::NoData).then(|| value_for(rule.as_ref(), to)).flatten(),
            tells: true,
        },
        tags,
        window,
        triggered_ms: Some(began),
        last_triggered_ms: Some(began),
        folded: Vec::new(),
        folded_total: 0,
        body: monitor.clone(),
    }
}

/// Tags as a group could have them.
fn made_up(by: &[String]) -> Vec<(String, String)> {
    by.iter().map(|key| (key.clone(), format!("some-{key}"))).collect()
}

fn group_by(rule: &Rule) -> Vec<String> {
    match &rule.target {
        Target::Series(series) => series.group_by.clone(),
        Target::Checks(check) => check.by.clone(),
        Target::Composite(_) | Target::Slo(_) => Vec::new(),
    }
}

/// A value that would have this status: a tenth beyond the threshold, or a tenth inside.
fn value_for(rule: Option<&Rule>, to: Status) -> Option<f64> {
    let rule = rule?;
    let threshold = match to {
        Status::Warn => rule.thresholds.warning.or(rule.thresholds.critical)?,
        _ => rule.thresholds.critical?,
    };
    let step = (threshold.abs() / 10.0).max(0.1);
    let is_up = !rule.comparator.is_downward();
    Some(if is_up == (to != Status::Ok) { threshold + step } else { threshold - step })
}

/// What a test button sends.
pub(super) fn test_content(
    org: OrgId,
    name: &str,
    now_ms: TimeMs,
    base_url: &str,
    source: &dyn Source,
) -> Content {
    let body = json!({
        "name": format!("Test of {name}"),
        "type": "metric alert",
        "query": "avg(last_5m):avg:system.load.1{*} > 1",
        "message": "This is a test from Oriel: **nothing is wrong**. Whoever reads this would be told by this channel.",
        "tags": ["test:true"],
        "options": { "thresholds": { "critical": 1 } },
    });
    let mut notice = sample(org, &body, TransitionKind::Alert, None, now_ms);
    notice.key = super::token();
    let setting = Setting {
        source,
        base_url,
        token: String::new(),
        has_evidence: false,
        picture: PictureFacts::default(),
        members: Vec::new(),
    };
    content::render(&notice, &setting).0
}
