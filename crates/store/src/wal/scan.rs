//! Reads one segment: its whole commits, and what stands behind them.
//!
//! The rule (STORE 20): the next commit is written only after the last one's sync, so damage in the commit that was being
//! written is a *tear*, nobody was told that it is stored, and the whole commit is dropped; a valid frame of a later commit
//! beyond a bad frame shows that the bad one had been synced: that is *rot*, and an error.

use crate::wal::frame::{self, Frame, Header};
use crate::wal::segment::{self, SEGMENT_HEADER_BYTES};
use crate::{Error, Result};
use std::path::Path;

/// Compared a piece at a time, which is many bytes an instruction.
const ZEROS: [u8; 4096] = [0; 4096];

/// How a segment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// With an end record.
    Ended,
    /// Nothing was written behind the last whole commit.
    Blank,
    /// A commit was being written when the process or the machine stopped.
    Torn,
}

/// One segment in memory.
pub(crate) struct Scan<'a> {
    /// Frames of whole commits, without the end record.
    pub(crate) frames: Vec<Frame<'a>>,
    pub(crate) tail: Tail,
    /// Without one the file was being made.
    pub(crate) has_header: bool,
    /// Where an end record belongs when the tail has none.
    pub(crate) end_at: usize,
    /// Highest commit number that was used, if any.
    pub(crate) last_commit: u64,
}

impl Scan<'_> {
    /// Never written, so that it can serve as a spare.
    pub(crate) fn is_blank(&self) -> bool {
        self.frames.is_empty() && self.tail == Tail::Blank
    }
}

/// Scans the bytes of segment `id`. A file without a good header has no frames: it was being made.
pub(crate) fn scan<'a>(path: &Path, id: u64, bytes: &'a [u8]) -> Result<Scan<'a>> {
    let mut frames: Vec<Frame<'a>> = Vec::new();
    let mut at = SEGMENT_HEADER_BYTES;
    let has_header = segment::header_is_good(id, bytes);
    if has_header {
        while let Some(found) = frame::read(id, bytes, at) {
            if found.header.is_end() {
                return Ok(ended(frames, &found));
            }
            at += frame::HEADER_BYTES + found.payload.len();
            frames.push(found);
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let is_zero = rest.chunks(ZEROS.len()).all(|chunk| chunk == &ZEROS[..chunk.len()]);
    if !is_zero {
        refuse_rot(path, id, bytes, (at, frames.last().map(|f| f.header)))?;
    }
    let whole = frames.iter().rposition(|f| f.header.last_of_commit).map_or(0, |i| i + 1);
    let end_at = frames.get(whole).map_or(at, |f| f.at);
    let tail = if is_zero && whole == frames.len() { Tail::Blank } else { Tail::Torn };
    let last_commit = frames.last().map_or(0, |f| f.header.commit);
    frames.truncate(whole);
    Ok(Scan { frames, tail, has_header, end_at, last_commit })
}

fn ended<'a>(frames: Vec<Frame<'a>>, end: &Frame<'a>) -> Scan<'a> {
    Scan { frames, tail: Tail::Ended, has_header: true, end_at: end.at, last_commit: end.header.commit }
}

/// An error when a header of a later commit than the bad frame's stands beyond it.
fn refuse_rot(
    path: &Path,
    id: u64,
    bytes: &[u8],
    (bad_at, last_good): (usize, Option<Header>),
) -> Result<()> {
    let bad_commit = last_good.map(|h| if h.last_of_commit { h.commit + 1 } else { h.commit });
    let mut lowest = bad_commit;
    // Nothing can begin behind the last byte that is not zero: a header's checksum is not zero but once in four billion.
    let end = bytes.iter().rposition(|b| *b != 0).unwrap_or(0);
    for at in bad_at + 1..end {
        let Some(header) = Header::decode(id, &bytes[at..]) else { continue };
        let lowest = lowest.get_or_insert(header.commit);
        if header.commit > *lowest {
            let what = format!(
                "the frame at byte {bad_at} is bad and a later commit follows at byte {at}; restore the file from a backup, or \
                 move it away to go on without its records"
            );
            return Err(Error::Corrupt { path: path.display().to_string(), what });
        }
        *lowest = (*lowest).min(header.commit);
    }
    Ok(())
}
