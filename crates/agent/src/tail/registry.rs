//! How far each file and journal was read, kept across restarts in one small file.
//!
//! A position is written only after what lies before it was taken by the sink, so a crash means lines twice, never lines lost. A
//! file is known by its inode and by a hash of its first bytes: an inode that the system gave to another file is told.

use crate::Error;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// First bytes that tell one file from another.
const FINGERPRINT_BYTES: usize = 256;
/// Positions kept; those not seen for longest go first.
const ENTRIES_MAX: usize = 20_000;

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct FileId {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl FileId {
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// The first bytes of a file, hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    len: usize,
    hash: u64,
}

impl Fingerprint {
    /// Of the first bytes that are there.
    pub(crate) fn of(file: &File) -> Self {
        Self::of_first(file, FINGERPRINT_BYTES)
    }

    /// Whether the file still begins as it did.
    pub(crate) fn is_of(self, file: &File) -> bool {
        Self::of_first(file, self.len) == self
    }

    pub(crate) fn is_full(self) -> bool {
        self.len == FINGERPRINT_BYTES
    }

    fn of_first(file: &File, len: usize) -> Self {
        let mut bytes = [0; FINGERPRINT_BYTES];
        let mut have = 0;
        while have < len.min(FINGERPRINT_BYTES) {
            match file.read_at(&mut bytes[have..len], have as u64) {
                Ok(n) if n > 0 => have += n,
                _ => break,
            }
        }
        Self { len: have, hash: xxh3_64(&bytes[..have]) }
    }
}

/// One position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// The source's name.
    pub(crate) source: String,
    /// The path it was last seen under; empty for journals.
    pub(crate) path: String,
    pub(crate) id: FileId,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) offset: u64,
    /// A journal's own word for a place.
    pub(crate) cursor: String,
    pub(crate) seen_ms: i64,
}

/// All positions. Locks are held for a map look-up, never across an await or a write.
pub(crate) struct Registry {
    path: PathBuf,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: BTreeMap<(String, FileId), Position>,
    is_dirty: bool,
}

impl Registry {
    /// Reads the file; one that is damaged or missing means that nothing is known.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join("tails.json");
        let read = std::fs::read(&path).ok();
        let list: Vec<Position> = match read.as_deref().map(serde_json::from_slice) {
            None => Vec::new(),
            Some(Ok(list)) => list,
            Some(Err(e)) => {
                tracing::warn!(path = %path.display(), error = %e, "the positions of tailed files can't be read; files begin anew");
                Vec::new()
            }
        };
        let by_key = list.into_iter().map(|p| ((p.source.clone(), p.id), p)).collect();
        Self { path, entries: Mutex::new(Entries { by_key, is_dirty: false }) }
    }

    pub(crate) fn get(&self, source: &str, id: FileId) -> Option<Position> {
        self.entries.lock().by_key.get(&(source.to_owned(), id)).cloned()
    }

    /// All positions of a source.
    pub(crate) fn of_source(&self, source: &str) -> Vec<Position> {
        self.entries.lock().by_key.values().filter(|p| p.source == source).cloned().collect()
    }

    pub(crate) fn set(&self, position: Position) {
        let mut entries = self.entries.lock();
        entries.is_dirty = true;
        entries.by_key.insert((position.source.clone(), position.id), position);
        while entries.by_key.len() > ENTRIES_MAX {
            let oldest = entries.by_key.iter().min_by_key(|(_, p)| p.seen_ms).map(|(k, _)| k.clone());
            if let Some(key) = oldest {
                entries.by_key.remove(&key);
            }
        }
    }

    pub(crate) fn remove(&self, source: &str, id: FileId) {
        let mut entries = self.entries.lock();
        entries.is_dirty |= entries.by_key.remove(&(source.to_owned(), id)).is_some();
    }

    /// Writes the file when something has changed: beside it first, then in its place.
    pub(crate) fn save(&self) -> Result<(), Error> {
        let list: Vec<Position> = {
            let mut entries = self.entries.lock();
            if !std::mem::take(&mut entries.is_dirty) {
                return Ok(());
            }
            entries.by_key.values().cloned().collect()
        };
        let beside = self.path.with_extension("json.new");
        let text = serde_json::to_vec(&list).unwrap_or_default();
        let written = File::create(&beside).and_then(|mut file| {
            std::io::Write::write_all(&mut file, &text)?;
            file.sync_data()
        });
        let done = written.and_then(|()| std::fs::rename(&beside, &self.path));
        if done.is_err() {
            self.entries.lock().is_dirty = true;
        }
        done.map_err(|e| Error::io(&self.path, e))
    }
}
