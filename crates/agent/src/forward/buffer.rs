//! Request bodies on disk, in order, bounded.
//!
//! Segments `NNNNNNNNNNNNNNNN.seg` hold records `length u32, crc32c u32, route u8, body` (little-endian; the checksum
//! covers route and body). Only the last segment grows; a start always begins a new one, so that a torn tail is simply
//! where a segment ends. `position` says what has been sent; it is not fsynced, because sending a body twice is harmless
//! (points bear their own times) and losing one is not.

use crate::Error;
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes before a record's body.
const HEAD: u64 = 9;
/// Longest body that is read back; what is longer is damage. Bodies of 5,000 series have under a megabyte.
const BODY_BYTES_MAX: u32 = 64 << 20;
/// A segment is full at this or at an eighth of the whole bound: what is dropped at once when the buffer overflows.
const SEGMENT_BYTES_MAX: u64 = 4 << 20;

/// Where a body goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Route {
    Series = 1,
    Sketches = 2,
    Checks = 3,
    Intake = 4,
    /// A whole request of a local sender, with its own path and headers; see `relay`.
    Raw = 5,
}

impl Route {
    fn from_u8(code: u8) -> Option<Self> {
        let all = [Self::Series, Self::Sketches, Self::Checks, Self::Intake, Self::Raw];
        all.into_iter().find(|r| *r as u8 == code)
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Series => "/api/v2/series",
            Self::Sketches => "/api/beta/sketches",
            Self::Checks => "/api/v1/check_run",
            Self::Intake => "/intake/",
            Self::Raw => "",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Series | Self::Sketches => "application/x-protobuf",
            Self::Checks | Self::Intake => "application/json",
            Self::Raw => "",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) route: Route,
    pub(super) body: Vec<u8>,
}

/// A record's place: what [`Buffer::sent`] takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    segment: u64,
    end: u64,
}

struct Segment {
    id: u64,
    bytes: u64,
    /// Records not sent yet.
    left: u64,
    /// Where the next record to send begins.
    next: u64,
}

pub(super) struct Buffer {
    dir: PathBuf,
    bytes_max: u64,
    segments: VecDeque<Segment>,
    writer: File,
    dropped_full: u64,
    dropped_damaged: u64,
}

impl Buffer {
    pub(super) fn open(dir: &Path, bytes_max: u64) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(|e| Error::io(dir, e))?;
        let position = read_position(dir);
        let mut segments = VecDeque::new();
        let mut damaged = 0;
        for id in segment_ids(dir)? {
            let next = match position {
                Some((at, _)) if id < at => u64::MAX,
                Some((at, offset)) if id == at => offset,
                _ => 0,
            };
            let path = segment_path(dir, id);
            let (segment, is_whole) = read_segment(&path, id, next)?;
            damaged += u64::from(!is_whole);
            if segment.left > 0 {
                segments.push_back(segment);
            } else {
                fs::remove_file(&path).map_err(|e| Error::io(path, e))?;
            }
        }
        let last =
            segments.back().map(|s: &Segment| s.id).into_iter().chain(position.map(|(at, _)| at)).max();
        let id = last.map_or(1, |id| id + 1);
        let writer = create_segment(dir, id)?;
        segments.push_back(Segment { id, bytes: 0, left: 0, next: 0 });
        if damaged > 0 {
            tracing::info!(segments = damaged, "segments of the forwarder's buffer end in a torn record");
        }
        Ok(Self { dir: dir.to_owned(), bytes_max, segments, writer, dropped_full: 0, dropped_damaged: 0 })
    }

    /// Appends and fsyncs; on success the payloads survive a crash.
    pub(super) fn append(&mut self, payloads: &[Payload]) -> Result<(), Error> {
        for payload in payloads {
            let record = encode(payload);
            let size = record.len() as u64;
            if size > self.bytes_max {
                self.dropped_full += 1;
                continue;
            }
            self.make_room(size)?;
            let dir = &self.dir;
            let Some(segment) = self.segments.back_mut() else { continue };
            if let Err(e) = self.writer.write_all(&record) {
                // Whatever was written of the record goes; if that fails too, its checksum tells.
                let _ = self.writer.set_len(segment.bytes);
                let _ = self.writer.seek(SeekFrom::Start(segment.bytes));
                return Err(Error::io(segment_path(dir, segment.id), e));
            }
            segment.bytes += size;
            segment.left += 1;
        }
        self.writer.sync_data().map_err(|e| Error::io(&self.dir, e))
    }

    /// Starts a new segment when the last is full, and drops the oldest ones past the bound.
    fn make_room(&mut self, size: u64) -> Result<(), Error> {
        let segment_max = SEGMENT_BYTES_MAX.min(self.bytes_max / 8);
        let Some(last) = self.segments.back() else { return Ok(()) };
        if last.bytes > 0 && last.bytes + size > segment_max {
            self.writer.sync_data().map_err(|e| Error::io(&self.dir, e))?;
            let id = last.id + 1;
            self.writer = create_segment(&self.dir, id)?;
            self.segments.push_back(Segment { id, bytes: 0, left: 0, next: 0 });
        }
        while self.bytes() + size > self.bytes_max && self.segments.len() > 1 {
            if let Some(oldest) = self.segments.pop_front() {
                self.dropped_full += oldest.left;
                remove(&segment_path(&self.dir, oldest.id));
            }
        }
        Ok(())
    }

    /// The oldest payload that was not sent.
    pub(super) fn first(&mut self) -> Option<(Payload, Place)> {
        loop {
            let growing = self.segments.len() == 1;
            let segment = self.segments.front_mut()?;
            if segment.left > 0 {
                let path = segment_path(&self.dir, segment.id);
                if let Some((payload, end)) = read_record(&path, segment.next) {
                    return Some((payload, Place { segment: segment.id, end }));
                }
                // Damage: what follows in this segment can't be told apart.
                self.dropped_damaged += segment.left;
                segment.left = 0;
                segment.next = segment.bytes;
            }
            if growing {
                return None;
            }
            let id = segment.id;
            self.segments.pop_front();
            remove(&segment_path(&self.dir, id));
        }
    }

    /// The payload at this place was sent, or is not wanted.
    pub(super) fn sent(&mut self, place: Place) {
        let Some(segment) = self.segments.front_mut().filter(|s| s.id == place.segment) else { return };
        segment.next = place.end;
        segment.left = segment.left.saturating_sub(1);
        write_position(&self.dir, segment.id, segment.next);
        let is_empty = segment.left == 0;
        if is_empty && self.segments.len() > 1 {
            self.segments.pop_front();
            remove(&segment_path(&self.dir, place.segment));
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|s| s.bytes).sum()
    }

    pub(super) fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    pub(super) fn payloads(&self) -> u64 {
        self.segments.iter().map(|s| s.left).sum()
    }

    /// Payloads given up, by reason.
    pub(super) fn dropped(&self) -> Vec<(String, u64)> {
        [("buffer_full", self.dropped_full), ("damaged", self.dropped_damaged)]
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(reason, n)| (reason.to_owned(), n))
            .collect()
    }
}

