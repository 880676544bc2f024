//! What an evaluation changed of one monitor, and how that is written: rows of groups, transitions with what became of their
//! notices, and the notices that are owed.

use super::scope::with_fixed;
use super::unit::Live;
use crate::downtime::{Muted, Muting};
use crate::evaluate::{Change, told_group};
use crate::measured::pairs;
use crate::notice::{Notice, Window};
use crate::rule::Rule;
use crate::status::{Status, Transition};
use oriel_model::{OrgId, TimeMs};
use oriel_state::{EvaluationCommit, GroupRow, NoticeRow, TransitionRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Groups that a notice of `notify_by` names.
const FOLDED_MAX: usize = 50;

/// A transition with what its notice needs.
pub(crate) struct Told {
    pub(crate) transition: Transition,
    triggered_ms: Option<TimeMs>,
    last_triggered_ms: Option<TimeMs>,
    folded: Vec<(String, Status, Option<f64>)>,
    folded_total: usize,
}

/// One monitor's.
pub(crate) struct MonitorChange {
    pub(crate) monitor: i64,
    pub(crate) rule: Arc<Rule>,
    pub(crate) body: Arc<Value>,
    fixed: Arc<[(String, String)]>,
    pub(crate) told: Vec<Told>,
    rows: Vec<Change>,
}

/// A transition as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    #[serde(flatten)]
    pub transition: Transition,
    pub window: Window,
    /// The key of its notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Why nobody was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<String>,
}

/// A transition that is durable, for those who follow monitors.
#[derive(Clone, Debug)]
pub struct Committed {
    pub monitor: i64,
    pub rule: Arc<Rule>,
    pub recorded: Recorded,
    /// Pairs of the group, and those that the monitor's scope fixes.
    pub tags: Vec<(String, String)>,
}

impl MonitorChange {
    pub(crate) fn new(live: &Live, transitions: Vec<Transition>, rows: Vec<Change>) -> Self {
        let mut change = Self {
            monitor: live.id,
            rule: live.rule.clone(),
            body: live.body.clone(),
            fixed: live.fixed.clone(),
            told: Vec::new(),
            rows,
        };
        for transition in transitions {
            let told = change.told(live, transition);
            change.told.push(told);
        }
        change
    }

    /// A notice that a downtime's end owes: no change of the group.
    pub(crate) fn owed(live: &Live, transition: Transition) -> Self {
        Self::new(live, vec![transition], Vec::new())
    }

    fn told(&self, live: &Live, transition: Transition) -> Told {
        let group = live.state.group(&transition.group);
        let (folded, folded_total) =
            if transition.tells { self.folded(live, &transition) } else { (Vec::new(), 0) };
        Told {
            triggered_ms: group.and_then(|g| g.triggered_ms),
            last_triggered_ms: group.and_then(|g| g.last_triggered_ms),
            transition,
            folded,
            folded_total,
        }
    }

    /// The groups that a `notify_by` tells by this one, the worst first.
    fn folded(&self, live: &Live, transition: &Transition) -> (Vec<(String, Status, Option<f64>)>, usize) {
        if self.rule.options.notify_by.is_none() {
            return (Vec::new(), 0);
        }
        let mut folded: Vec<(String, Status, Option<f64>)> = live
            .state
            .groups()
            .filter(|(_, group)| group.status.is_triggered())
            .filter(|(key, _)| told_group(&self.rule, key) == transition.group)
            .map(|(key, group)| (key.to_string(), group.status, group.value))
            .collect();
        folded.sort_by(|a, b| b.1.severity().cmp(&a.1.severity()).then_with(|| a.0.cmp(&b.0)));
        let total = folded.len();
        folded.truncate(FOLDED_MAX);
        (folded, total)
    }

    /// The moment of what is told.
    pub(crate) fn tells_at(&self) -> Option<TimeMs> {
        self.told.iter().find(|t| t.transition.tells).map(|t| t.transition.at_ms)
    }

    pub(crate) fn tells(&self) -> bool {
        self.told.iter().any(|t| t.transition.tells)
    }

