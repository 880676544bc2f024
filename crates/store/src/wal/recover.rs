//! Start-up of the log: gives every durable record that files do not cover, in the order of their LSNs, and leaves behind a
//! log that ends cleanly.
//!
//! Whole commits only: a torn one was never answered. The tail is cut and ended durably before another segment is opened, so
//! that a second crash finds the same records (STORE 20). Blank segments are taken up again, which lets a store start on a full
//! disk.

use super::Start;
use super::frame::{Frame, Header};
use super::rounds::Kept;
use super::scan::{Scan, Tail, scan};
use super::segment;
use crate::parts::{Dataset, Generation, Lsn};
use crate::{Error, Result};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What the catalog knows of a dataset's sealed records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) lsn: Lsn,
    pub(crate) generation: Generation,
}

/// What was written to a segment's file: everything up to the last of its data. What is preallocated behind that reads as
/// zeros and is left out, so that a start does not read 16 MiB of nothing.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let read = || -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let mut bytes = vec![0; data_end(&file)?];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    };
    read().map_err(|e| segment::error(path, e))
}

/// The end of the last run of data; the length of the file where the file system can't tell.
fn data_end(file: &File) -> io::Result<usize> {
    let len = file.metadata()?.len();
    let seek = |from: u64, whence: libc::c_int| -> io::Result<u64> {
        let from = libc::off_t::try_from(from).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))?;
        // SAFETY: the descriptor is open for the whole call; no memory is handed over.
        let at = unsafe { libc::lseek(file.as_raw_fd(), from, whence) };
        u64::try_from(at).map_err(|_| io::Error::last_os_error())
    };
    let mut end = 0;
    while end < len {
        match seek(end, libc::SEEK_DATA) {
            Ok(data) => end = seek(data, libc::SEEK_HOLE)?,
            Err(e) if e.raw_os_error() == Some(libc::ENXIO) => break,
            Err(_) => end = len,
        }
    }
    Ok(usize::try_from(end).unwrap_or(usize::MAX))
}

struct Recovery {
    marks: [Mark; Dataset::COUNT],
    start: Start,
    /// The first segment without an end record; nothing may follow it.
    open: Option<PathBuf>,
    last_lsn: Lsn,
}

/// Reads the log in `dir`. `visit` gets each whole frame and whether files cover it already.
pub(crate) fn recover(
    dir: &Path,
    marks: [Mark; Dataset::COUNT],
    segment_bytes: usize,
    visit: &mut dyn FnMut(&Frame<'_>, bool) -> Result<()>,
) -> Result<Start> {
    let start = Start {
        dir: dir.to_owned(),
        next_lsn: marks.iter().map(|m| m.lsn).max().unwrap_or(0) + 1,
        next_commit: 1,
        next_segment: 1,
        generations: marks.map(|m| m.generation + 1),
        marks: marks.map(|m| m.lsn),
        kept: Vec::new(),
        empty: Vec::new(),
        segment_bytes,
    };
    let mut recovery = Recovery { marks, start, open: None, last_lsn: 0 };
    for (id, path) in segment::list(dir)? {
        recovery.segment(id, path, visit)?;
    }
    super::disk::sync_dir(dir).map_err(|e| segment::error(dir, e))?;
    Ok(recovery.start)
}

impl Recovery {
    fn segment(
        &mut self,
        id: u64,
        path: PathBuf,
        visit: &mut dyn FnMut(&Frame<'_>, bool) -> Result<()>,
    ) -> Result<()> {
        let bytes = read(&path)?;
        let scan = scan(&path, id, &bytes)?;
        self.start.next_segment = id + 1;
        self.start.next_commit = self.start.next_commit.max(scan.last_commit + 1);
        if let (Some(open), false) = (&self.open, scan.frames.is_empty()) {
            let what =
                format!("it has no end record and {} follows it; restore it from a backup", path.display());
            return Err(Error::Corrupt { path: open.display().to_string(), what });
        }
        if scan.frames.is_empty() {
            return self.without_records(id, &path, &scan);
        }
        let max_lsn = self.replay(&path, &scan, visit)?;
        self.finish_segment(id, path, &scan, max_lsn)
    }

    /// Blank segments serve as spares; others without a whole commit go.
    fn without_records(&mut self, id: u64, path: &Path, scan: &Scan<'_>) -> Result<()> {
        if scan.tail != Tail::Ended {
            self.open.get_or_insert_with(|| path.to_owned());
        }
        let len = std::fs::metadata(path).map_err(|e| segment::error(path, e))?.len();
        let is_whole = len == self.start.segment_bytes as u64 && scan.has_header;
        if scan.is_blank() && is_whole {
            self.start.empty.push(id);
            return Ok(());
        }
        std::fs::remove_file(path).map_err(|e| segment::error(path, e))
    }

    fn replay(
        &mut self,
        path: &Path,
        scan: &Scan<'_>,
        visit: &mut dyn FnMut(&Frame<'_>, bool) -> Result<()>,
    ) -> Result<[Lsn; Dataset::COUNT]> {
        let mut max_lsn = [0; Dataset::COUNT];
        for frame in &scan.frames {
            let header = &frame.header;
            let Some(dataset) = header.dataset else { continue };
            if header.lsn < self.last_lsn {
                let what = format!("LSN {} follows {}; restore it from a backup", header.lsn, self.last_lsn);
                return Err(Error::Corrupt { path: path.display().to_string(), what });
            }
            self.last_lsn = header.lsn;
            let n = dataset as usize;
            max_lsn[n] = header.lsn;
            visit(frame, header.lsn <= self.marks[n].lsn)?;
        }
        self.start.next_lsn = self.start.next_lsn.max(self.last_lsn + 1);
        Ok(max_lsn)
    }

    /// Ends an open segment, and keeps or drops it.
    fn finish_segment(
        &mut self,
        id: u64,
        path: PathBuf,
        scan: &Scan<'_>,
        max_lsn: [Lsn; Dataset::COUNT],
    ) -> Result<()> {
        if scan.tail != Tail::Ended {
            let end = Header::end(self.last_lsn, scan.last_commit);
            segment::cut_and_end(&path, id, scan.end_at, &end)?;
            self.open = Some(path.clone());
        }
        let is_covered = Dataset::ALL.iter().all(|d| max_lsn[*d as usize] <= self.marks[*d as usize].lsn);
        if is_covered {
            return std::fs::remove_file(&path).map_err(|e| segment::error(&path, e));
        }
        self.start.kept.push(Kept { id, path, bytes: scan.end_at as u64, max_lsn });
        Ok(())
    }
}