fn encode(payload: &Payload) -> Vec<u8> {
    let mut record = Vec::with_capacity(payload.body.len() + HEAD as usize);
    record.extend_from_slice(&(payload.body.len() as u32).to_le_bytes());
    record.extend_from_slice(&checksum(payload.route as u8, &payload.body).to_le_bytes());
    record.push(payload.route as u8);
    record.extend_from_slice(&payload.body);
    record
}

fn checksum(route: u8, body: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&[route]), body)
}

/// The record at an offset and where it ends; none at the end or at damage.
fn read_record(path: &Path, offset: u64) -> Option<(Payload, u64)> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(offset)).ok()?;
    next_record(&mut file).map(|payload| {
        let end = offset + HEAD + payload.body.len() as u64;
        (payload, end)
    })
}

fn next_record(from: &mut impl Read) -> Option<Payload> {
    let mut head = [0; HEAD as usize];
    from.read_exact(&mut head).ok()?;
    let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    let sum = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    if len > BODY_BYTES_MAX {
        return None;
    }
    let mut body = vec![0; len as usize];
    from.read_exact(&mut body).ok()?;
    let route = Route::from_u8(head[8])?;
    (checksum(head[8], &body) == sum).then_some(Payload { route, body })
}

/// Counts the whole records of a segment from `next` on; false when something that is no record follows.
fn read_segment(path: &Path, id: u64, next: u64) -> Result<(Segment, bool), Error> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let size = file.metadata().map_err(|e| Error::io(path, e))?.len();
    let mut reader = std::io::BufReader::new(file);
    let mut segment = Segment { id, bytes: 0, left: 0, next };
    while let Some(payload) = next_record(&mut reader) {
        segment.left += u64::from(segment.bytes >= next);
        segment.bytes += HEAD + payload.body.len() as u64;
    }
    let is_whole = segment.bytes == size;
    Ok((segment, is_whole))
}

fn segment_path(dir: &Path, id: u64) -> PathBuf {
    dir.join(format!("{id:016}.seg"))
}

fn segment_ids(dir: &Path) -> Result<Vec<u64>, Error> {
    let entries = fs::read_dir(dir).map_err(|e| Error::io(dir, e))?;
    let mut ids: Vec<u64> = entries
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.strip_suffix(".seg")?.parse().ok())
        .collect();
    ids.sort_unstable();
    Ok(ids)
}

/// A new segment whose name survives a crash.
fn create_segment(dir: &Path, id: u64) -> Result<File, Error> {
    let path = segment_path(dir, id);
    let file =
        OpenOptions::new().create_new(true).write(true).open(&path).map_err(|e| Error::io(&path, e))?;
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| Error::io(dir, e))?;
    Ok(file)
}

/// A segment that can't be removed is found, and found sent, at the next start.
fn remove(path: &Path) {
    if let Err(e) = fs::remove_file(path) {
        tracing::warn!(path = %path.display(), error = %e, "a sent segment can't be removed");
    }
}

fn read_position(dir: &Path) -> Option<(u64, u64)> {
    let text = fs::read_to_string(dir.join("position")).ok()?;
    let (segment, offset) = text.trim().split_once(' ')?;
    Some((segment.parse().ok()?, offset.parse().ok()?))
}

fn write_position(dir: &Path, segment: u64, offset: u64) {
    let temporary = dir.join("position.new");
    let written = fs::write(&temporary, format!("{segment} {offset}\n"))
        .and_then(|()| fs::rename(&temporary, dir.join("position")));
    if let Err(e) = written {
        tracing::warn!(error = %e, "the forwarder's position can't be written: a restart sends some payloads again");
    }
}

#[cfg(test)]
mod tests;