    /// The tags of what a transition is about.
    fn tags(&self, group: &str) -> Vec<(String, String)> {
        let by = match &self.rule.options.notify_by {
            // A group that is told has the keys that it is told by; members have all.
            Some(told_by) if pairs(group, self.rule.group_by()).len() < self.rule.group_by().len() => told_by,
            _ => self.rule.group_by(),
        };
        with_fixed(pairs(group, by), &self.fixed)
    }

    /// Writes the change; `muting` says who is not told.
    pub(crate) fn write(
        &self,
        org: OrgId,
        muting: Option<&Muting<'_>>,
        commit: &mut EvaluationCommit,
    ) -> Vec<Committed> {
        for row in &self.rows {
            let body = row.state.as_ref().and_then(|s| serde_json::to_string(s).ok());
            commit.groups.push(GroupRow { monitor: self.monitor, group: row.key.clone(), body });
        }
        let mut committed = Vec::new();
        for told in &self.told {
            let tags = self.tags(&told.transition.group);
            let muted =
                muting.and_then(|m| self.muted(m, told, &tags)).map(|m| m.reason).or_else(|| self.draft());
            let window = Window::from(self.rule.window(told.transition.at_ms));
            let notice = (told.transition.tells && muted.is_none())
                .then(|| self.notice(org, told, tags.clone(), window));
            let recorded = Recorded {
                transition: told.transition.clone(),
                window,
                notice: notice.as_ref().map(|n| n.key.clone()),
                muted: muted.filter(|_| told.transition.tells),
            };
            push(commit, self.monitor, &recorded, notice.as_ref());
            committed.push(Committed { monitor: self.monitor, rule: self.rule.clone(), recorded, tags });
        }
        committed
    }

    /// A draft is evaluated and shown, and tells nobody until it is published.
    fn draft(&self) -> Option<String> {
        (self.body["draft_status"] == "draft").then(|| "the monitor is a draft".to_owned())
    }

    fn muted(&self, muting: &Muting<'_>, told: &Told, tags: &[(String, String)]) -> Option<Muted> {
        let keeps = |m: &Muted| m.keeps_back(told.transition.kind, told.triggered_ms);
        if let Some(muted) = muting.muted(tags) {
            return Some(muted).filter(keeps);
        }
        // Of a notice for many, nobody is told when each of them is muted.
        let member = |(key, ..): &(String, Status, Option<f64>)| {
            muting.muted(&with_fixed(pairs(key, self.rule.group_by()), &self.fixed))
        };
        let all: Option<Vec<Muted>> = told.folded.iter().map(member).collect();
        all.and_then(|mut all| if told.folded_total > FOLDED_MAX { None } else { all.pop() }).filter(keeps)
    }

    fn notice(&self, org: OrgId, told: &Told, tags: Vec<(String, String)>, window: Window) -> Notice {
        Notice {
            key: Notice::key_of(org, self.monitor, &told.transition),
            org: org.0,
            monitor: self.monitor,
            transition: told.transition.clone(),
            tags,
            window,
            triggered_ms: told.triggered_ms,
            last_triggered_ms: told.last_triggered_ms,
            folded: told.folded.clone(),
            folded_total: told.folded_total,
            body: (*self.body).clone(),
        }
    }
}

fn push(commit: &mut EvaluationCommit, monitor: i64, recorded: &Recorded, notice: Option<&Notice>) {
    let transition = &recorded.transition;
    let word = |value: Option<Value>| value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    commit.transitions.push(TransitionRow {
        monitor,
        group: transition.group.clone(),
        at_ms: transition.at_ms,
        kind: word(serde_json::to_value(transition.kind).ok()),
        body: serde_json::to_string(recorded).unwrap_or_default(),
    });
    if let Some(notice) = notice {
        commit.notices.push(NoticeRow {
            key: notice.key.clone(),
            monitor,
            group: transition.group.clone(),
            at_ms: transition.at_ms,
            body: serde_json::to_string(notice).unwrap_or_default(),
        });
    }
}
