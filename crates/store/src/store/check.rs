//! `oriel check`: verifies a data folder's catalog, files and log, and changes nothing.

use super::open::lock;
use crate::catalog::Catalog;
use crate::wal::scan::{Tail, scan};
use crate::wal::{recover, segment};
use crate::{Error, Result};
use std::collections::HashSet;
use std::path::Path;

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct CheckReport {
    pub files: usize,
    pub file_bytes: u64,
    pub samples: u64,
    pub log_segments: usize,
    /// Records of the log that files do not cover: the next start replays them.
    pub log_records: usize,
    /// The log ends in a commit that nobody was told of; the next start drops it.
    pub log_is_torn: bool,
    pub quarantined_records: usize,
    /// One line each: what, where, what to do. Empty when all is well.
    pub problems: Vec<String>,
}

/// Looks at `data`, which no process may have open.
pub async fn check(data: &Path) -> Result<CheckReport> {
    let dir = data.join("store");
    if !dir.join("catalog.db").exists() {
        let what = "there is no catalog.db; name the data folder of a server".into();
        return Err(Error::Corrupt { path: dir.display().to_string(), what });
    }
    let _lock = lock(&dir).await?;
    let (contents, problems) = Catalog::inspect(&dir).await?;
    let mut report = CheckReport { problems, ..CheckReport::default() };
    let checked = tokio::task::spawn_blocking(move || {
        check_files(&dir.join("files"), &contents, &mut report)?;
        check_log(&dir.join("wal"), &contents, &mut report)?;
        let quarantine = std::fs::read_dir(super::quarantine::folder(&dir));
        report.quarantined_records = quarantine.map_or(0, Iterator::count);
        Ok(report)
    });
    checked.await.map_err(|e| super::closed(&format!("the check stopped: {e}")))?
}

fn check_files(dir: &Path, contents: &crate::catalog::Contents, report: &mut CheckReport) -> Result<()> {
    for meta in &contents.files {
        report.files += 1;
        report.file_bytes += meta.bytes;
        report.samples += if meta.content == crate::parts::Content::Series { 0 } else { meta.samples };
        if let Err(e) = crate::file::verify(dir, meta) {
            report.problems.push(format!("{e}; restore it from a backup"));
        }
    }
    let known: HashSet<&str> =
        contents.files.iter().chain(&contents.condemned).map(|meta| meta.id.as_str()).collect();
    let entries = std::fs::read_dir(dir).map_err(|e| segment::error(dir, e))?;
    for name in entries.flatten().map(|e| e.file_name()) {
        let id = name.to_str().and_then(|n| n.split('.').next()).unwrap_or_default();
        if !known.contains(id) {
            tracing::info!("{} is in no commit; the next start removes it", dir.join(&name).display());
        }
    }
    Ok(())
}

fn check_log(dir: &Path, contents: &crate::catalog::Contents, report: &mut CheckReport) -> Result<()> {
    for (id, path) in segment::list(dir)? {
        report.log_segments += 1;
        let bytes = recover::read(&path)?;
        match scan(&path, id, &bytes) {
            Ok(found) => {
                let is_unsealed = |frame: &&crate::wal::frame::Frame<'_>| {
                    frame.header.dataset.is_some_and(|d| frame.header.lsn > contents.marks[d as usize].lsn)
                };
                report.log_records += found.frames.iter().filter(is_unsealed).count();
                report.log_is_torn |= found.tail == Tail::Torn;
            }
            Err(e) => report.problems.push(e.to_string()),
        }
    }
    Ok(())
}
