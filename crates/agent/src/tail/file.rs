//! One open file: what was added to it, as logs.
//!
//! The file is held open and read to its end whatever becomes of its name, so a rename loses nothing. A file that is shorter than
//! what was read, or begins otherwise than it did, was truncated or written anew and is read from its start.

use super::config::{Encoding, LogSource};
use super::envelope::Envelope;
use super::gather::{Gather, Piece};
use super::lines::{Line, LineSplitter};
use super::registry::{FileId, Fingerprint, Position};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes of one file that are read before others have their turn; also bounds what is in flight.
const READ_BYTES: usize = 1 << 20;
/// After a rename its writer may go on with the old file for a while: until it has been quiet this long.
const OLD_NAME_MAX: Duration = Duration::from_secs(5);

pub(crate) struct FileTail {
    pub(crate) path: PathBuf,
    pub(crate) id: FileId,
    file: File,
    fingerprint: Fingerprint,
    splitter: LineSplitter,
    gather: Gather,
    envelope: Envelope,
    encoding: Encoding,
    /// A new file has its name, or none has.
    is_renamed: bool,
    quiet_since: Instant,
    /// Where what was taken by the sink ends.
    pub(crate) taken: u64,
    pub(crate) cut_lines: u64,
}

/// What one look at a file gave.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) pieces: Vec<Piece>,
    /// Nothing more will come of it.
    pub(crate) is_done: bool,
    /// There was more than one read takes.
    pub(crate) has_more: bool,
}

impl FileTail {
    pub(crate) fn open(
        path: &Path,
        source: &LogSource,
        (encoding, envelope): (Encoding, Envelope),
        offset: impl FnOnce(&File, FileId, u64) -> u64,
    ) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let id = FileId::of(&metadata);
        let offset = offset(&file, id, metadata.len());
        let now = Instant::now();
        Ok(Self {
            path: path.to_owned(),
            id,
            fingerprint: Fingerprint::of(&file),
            file,
            splitter: LineSplitter::new(encoding, offset),
            gather: Gather::new(source.rules.multi_line.clone(), source.auto_multi_line, now),
            envelope,
            encoding,
            is_renamed: false,
            quiet_since: now,
            taken: offset,
            cut_lines: 0,
        })
    }

    /// Reads what is new. An error means that the file can't be read any more.
    pub(crate) fn read(&mut self, now: Instant) -> std::io::Result<Found> {
        let mut found = Found::default();
        let len = self.file.metadata()?.len();
        let position = self.splitter.position();
        if len < position || (len > position && !self.fingerprint.is_of(&self.file)) {
            self.begin_anew(now, &mut found);
        }
        let mut buffer = vec![0; READ_BYTES];
        let read = self.file.read_at(&mut buffer, self.splitter.position())?;
        let mut lines: Vec<Line> = Vec::new();
        if read > 0 {
            self.quiet_since = now;
            self.splitter.feed(&buffer[..read], &mut lines);
            found.has_more = read == READ_BYTES;
            if !self.fingerprint.is_full() {
                self.fingerprint = Fingerprint::of(&self.file);
            }
        } else if self.is_renamed && now.duration_since(self.quiet_since) >= OLD_NAME_MAX {
            lines.extend(self.splitter.finish());
            found.is_done = true;
        }
        self.cut_lines += lines.iter().filter(|l| l.is_cut).count() as u64;
        for line in lines {
            self.gather.take(self.envelope.open(line), now, &mut found.pieces);
        }
        self.gather.flush(now, found.is_done, &mut found.pieces);
        Ok(found)
    }

    /// What was held back is given first: its line has no other end.
    fn begin_anew(&mut self, now: Instant, found: &mut Found) {
        if let Some(line) = self.splitter.finish() {
            self.gather.take(self.envelope.open(line), now, &mut found.pieces);
        }
        self.gather.flush(now, true, &mut found.pieces);
        // Those places are of the old content: nothing of the new one is taken yet.
        for piece in &mut found.pieces {
            piece.end = 0;
        }
        self.splitter = LineSplitter::new(self.encoding, 0);
        self.fingerprint = Fingerprint::of(&self.file);
        self.taken = 0;
    }

    /// Looks whether the name still means this file.
    pub(crate) fn note_name(&mut self) {
        let same = std::fs::metadata(&self.path).is_ok_and(|m| FileId::of(&m) == self.id);
        if !same && !self.is_renamed {
            (self.is_renamed, self.quiet_since) = (true, Instant::now());
        }
        self.is_renamed = !same;
    }

    /// For a file that was found under another name than the one it had.
    pub(crate) fn note_renamed(&mut self) {
        self.is_renamed = true;
    }

    pub(crate) fn is_renamed(&self) -> bool {
        self.is_renamed
    }

    pub(crate) fn size(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.len())
    }

    pub(crate) fn position(&self, source: &str, seen_ms: i64) -> Position {
        Position {
            source: source.to_owned(),
            path: self.path.display().to_string(),
            id: self.id,
            fingerprint: self.fingerprint,
            offset: self.taken,
            cursor: String::new(),
            seen_ms,
        }
    }
}
