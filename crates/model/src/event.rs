//! Events and service checks, the first wide rows.

use crate::{OrgId, TimeMs};

/// Datadog's event priorities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    #[default]
    Normal,
    Low,
}

/// Datadog's alert types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertType {
    #[default]
    Info,
    Warning,
    Error,
    Success,
}

impl Priority {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Normal, Self::Low].into_iter().find(|p| p.as_str().eq_ignore_ascii_case(text))
    }
}

impl AlertType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Success => "success",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error, Self::Success]
            .into_iter()
            .find(|a| a.as_str().eq_ignore_ascii_case(text))
    }
}

/// Something that happened at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// Ours, made when the event is accepted; positive, fits a JSON integer (below 2^53).
    pub id: u64,
    pub time_ms: TimeMs,
    pub title: String,
    pub text: String,
    pub host: String,
    pub source: String,
    pub aggregation_key: String,
    pub priority: Priority,
    pub alert_type: AlertType,
    pub tags: Vec<String>,
}

/// A service check's status, numbered as clients number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum CheckStatus {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

impl CheckStatus {
    pub fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Ok),
            1 => Some(Self::Warning),
            2 => Some(Self::Critical),
            3 => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// The state of something that is checked, at a moment.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ServiceCheck {
    pub time_ms: TimeMs,
    pub check: String,
    pub host: String,
    pub status: CheckStatus,
    pub message: String,
    pub tags: Vec<String>,
}

/// Wide rows of one org: what `append` takes for the dataset `events`.
#[derive(Clone, Debug)]
pub struct EventBatch {
    pub org: OrgId,
    pub events: Vec<Event>,
    pub checks: Vec<ServiceCheck>,
}
