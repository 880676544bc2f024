//! The record of a metric batch: samples grouped by series, each distinct time vector once, definitions last.
//!
//! A vector of times is written as differences; values as one constant, as differences of whole numbers, or as they are.
//! On a host's scrape two series in three are constant, so a sample costs one or two bytes for a handful of nanoseconds.

use super::bytes::{Reader, put_f64, put_signed, put_text, put_varint};
use super::split::{Part, split};
use super::{ROWS_MAX, RecordError};
use crate::registry::KeyMap;
use oriel_model::{
    BatchSeries, Kind, Mapping, MetricBatch, MetricId, OrgId, SeriesDef, SeriesId, SeriesKey, Sketch,
    SketchPoint, Tags, TimeMs,
};
use std::sync::Arc;

const VERSION: u8 = 1;

/// Definitions are compressed from this size on; below it the frame costs more than it saves.
const PACK_BYTES_MIN: usize = 512;

/// Definitions of one record, decompressed, at most: ten times what a record may hold.
const DEFINITION_BYTES_MAX: usize = 40 << 20;

/// Bits of a series' shape byte beside its kind.
const HAS_DEF: u8 = 1 << 4;
const HAS_SAMPLES: u8 = 1 << 5;
/// The running total began anew before the first sample.
const RESET: u8 = 1 << 6;

/// How values are written.
const CONSTANT: u8 = 0;
const WHOLE: u8 = 1;
const PLAIN: u8 = 2;

/// What a record says. `batch.series` have no raw key and no slot.
#[derive(Debug)]
pub(crate) struct MetricRecord {
    pub(crate) batch: MetricBatch,
    /// Definitions that the record carries, in the order of `batch.series`.
    pub(crate) defs: Vec<Option<Arc<SeriesDef>>>,
}

/// One record for each piece of the batch that fits one; mostly one. Each carries the definitions that `defs` asks for of
/// its own series, so that none depends on another.
pub(crate) fn encode_metrics(batch: &MetricBatch, defs: &[Option<Arc<SeriesDef>>]) -> Vec<Vec<u8>> {
    split(batch, defs).iter().map(|part| encode_part(batch, defs, part)).collect()
}

fn encode_part(batch: &MetricBatch, defs: &[Option<Arc<SeriesDef>>], part: &Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.bytes / 4 + 64);
    let mut definitions = Vec::new();
    out.push(VERSION);
    put_varint(&mut out, u64::from(batch.org.0));
    let vectors = put_vectors(&mut out, batch, part);
    put_varint(&mut out, part.series.len() as u64);
    for (entry, &vector) in part.series.iter().zip(&vectors) {
        let s = &batch.series[entry.series as usize];
        let def = defs.get(entry.series as usize).and_then(Option::as_ref).filter(|_| entry.defines);
        let samples = if entry.from < entry.to { HAS_SAMPLES } else { 0 };
        out.extend_from_slice(&s.key.metric.0.to_le_bytes());
        out.extend_from_slice(&s.key.series.0.to_le_bytes());
        // Only with the samples' first part: a batch may be cut into several records.
        let reset = if s.reset && entry.from == s.first { RESET } else { 0 };
        out.push(s.kind as u8 | samples | reset | if def.is_some() { HAS_DEF } else { 0 });
        put_varint(&mut out, u64::from(s.interval_s));
        if entry.from < entry.to {
            put_varint(&mut out, u64::from(vector));
            put_values(&mut out, &batch.values[entry.from as usize..entry.to as usize]);
        }
        if let Some(def) = def {
            put_def(&mut definitions, def);
        }
    }
    put_varint(&mut out, part.sketches.len() as u64);
    for &(entry, point) in &part.sketches {
        put_sketch(&mut out, entry, &batch.sketches[point as usize]);
    }
    put_definitions(&mut out, &definitions);
    out
}

/// Writes each distinct time vector; gives the number of each entry's vector.
fn put_vectors(out: &mut Vec<u8>, batch: &MetricBatch, part: &Part) -> Vec<u32> {
    let mut distinct: Vec<&[TimeMs]> = Vec::new();
    let mut by_hash: KeyMap<u64, u32> = KeyMap::default();
    let mut numbers = Vec::with_capacity(part.series.len());
    let mut last: u32 = 0;
    for entry in &part.series {
        let times = &batch.ts[entry.from as usize..entry.to as usize];
        // Neighbours in a scrape share their stamps: comparing is cheaper than hashing.
        if !times.is_empty() && distinct.get(last as usize).is_none_or(|v| *v != times) {
            let next = distinct.len() as u32;
            let found = *by_hash.entry(fold(times)).or_insert(next);
            last = if distinct.get(found as usize).is_some_and(|v| *v == times) {
                found
            } else {
                distinct.push(times);
                next
            };
        }
        numbers.push(last);
    }
    put_varint(out, distinct.len() as u64);
    for times in distinct {
        put_varint(out, times.len() as u64);
        let mut previous = 0i64;
        for &t in times {
            put_signed(out, t.wrapping_sub(previous));
            previous = t;
        }
    }
    numbers
}

