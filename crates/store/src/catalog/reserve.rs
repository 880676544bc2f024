//! Room that is held for the catalog and for retention (STORE 23): given up when a commit meets a full disk, so that old files
//! can still be let go of, and taken again when there is room.

use crate::wal::disk::{self, Faults};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A catalog commit writes a few pages of 4 KiB to SQLite's log and again to its file; 4 MiB are a thousand of them.
const RESERVE_BYTES: u64 = 4 << 20;

pub(super) struct Reserve {
    path: PathBuf,
    is_held: AtomicBool,
}

impl Reserve {
    pub(super) fn hold(store: &Path) -> Self {
        let reserve = Self { path: store.join("reserve"), is_held: AtomicBool::new(false) };
        reserve.hold_again();
        reserve
    }

    /// Takes the room if it is not held; without room it stays as it is.
    pub(super) fn hold_again(&self) {
        if self.is_held.load(Ordering::Relaxed) {
            return;
        }
        match self.take() {
            Ok(()) => self.is_held.store(true, Ordering::Relaxed),
            Err(e) => {
                tracing::warn!("no room for the reserve {}: {e}", self.path.display());
                let _ = std::fs::remove_file(&self.path);
            }
        }
    }

    fn take(&self) -> std::io::Result<()> {
        if std::fs::metadata(&self.path).is_ok_and(|m| m.len() == RESERVE_BYTES) {
            return Ok(());
        }
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&self.path);
        let mut file: File = open?;
        disk::preallocate(&mut file, RESERVE_BYTES, &Faults::default())
    }

    /// Gives the room up; false when it was not held.
    pub(super) fn let_go(&self) -> bool {
        let was_held = self.is_held.swap(false, Ordering::Relaxed);
        was_held && std::fs::remove_file(&self.path).is_ok()
    }

    pub(super) fn bytes(&self) -> u64 {
        if self.is_held.load(Ordering::Relaxed) { RESERVE_BYTES } else { 0 }
    }
}
