//! Stands in for files of series, sketches and events until their writers are there: nothing is sealed.

use crate::parts::{FileMeta, SeriesRow, SketchChunk};
use crate::{Error, Result};
use oriel_model::{Event, OrgId, ServiceCheck, TimeRange};
use std::path::Path;

pub(crate) struct SketchFile;

impl SketchFile {
    pub(crate) fn open(_: &Path, _: &FileMeta) -> Result<Self> {
        Ok(Self)
    }
}

pub(crate) struct EventRows {
    pub(crate) events: Vec<Event>,
    pub(crate) checks: Vec<ServiceCheck>,
}

pub(crate) fn write_sketches(
    _: &Path,
    _: u8,
    _: &mut dyn Iterator<Item = SketchChunk>,
) -> Result<Option<FileMeta>> {
    Ok(None)
}

pub(crate) fn write_series(_: &Path, _: u8, _: &[SeriesRow]) -> Result<Option<FileMeta>> {
    Err(Error::Closed("series files are not there yet".into()))
}

pub(crate) fn read_series(_: &Path, _: &FileMeta) -> Result<Vec<SeriesRow>> {
    Ok(Vec::new())
}

pub(crate) fn write_events(
    _: &Path,
    _: u8,
    _: OrgId,
    _: &[Event],
    _: &[ServiceCheck],
) -> Result<Option<FileMeta>> {
    Err(Error::Closed("event files are not there yet".into()))
}

pub(crate) fn read_events(_: &Path, _: &FileMeta, _: OrgId, _: TimeRange) -> Result<EventRows> {
    Ok(EventRows { events: Vec::new(), checks: Vec::new() })
}

pub(crate) mod compact {
    use super::{FileMeta, Path, Result};

    pub(crate) struct Job {
        pub(crate) inputs: Vec<FileMeta>,
    }

    pub(crate) fn plan(_: &[FileMeta], _: i64) -> Option<Job> {
        None
    }

    pub(crate) fn plan_all(_: &[FileMeta], _: i64) -> Option<Job> {
        None
    }

    pub(crate) fn run(_: &Path, _: &Job) -> Result<Vec<FileMeta>> {
        Ok(Vec::new())
    }
}

pub(crate) mod retain {
    use super::FileMeta;

    pub(crate) fn expired(_: &[FileMeta], _: i64, _: i64) -> Vec<FileMeta> {
        Vec::new()
    }
}