/// A cheap hash of a vector; equal hashes are compared.
fn fold(times: &[TimeMs]) -> u64 {
    times
        .iter()
        .fold(times.len() as u64, |h, &t| (h.rotate_left(5) ^ t as u64).wrapping_mul(0x517C_C1B7_2722_0A95))
}

fn put_values(out: &mut Vec<u8>, values: &[f64]) {
    let first = values[0].to_bits();
    if values.iter().all(|v| v.to_bits() == first) {
        out.push(CONSTANT);
        return put_f64(out, values[0]);
    }
    let start = out.len();
    out.push(WHOLE);
    if put_whole(out, values) {
        return;
    }
    out.truncate(start);
    out.push(PLAIN);
    out.reserve(values.len() * 8);
    for v in values {
        put_f64(out, *v);
    }
}

/// Differences of whole numbers; false at the first value that is none (minus zero is none).
fn put_whole(out: &mut Vec<u8>, values: &[f64]) -> bool {
    /// Whole numbers up to here are exact in both forms.
    const EXACT: f64 = (1u64 << 53) as f64;
    let mut previous = 0i64;
    for v in values {
        let whole = *v as i64;
        if (whole as f64).to_bits() != v.to_bits() || v.abs() > EXACT {
            return false;
        }
        put_signed(out, whole - previous);
        previous = whole;
    }
    true
}

fn put_def(out: &mut Vec<u8>, def: &SeriesDef) {
    put_text(out, &def.metric);
    put_text(out, &def.host);
    put_varint(out, def.tags.len() as u64);
    for tag in def.tags.iter() {
        put_text(out, tag);
    }
}

fn put_definitions(out: &mut Vec<u8>, definitions: &[u8]) {
    let packs = definitions.len() >= PACK_BYTES_MIN;
    out.push(u8::from(packs));
    if packs {
        out.extend_from_slice(&lz4_flex::compress_prepend_size(definitions));
    } else {
        out.extend_from_slice(definitions);
    }
}

fn put_sketch(out: &mut Vec<u8>, entry: u32, point: &SketchPoint) {
    let sketch = &point.sketch;
    put_varint(out, u64::from(entry));
    put_signed(out, point.time_ms);
    put_varint(out, sketch.count);
    for x in [sketch.mapping.gamma, sketch.mapping.offset, sketch.sum, sketch.min, sketch.max] {
        put_f64(out, x);
    }
    put_varint(out, sketch.bins.len() as u64);
    let mut previous = 0i64;
    for &(key, count) in &sketch.bins {
        put_signed(out, i64::from(key) - previous);
        put_varint(out, count);
        previous = i64::from(key);
    }
}

/// The reverse of [`encode_metrics`], for one record.
pub(crate) fn decode_metrics(record: &[u8]) -> Result<MetricRecord, RecordError> {
    let mut reader = Reader::new(record);
    let version = reader.u8()?;
    if version != VERSION {
        return Err(RecordError::Version(version));
    }
    let org = OrgId(reader.u32()?);
    let vectors = read_vectors(&mut reader)?;
    let mut batch =
        MetricBatch { org, series: Vec::new(), ts: Vec::new(), values: Vec::new(), sketches: Vec::new() };
    let mut defines = Vec::new();
    for _ in 0..reader.count(18)? {
        defines.push(read_series(&mut reader, &vectors, &mut batch)?);
    }
    for _ in 0..reader.count(44)? {
        let point = read_sketch(&mut reader, batch.series.len())?;
        batch.sketches.push(point);
    }
    let defs = read_definitions(reader, &defines)?;
    Ok(MetricRecord { batch, defs })
}

