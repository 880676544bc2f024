//! The record of an event batch: JSON rows, compressed. Events are few; their form may grow without a new version.

use super::RecordError;
use oriel_model::{Event, EventBatch, OrgId, ServiceCheck};
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;

/// Decompressed bytes at most: JSON of a record compresses well, and garbage may claim anything.
const TEXT_BYTES_MAX: usize = 64 << 20;

#[derive(Serialize)]
struct RowsRef<'a> {
    org: OrgId,
    events: &'a [Event],
    checks: &'a [ServiceCheck],
}

#[derive(Deserialize)]
struct Rows {
    org: OrgId,
    events: Vec<Event>,
    checks: Vec<ServiceCheck>,
}

/// One record for each piece of the batch that fits one.
pub(crate) fn encode_events(batch: &EventBatch) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    encode_part(batch.org, &batch.events, &batch.checks, &mut records);
    records
}

/// Halves what is too large; a single row is far below a record's bound.
fn encode_part(org: OrgId, events: &[Event], checks: &[ServiceCheck], records: &mut Vec<Vec<u8>>) {
    let json = serde_json::to_vec(&RowsRef { org, events, checks }).unwrap_or_default();
    let splits = events.len() > 1 || checks.len() > 1;
    if json.len() > super::RECORD_BYTES_MAX - 1024 && splits {
        let (e, c) = (events.len() / 2, checks.len() / 2);
        encode_part(org, &events[..e], &checks[..c], records);
        encode_part(org, &events[e..], &checks[c..], records);
        return;
    }
    let mut record = vec![VERSION];
    record.extend_from_slice(&lz4_flex::compress_prepend_size(&json));
    records.push(record);
}

/// The reverse of [`encode_events`], for one record.
pub(crate) fn decode_events(record: &[u8]) -> Result<EventBatch, RecordError> {
    let (&version, packed) = record.split_first().ok_or(RecordError::Short)?;
    if version != VERSION {
        return Err(RecordError::Version(version));
    }
    let json = unpack(packed, TEXT_BYTES_MAX)?;
    let rows: Rows = serde_json::from_slice(&json).map_err(|_| RecordError::Bad("row"))?;
    Ok(EventBatch { org: rows.org, events: rows.events, checks: rows.checks })
}

/// Decompresses what says a believable size.
pub(super) fn unpack(packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, RecordError> {
    let (size, body) = packed.split_first_chunk::<4>().ok_or(RecordError::Short)?;
    let size = u32::from_le_bytes(*size) as usize;
    // lz4 makes at most 255 bytes of one.
    if size > bytes_max || size > body.len().saturating_mul(255).saturating_add(64) {
        return Err(RecordError::Bad("size"));
    }
    lz4_flex::decompress(body, size).map_err(|_| RecordError::Bad("compression"))
}
