//! Composites: `(12345 && 23456) || !34567`.

use super::Found;
use crate::status::Status;
use std::sync::Arc;

/// A formula over other monitors.
#[derive(Clone, Debug, PartialEq)]
pub struct CompositeRule {
    /// The monitors, each once, in the order of the text: `a`, `b` … of the message.
    pub monitors: Vec<i64>,
}

/// One of the monitors, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Of all its groups: the worst, where the others' groups are unlike.
    pub status: Status,
    /// Keys of the groups; empty for a monitor without.
    pub by: Vec<String>,
    /// Groups that are not OK, sorted by key.
    pub groups: Vec<(Arc<str>, Status)>,
    /// Every group's key, sorted.
    pub keys: Vec<Arc<str>>,
}

pub(super) fn parse(_query: &str) -> Result<Found, String> {
    Err("composites can't be read".to_owned())
}
