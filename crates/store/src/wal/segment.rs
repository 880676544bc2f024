//! A segment of the log: a preallocated file that is written once from front to back and then dropped as a whole.
//!
//! `wal/<id, 16 hex digits>.wal`: a header of 32 bytes (magic, version, checksum, id), then frames. Room for an end record is
//! kept at the end of each.

use crate::wal::disk::{self, Faults};
use crate::wal::frame::{HEADER_BYTES, Header};
use crate::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Length of a segment's own header.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 32;
const MAGIC: [u8; 8] = *b"ORIELWAL";
const VERSION: u32 = 1;
const ENDING: &str = "wal";

/// A segment that is or will be written.
pub(crate) struct Segment {
    pub(crate) id: u64,
    pub(crate) path: PathBuf,
    file: File,
    /// Where the next frame goes.
    pub(crate) at: usize,
    bytes: usize,
}

impl Segment {
    /// Makes an empty segment, durable with all its room.
    pub(crate) fn create(dir: &Path, id: u64, bytes: usize, faults: &Faults) -> Result<Self> {
        let path = path_of(dir, id);
        let made = Self::create_file(&path, id, bytes, faults).and_then(|file| {
            disk::sync_dir(dir)?;
            Ok(file)
        });
        match made {
            Ok(file) => Ok(Self { id, path, file, at: SEGMENT_HEADER_BYTES, bytes }),
            Err(source) => {
                // What is half there only takes room; recovery would drop it too.
                let _ = std::fs::remove_file(&path);
                Err(error(&path, source))
            }
        }
    }

    fn create_file(path: &Path, id: u64, bytes: usize, faults: &Faults) -> io::Result<File> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
        disk::preallocate(&mut file, bytes as u64, faults)?;
        file.rewind()?;
        file.write_all(&encode_header(id))?;
        file.sync_all()?;
        Ok(file)
    }

    /// Takes up a segment that recovery found empty.
    pub(crate) fn reopen(dir: &Path, id: u64, bytes: usize) -> Result<Self> {
        let path = path_of(dir, id);
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.seek(SeekFrom::Start(SEGMENT_HEADER_BYTES as u64))?;
            Ok(file)
        };
        let file = open().map_err(|e| error(&path, e))?;
        Ok(Self { id, path, file, at: SEGMENT_HEADER_BYTES, bytes })
    }

    /// Whether a round of this size fits before the end record.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.at + bytes + HEADER_BYTES <= self.bytes
    }

    /// Writes slices and makes them durable.
    pub(crate) fn commit(&mut self, slices: &mut [IoSlice<'_>], faults: &Faults) -> io::Result<()> {
        let bytes: usize = slices.iter().map(|s| s.len()).sum();
        disk::write_all(&mut self.file, slices, faults)?;
        disk::sync_data(&self.file, faults)?;
        self.at += bytes;
        Ok(())
    }

    /// Says durably that nothing follows in this segment.
    pub(crate) fn end(&mut self, header: &Header, faults: &Faults) -> io::Result<()> {
        let bytes = header.encode(self.id);
        self.commit(&mut [IoSlice::new(&bytes)], faults)
    }
}

/// Puts an end record where a torn tail begins and cuts the tail off, durably (STORE 20). The record goes into room that is
/// there already, so that this works on a full disk too.
pub(crate) fn cut_and_end(path: &Path, id: u64, at: usize, end: &Header) -> Result<()> {
    let cut = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.seek(SeekFrom::Start(at as u64))?;
        file.write_all(&end.encode(id))?;
        file.sync_all()?;
        file.set_len((at + HEADER_BYTES) as u64)?;
        file.sync_all()
    };
    cut().map_err(|e| error(path, e))
}

/// Ids and paths of the segments in a folder, in order.
pub(crate) fn list(dir: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|e| error(dir, e))? {
        let path = entry.map_err(|e| error(dir, e))?.path();
        let is_segment = path.extension().is_some_and(|e| e == ENDING);
        let id = path.file_stem().and_then(|s| s.to_str()).and_then(|s| u64::from_str_radix(s, 16).ok());
        if let (true, Some(id)) = (is_segment, id) {
            found.push((id, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Whether these are the first bytes of segment `id`.
pub(crate) fn header_is_good(id: u64, bytes: &[u8]) -> bool {
    bytes.get(..SEGMENT_HEADER_BYTES).is_some_and(|h| h == encode_header(id))
}

fn encode_header(id: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut out = [0; SEGMENT_HEADER_BYTES];
    out[0..8].copy_from_slice(&MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[16..24].copy_from_slice(&id.to_le_bytes());
    let crc = crc32c::crc32c(&out);
    out[12..16].copy_from_slice(&crc.to_le_bytes());
    out
}

fn path_of(dir: &Path, id: u64) -> PathBuf {
    dir.join(format!("{id:016x}.{ENDING}"))
}

/// No room is a state that passes; everything else is an error of this path.
pub(crate) fn error(path: &Path, source: io::Error) -> Error {
    let path = path.display().to_string();
    match source.raw_os_error() {
        Some(libc::ENOSPC | libc::EDQUOT) => Error::NoSpace { path },
        _ => Error::Io { path, source },
    }
}
