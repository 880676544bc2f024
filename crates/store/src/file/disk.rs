//! Bytes on the local disk: a writer that ends durable, and the reading of ranges.
//!
//! Invariants: a file that was not finished leaves nothing behind; after `finish` file and folder are fsynced, and length
//! and CRC32C of every byte are known (STORE 24).

use crate::parts::FileMeta;
use crate::{Error, Result};
use bytes::Bytes;
use oriel_model::{Clock, SystemClock};
use parking_lot::Mutex;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Dirty pages are pushed out this often, so that the WAL's fsync is not held up behind them (STORE 24).
const SYNC_EVERY_BYTES: u64 = 16 << 20;

/// Bytes that one step of a check reads.
const VERIFY_STEP_BYTES: usize = 1 << 20;

/// A fresh file id: milliseconds, then a number of this process, then chance; sorts by time of making.
pub(crate) fn new_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let turn = NEXT.fetch_add(1, Ordering::Relaxed) & 0xffff;
    format!("{:012x}{turn:04x}{:08x}", SystemClock.now_ms(), rand::random::<u32>())
}

/// When a file was made, as its id says; `None` for an id that is not ours.
pub(crate) fn made_ms(id: &str) -> Option<i64> {
    i64::from_str_radix(id.get(..12)?, 16).ok()
}

pub(crate) fn path_of(dir: &Path, meta: &FileMeta) -> PathBuf {
    dir.join(meta.file_name())
}

/// Unlinks a file that the catalog has let go of; one that is gone already is fine.
pub(crate) fn remove(dir: &Path, meta: &FileMeta) {
    let path = path_of(dir, meta);
    if let Err(e) = std::fs::remove_file(&path)
        && e.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), error = %e, "a dropped file could not be unlinked; it is garbage");
    }
}

/// An I/O error with its path; no room is told apart, since callers can wait for it (STORE 23).
pub(crate) fn io_error(path: &Path, source: io::Error) -> Error {
    let path = path.display().to_string();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::NoSpace { path },
        _ => Error::Io { path, source },
    }
}

/// What the catalog keeps to tell rot from truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) bytes: u64,
    pub(crate) crc32c: u32,
}

/// Writes one new file. Dropped unfinished, it unlinks what it wrote.
pub(crate) struct LocalWriter {
    path: PathBuf,
    file: Option<File>,
    sealed: Sealed,
    synced: u64,
    /// parquet turns errors of `write` into text; the cause is kept here.
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl LocalWriter {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let file =
            OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| io_error(path, e))?;
        Ok(Self {
            path: path.to_path_buf(),
            file: Some(file),
            sealed: Sealed { bytes: 0, crc32c: 0 },
            synced: 0,
            failed: Arc::default(),
        })
    }

    /// Where the cause of a failed write is left.
    pub(crate) fn failure(&self) -> Arc<Mutex<Option<io::Error>>> {
        Arc::clone(&self.failed)
    }

    /// Makes file and folder durable.
    pub(crate) fn finish(mut self) -> Result<Sealed> {
        let Some(file) = self.file.take() else { return Err(Error::Closed("file written twice".into())) };
        let synced = file.sync_all().and_then(|()| match self.path.parent() {
            Some(dir) => File::open(dir)?.sync_all(),
            None => Ok(()),
        });
        synced.map_err(|e| {
            let _ = std::fs::remove_file(&self.path);
            io_error(&self.path, e)
        })?;
        Ok(self.sealed)
    }

    fn put(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(file) = self.file.as_mut() else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let n = file.write(buf)?;
        self.sealed.crc32c = crc32c::crc32c_append(self.sealed.crc32c, &buf[..n]);
        self.sealed.bytes += n as u64;
        if self.sealed.bytes - self.synced >= SYNC_EVERY_BYTES {
            file.sync_data()?;
            self.synced = self.sealed.bytes;
        }
        Ok(n)
    }
}

impl Write for LocalWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.put(buf).map_err(|e| {
            let kind = e.kind();
            *self.failed.lock() = Some(e);
            kind.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LocalWriter {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Ranges of an open file, as parquet wants them.
pub(crate) struct LocalReader {
    file: File,
    len: u64,
}

impl LocalReader {
    /// Opens a file and checks its length against the catalog's.
    pub(crate) fn open(path: &Path, bytes: u64) -> Result<Self> {
        let file = File::open(path).map_err(|e| io_error(path, e))?;
        let len = file.metadata().map_err(|e| io_error(path, e))?.len();
        if len != bytes {
            return Err(Error::Corrupt {
                path: path.display().to_string(),
                what: format!("{len} bytes long where the catalog has {bytes}"),
            });
        }
        Ok(Self { file, len })
    }

    pub(crate) fn read(&self, start: u64, len: usize) -> io::Result<Bytes> {
        if start.checked_add(len as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut buf = vec![0; len];
        self.file.read_exact_at(&mut buf, start)?;
        Ok(buf.into())
    }
}

impl Length for LocalReader {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for LocalReader {
    type T = io::Cursor<Bytes>;

    /// Page headers are read this way; they are far under 4 KiB.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let len = self.len.saturating_sub(start).min(4096) as usize;
        Ok(io::Cursor::new(self.get_bytes(start, len)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.read(start, length).map_err(|e| ParquetError::External(Box::new(e)))
    }
}

/// Compares a file's length and checksum with the catalog's.
pub(crate) fn verify(dir: &Path, meta: &FileMeta) -> Result<()> {
    let path = path_of(dir, meta);
    let mut file = File::open(&path).map_err(|e| io_error(&path, e))?;
    let mut found = Sealed { bytes: 0, crc32c: 0 };
    let mut buf = vec![0; VERIFY_STEP_BYTES];
    loop {
        let n = file.read(&mut buf).map_err(|e| io_error(&path, e))?;
        if n == 0 {
            break;
        }
        found.bytes += n as u64;
        found.crc32c = crc32c::crc32c_append(found.crc32c, &buf[..n]);
    }
    if found != (Sealed { bytes: meta.bytes, crc32c: meta.crc32c }) {
        return Err(Error::Corrupt {
            path: path.display().to_string(),
            what: format!("{} bytes with checksum {:08x}, not what was written", found.bytes, found.crc32c),
        });
    }
    Ok(())
}