fn read_vectors(reader: &mut Reader<'_>) -> Result<Vec<Vec<TimeMs>>, RecordError> {
    let mut vectors = Vec::new();
    for _ in 0..reader.count(2)? {
        let len = reader.count(1)?;
        let mut times = Vec::with_capacity(len);
        let mut t = 0i64;
        for _ in 0..len {
            t = t.wrapping_add(reader.signed()?);
            times.push(t);
        }
        vectors.push(times);
    }
    Ok(vectors)
}

/// Reads one series into the batch; true when the record defines it.
fn read_series(
    reader: &mut Reader<'_>,
    vectors: &[Vec<TimeMs>],
    batch: &mut MetricBatch,
) -> Result<bool, RecordError> {
    let key = SeriesKey { metric: MetricId(reader.u64()?), series: SeriesId(reader.u64()?) };
    let shape = reader.u8()?;
    let kind = Kind::from_u8(shape & 0x0f).ok_or(RecordError::Bad("kind"))?;
    let interval_s = reader.u32()?;
    let first = batch.ts.len();
    if shape & HAS_SAMPLES != 0 {
        let vector = reader.u32()? as usize;
        let times = vectors.get(vector).filter(|t| !t.is_empty()).ok_or(RecordError::Bad("time vector"))?;
        if first + times.len() > ROWS_MAX {
            return Err(RecordError::Bad("number of samples"));
        }
        read_values(reader, times.len(), &mut batch.values)?;
        batch.ts.extend_from_slice(times);
    }
    let len = (batch.ts.len() - first) as u32;
    let first = first as u32;
    batch.series.push(BatchSeries {
        key,
        raw: 0,
        slot: u32::MAX,
        kind,
        interval_s,
        reset: shape & RESET != 0,
        def: None,
        first,
        len,
    });
    Ok(shape & HAS_DEF != 0)
}

fn read_values(reader: &mut Reader<'_>, n: usize, values: &mut Vec<f64>) -> Result<(), RecordError> {
    match reader.u8()? {
        CONSTANT => {
            let value = reader.f64()?;
            values.resize(values.len() + n, value);
        }
        WHOLE => {
            let mut whole = 0i64;
            for _ in 0..n {
                whole = whole.wrapping_add(reader.signed()?);
                values.push(whole as f64);
            }
        }
        PLAIN => {
            let bytes = reader.take(n * 8)?;
            let (words, _) = bytes.as_chunks::<8>();
            values.extend(words.iter().map(|w| f64::from_bits(u64::from_le_bytes(*w))));
        }
        _ => return Err(RecordError::Bad("form of values")),
    }
    Ok(())
}

fn read_sketch(reader: &mut Reader<'_>, series_len: usize) -> Result<SketchPoint, RecordError> {
    let series = reader.u32()?;
    if series as usize >= series_len {
        return Err(RecordError::Bad("series number"));
    }
    let time_ms = reader.signed()?;
    let count = reader.varint()?;
    let (gamma, offset) = (reader.f64()?, reader.f64()?);
    let (sum, min, max) = (reader.f64()?, reader.f64()?, reader.f64()?);
    let len = reader.count(2)?;
    let mut bins = Vec::with_capacity(len);
    let mut key = 0i64;
    for _ in 0..len {
        key = key.wrapping_add(reader.signed()?);
        let key = i32::try_from(key).map_err(|_| RecordError::Bad("bin"))?;
        bins.push((key, reader.varint()?));
    }
    let sketch = Sketch { mapping: Mapping { gamma, offset }, count, sum, min, max, bins };
    Ok(SketchPoint { series, time_ms, sketch })
}

fn read_definitions(
    mut reader: Reader<'_>,
    defines: &[bool],
) -> Result<Vec<Option<Arc<SeriesDef>>>, RecordError> {
    let packed = reader.u8()? != 0;
    let unpacked;
    let mut reader = if packed {
        unpacked = super::events::unpack(reader.rest(), DEFINITION_BYTES_MAX)?;
        Reader::new(&unpacked)
    } else {
        reader
    };
    let mut defs = Vec::with_capacity(defines.len());
    for &defined in defines {
        defs.push(if defined { Some(Arc::new(read_def(&mut reader)?)) } else { None });
    }
    if reader.is_at_end() { Ok(defs) } else { Err(RecordError::Bad("end")) }
}

fn read_def(reader: &mut Reader<'_>) -> Result<SeriesDef, RecordError> {
    let metric = reader.text()?.into();
    let host = reader.text()?.into();
    let mut tags = Vec::new();
    for _ in 0..reader.count(1)? {
        tags.push(reader.text()?);
    }
    Ok(SeriesDef { metric, host, tags: Tags::canonical(tags) })
}
