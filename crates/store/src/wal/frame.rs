//! One frame of the log: a header of 64 bytes and its payload.
//!
//! The header's checksum covers the segment's id, the header itself and, through `payload_crc`, the payload: a frame of a
//! deleted segment whose blocks came back can't be taken for one of this segment (STORE 20). The payload's checksum is made on
//! the thread of the intake, so that the writer only sums 60 bytes a frame.

use crate::parts::{Dataset, Generation, Lsn};
use crate::wal::{FRAME_BYTES_MAX, Record};
use oriel_model::OrgId;

/// Length of a frame's header.
pub(crate) const HEADER_BYTES: usize = 64;

/// The dataset byte of an end record: the segment was left on purpose.
const END: u8 = 255;
const FLAG_LAST_OF_COMMIT: u8 = 1;

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) len: u32,
    pub(crate) payload_crc: u32,
    /// `None`: an end record.
    pub(crate) dataset: Option<Dataset>,
    pub(crate) codec: u8,
    /// The frames of a commit end here.
    pub(crate) last_of_commit: bool,
    /// Frames of one request share it.
    pub(crate) lsn: Lsn,
    pub(crate) commit: u64,
    pub(crate) generation: Generation,
    pub(crate) org: OrgId,
    /// Of the request, on its last frame; 0 elsewhere (STORE 12).
    pub(crate) digest: u128,
}

impl Header {
    /// The header of a record's frame.
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            len: u32::try_from(record.payload.len()).unwrap_or(u32::MAX),
            payload_crc: record.crc,
            dataset: None,
            codec: record.codec,
            last_of_commit: false,
            lsn: 0,
            commit: 0,
            generation: 0,
            org: OrgId(0),
            digest: 0,
        }
    }

    /// An end record; `commit` is the last number that was used.
    pub(crate) fn end(lsn: Lsn, commit: u64) -> Self {
        Self {
            len: 0,
            payload_crc: 0,
            dataset: None,
            codec: 0,
            last_of_commit: true,
            lsn,
            commit,
            generation: 0,
            org: OrgId(0),
            digest: 0,
        }
    }

    pub(crate) fn encode(&self, segment: u64) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[0..4].copy_from_slice(&self.len.to_le_bytes());
        out[8..12].copy_from_slice(&self.payload_crc.to_le_bytes());
        out[12] = self.dataset.map_or(END, |d| d as u8);
        out[13] = self.codec;
        out[14] = if self.last_of_commit { FLAG_LAST_OF_COMMIT } else { 0 };
        out[16..24].copy_from_slice(&self.lsn.to_le_bytes());
        out[24..32].copy_from_slice(&self.commit.to_le_bytes());
        out[32..40].copy_from_slice(&self.generation.to_le_bytes());
        out[40..44].copy_from_slice(&self.org.0.to_le_bytes());
        out[48..64].copy_from_slice(&self.digest.to_le_bytes());
        let crc = checksum(segment, &out);
        out[4..8].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// The header at the start of `bytes`, when its checksum is that of this segment.
    pub(crate) fn decode(segment: u64, bytes: &[u8]) -> Option<Self> {
        let h: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
        let len = u32::from_le_bytes([h[0], h[1], h[2], h[3]]);
        // Cheap looks first: recovery tries every position behind a torn frame.
        let is_code = usize::from(h[12]) < Dataset::ALL.len() || h[12] == END;
        let plausible = is_code && h[14] <= FLAG_LAST_OF_COMMIT && h[15] == 0 && h[44..48] == [0; 4];
        let plausible = plausible && len as usize <= FRAME_BYTES_MAX;
        if !plausible || u32::from_le_bytes([h[4], h[5], h[6], h[7]]) != checksum(segment, h) {
            return None;
        }
        let dataset = match h[12] {
            END => None,
            code => Some(*Dataset::ALL.get(usize::from(code))?),
        };
        let long = |at: usize| h[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        Some(Self {
            len,
            payload_crc: u32::from_le_bytes([h[8], h[9], h[10], h[11]]),
            dataset,
            codec: h[13],
            last_of_commit: h[14] & FLAG_LAST_OF_COMMIT != 0,
            lsn: long(16),
            commit: long(24),
            generation: long(32),
            org: OrgId(u32::from_le_bytes([h[40], h[41], h[42], h[43]])),
            digest: h[48..].first_chunk().map_or(0, |b| u128::from_le_bytes(*b)),
        })
    }

    pub(crate) fn is_end(&self) -> bool {
        self.dataset.is_none()
    }
}

/// Over the segment's id, and the header without its own checksum.
fn checksum(segment: u64, header: &[u8; HEADER_BYTES]) -> u32 {
    let sum = crc32c::crc32c(&segment.to_le_bytes());
    let sum = crc32c::crc32c_append(sum, &header[0..4]);
    crc32c::crc32c_append(sum, &header[8..])
}

/// One frame of a segment that was read into memory.
#[derive(Clone, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) header: Header,
    pub(crate) payload: &'a [u8],
    /// Where the frame begins in its segment.
    pub(crate) at: usize,
}

/// The frame at `at`, when header and payload are whole.
pub(crate) fn read(segment: u64, bytes: &[u8], at: usize) -> Option<Frame<'_>> {
    let header = Header::decode(segment, bytes.get(at..)?)?;
    let start = at + HEADER_BYTES;
    let payload = bytes.get(start..start + header.len as usize)?;
    (crc32c::crc32c(payload) == header.payload_crc).then_some(Frame { header, payload, at })
}
