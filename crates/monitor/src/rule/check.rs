//! Service checks: `"check".over("tag").exclude("tag").by("host").last(4).count_by_status()`.

use super::read::Reader;
use super::{Found, Kind};

/// Which runs of a check are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRule {
    pub check: String,
    /// Tags (or `host:x`) that a run has all of.
    pub over: Vec<String>,
    /// Tags that it has none of.
    pub exclude: Vec<String>,
    pub by: Vec<String>,
    /// How many of a group's newest runs are looked at.
    pub last: usize,
    /// How far back they may lie.
    pub look_back_ms: i64,
}

pub(super) fn parse(kind: Kind, _query: &str, _reader: &mut Reader<'_>) -> Result<Found, String> {
    Err(format!("{} can't be read", kind.as_str()))
}
