//! What a group is, what became of it, and the words by which messages and APIs call that.

use oriel_model::TimeMs;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A group's status, in Datadog's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    #[default]
    #[serde(rename = "OK")]
    Ok,
    Warn,
    Alert,
    #[serde(rename = "No Data")]
    NoData,
    /// Of service checks.
    Unknown,
    Ignored,
    Skipped,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warn => "Warn",
            Self::Alert => "Alert",
            Self::NoData => "No Data",
            Self::Unknown => "Unknown",
            Self::Ignored => "Ignored",
            Self::Skipped => "Skipped",
        }
    }

    /// In any letters, with or without the blank.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        Some(match plain.as_str() {
            "ok" => Self::Ok,
            "warn" | "warning" => Self::Warn,
            "alert" => Self::Alert,
            "nodata" => Self::NoData,
            "unknown" => Self::Unknown,
            "ignored" => Self::Ignored,
            "skipped" => Self::Skipped,
            _ => return None,
        })
    }

    /// The worst of a monitor's groups is what the monitor is.
    pub fn severity(self) -> u8 {
        match self {
            Self::Alert => 5,
            Self::Warn => 4,
            Self::NoData => 3,
            Self::Unknown => 2,
            Self::Ok => 1,
            Self::Ignored | Self::Skipped => 0,
        }
    }

    /// Alert, Warn, No Data and Unknown want somebody to look.
    pub fn is_triggered(self) -> bool {
        matches!(self, Self::Alert | Self::Warn | Self::NoData | Self::Unknown)
    }
}

/// A group between two evaluations. A group that was seen, is OK and never was anything else has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupState {
    pub status: Status,
    /// Since when.
    pub since_ms: TimeMs,
    /// When this episode began: the first change away from OK. `first_triggered_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggered_ms: Option<TimeMs>,
    /// The newest change to a triggered status. `last_triggered_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_triggered_ms: Option<TimeMs>,
    /// The newest notice of this episode, renotices included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_ms: Option<TimeMs>,
    /// Renotices of the present status.
    #[serde(default)]
    pub renotified: u32,
    /// What was measured at the newest evaluation that had data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// Why a notice is owed (`docs/semantics.md`, Monitors: transitions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    Alert,
    Warning,
    WarningToAlert,
    AlertToWarning,
    AlertRecovery,
    WarningRecovery,
    NoData,
    NoDataRecovery,
    Unknown,
    UnknownRecovery,
    /// The status stays, and the time to tell again has come.
    Renotify,
}

/// A change of a group, or a renotice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    pub at_ms: TimeMs,
    /// `host:web-1,env:prod`; `*` for a monitor without groups; of `notify_by`, the group that is told.
    pub group: Arc<str>,
    pub from: Status,
    pub to: Status,
    pub kind: TransitionKind,
    pub value: Option<f64>,
    /// Whether a notice is owed, unless something mutes it. A change that is only shown (`show_no_data`, a member of a
    /// `notify_by`, a group that is forgotten) owes none.
    #[serde(default = "owed")]
    pub tells: bool,
}

/// Of transitions that say nothing else.
fn owed() -> bool {
    true
}

impl Transition {
    /// Which of the message's conditions (`is_alert`, `is_recovery` …) hold.
    pub fn conditions(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        match self.to {
            Status::Alert => all.push("is_alert"),
            Status::Warn => all.push("is_warning"),
            Status::NoData => all.push("is_no_data"),
            Status::Unknown => all.push("is_unknown"),
            Status::Ok => all.push("is_recovery"),
            Status::Ignored | Status::Skipped => {}
        }
        match self.kind {
            TransitionKind::WarningToAlert => all.push("is_warning_to_alert"),
            TransitionKind::AlertToWarning => all.push("is_alert_to_warning"),
            TransitionKind::AlertRecovery => all.push("is_alert_recovery"),
            TransitionKind::WarningRecovery => all.push("is_warning_recovery"),
            TransitionKind::NoDataRecovery => all.push("is_no_data_recovery"),
            TransitionKind::UnknownRecovery => all.push("is_unknown_recovery"),
            TransitionKind::Renotify => all.push("is_renotify"),
            _ => {}
        }
        // From No Data the group may go to Warn or Alert too, and is then back.
        if self.from == Status::NoData
            && self.kind != TransitionKind::NoDataRecovery
            && self.to != Status::NoData
        {
            all.push("is_no_data_recovery");
        }
        all
    }
}
