//! The record of wide rows: the batch's columns one after the other (`docs/formats/records.md`).
//!
//! Columns are written as they lie in memory where that is compact (ids, texts), and as narrow numbers where it is not. Texts
//! of entries are in the order of the entries, so that a length says where each is. Nothing is packed: lz4 would write 40 % of the bytes for four times the work of all the rest.

use super::bytes::{Reader, put_signed, put_text, put_varint};
use super::{ROWS_MAX, RecordError};
use oriel_model::{Core, EntryKind, Field, OrgId, RowBatch, Signal, TextColumn, WordColumn};
use std::ops::Range;

mod size;

pub(crate) use size::{Parts, parts};

const VERSION: u8 = 1;
const MESSAGE: usize = Core::WORDS;
const TRACE_ID: usize = MESSAGE + 1;
const SPAN_ID: usize = MESSAGE + 2;
const PARENT_ID: usize = MESSAGE + 3;
const DURATION: usize = MESSAGE + 4;
const WEIGHT: usize = MESSAGE + 5;
const COLUMNS: usize = MESSAGE + 6;

type Result<T> = std::result::Result<T, RecordError>;

/// Some rows of a batch, which [`parts`] found to fit one record.
pub(crate) fn encode_rows(batch: &RowBatch, rows: Range<usize>) -> Vec<u8> {
    let mut body = Vec::with_capacity(batch.heap_bytes() / batch.len().max(1) * rows.len() + 64);
    body.push(VERSION);
    put_varint(&mut body, u64::from(batch.org.0));
    body.push(batch.signal as u8);
    put_varint(&mut body, rows.len() as u64);
    put_core(batch, &rows, &mut body);
    put_entries(batch, &rows, &mut body);
    body
}

fn put_core(batch: &RowBatch, rows: &Range<usize>, out: &mut Vec<u8>) {
    let text_bytes = text_span(&batch.message, rows);
    let mut present = 0u16;
    let mut note = |column: usize, is_there: bool| present |= u16::from(is_there) << column;
    batch.words.iter().enumerate().for_each(|(i, words)| note(i, !words.rows.is_empty()));
    note(MESSAGE, !text_bytes.is_empty());
    note(TRACE_ID, !batch.trace_id.is_empty());
    note(SPAN_ID, !batch.span_id.is_empty());
    note(PARENT_ID, !batch.parent_id.is_empty());
    note(DURATION, !batch.duration_ns.is_empty());
    note(WEIGHT, !batch.weight.is_empty());
    out.extend_from_slice(&present.to_le_bytes());
    put_deltas(&batch.time_ns[rows.clone()], out);
    for words in batch.words.iter().filter(|w| !w.rows.is_empty()) {
        put_words(words, rows, out);
    }
    if !text_bytes.is_empty() {
        let mut before = text_bytes.start;
        for &end in &batch.message.ends[rows.clone()] {
            put_varint(out, u64::from(end).saturating_sub(before as u64));
            before = end as usize;
        }
        out.extend_from_slice(&batch.message.bytes.as_bytes()[text_bytes]);
    }
    let of = |range: &Range<usize>, len: usize| if len == 0 { 0..0 } else { range.clone() };
    for id in &batch.trace_id[of(rows, batch.trace_id.len())] {
        out.extend_from_slice(&id.to_le_bytes());
    }
    for ids in [&batch.span_id, &batch.parent_id] {
        ids[of(rows, ids.len())].iter().for_each(|id| out.extend_from_slice(&id.to_le_bytes()));
    }
    for &ns in &batch.duration_ns[of(rows, batch.duration_ns.len())] {
        put_signed(out, ns);
    }
    for weight in &batch.weight[of(rows, batch.weight.len())] {
        out.extend_from_slice(&weight.to_bits().to_le_bytes());
    }
}

fn put_deltas(values: &[i64], out: &mut Vec<u8>) {
    let mut before = 0i64;
    for &value in values {
        put_signed(out, value.wrapping_sub(before));
        before = value;
    }
}

/// Where the texts of some rows lie.
fn text_span(column: &TextColumn, rows: &Range<usize>) -> Range<usize> {
    let end_of = |row: usize| column.ends.get(row).map_or(0, |&end| end as usize);
    let start = if rows.start == 0 { 0 } else { end_of(rows.start - 1) };
    start..if rows.is_empty() { start } else { end_of(rows.end - 1).max(start) }
}

/// The values that occur, in the order they do, then a number for each row: 0 none, else the value's place plus one.
fn put_words(words: &WordColumn, rows: &Range<usize>, out: &mut Vec<u8>) {
    let mut places = Places::new(words.values.len());
    // The empty text is no value.
    places.of[0] = 0;
    let numbers: Vec<u32> = words.rows[rows.clone()].iter().map(|&word| places.place(word)).collect();
    put_varint(out, places.used.len() as u64);
    places.used.iter().for_each(|&word| put_text(out, &words.values[word as usize]));
    put_numbers(&numbers, places.used.len(), out);
}

/// Renumbers things by first use, from 1.
struct Places {
    of: Vec<u32>,
    used: Vec<u32>,
}

impl Places {
    fn new(things: usize) -> Self {
        Self { of: vec![u32::MAX; things.max(1)], used: Vec::new() }
    }

    #[inline]
    fn place(&mut self, thing: u32) -> u32 {
        let place = &mut self.of[thing as usize];
        if *place == u32::MAX {
            self.used.push(thing);
            *place = self.used.len() as u32;
        }
        *place
    }
}

/// Numbers up to `max`, all of the same width.
fn put_numbers(numbers: &[u32], max: usize, out: &mut Vec<u8>) {
    match max {
        0..=0xff => out.extend(numbers.iter().map(|&n| n as u8)),
        0x100..=0xffff => numbers.iter().for_each(|&n| out.extend_from_slice(&(n as u16).to_le_bytes())),
        _ => numbers.iter().for_each(|&n| out.extend_from_slice(&n.to_le_bytes())),
    }
}

fn put_entries(batch: &RowBatch, rows: &Range<usize>, out: &mut Vec<u8>) {
    let entry_end = |row: usize| batch.entry_ends.get(row).map_or(0, |&end| end as usize);
    let begin = if rows.start == 0 { 0 } else { entry_end(rows.start - 1) };
    let end = if rows.is_empty() { begin } else { entry_end(rows.end - 1) };
    let mut places = Places::new(batch.keys.len());
    let numbers: Vec<u32> = batch.entry_keys[begin..end].iter().map(|&key| places.place(key)).collect();
    put_varint(out, places.used.len() as u64);
    for &key in &places.used {
        let (kind, name) = match &batch.keys[key as usize] {
            Field::Attr(path) => (b'@', &**path),
            Field::Tag(key) => (b' ', &**key),
            Field::Core(core) => (b' ', core.as_str()),
        };
        out.push(kind);
        put_text(out, name);
    }
    let mut before = begin;
    for row in rows.clone() {
        put_varint(out, (entry_end(row) - before) as u64);
        before = entry_end(row);
    }
    put_numbers(&numbers, places.used.len(), out);
    out.extend(batch.entry_kinds[begin..end].iter().map(|&kind| kind as u8));
    let mut spans = Spans::default();
    for (kind, &bits) in batch.entry_kinds[begin..end].iter().zip(&batch.entry_bits[begin..end]) {
        match kind {
            EntryKind::Null => {}
            EntryKind::Bool => out.push(u8::from(bits != 0)),
            EntryKind::Int => put_signed(out, bits as i64),
            EntryKind::Uint => put_varint(out, bits),
            EntryKind::Float => out.extend_from_slice(&bits.to_le_bytes()),
            EntryKind::Text | EntryKind::List => {
                let (start, len) = ((bits >> 32) as usize, (bits & 0xffff_ffff) as usize);
                put_varint(out, len as u64);
                spans.add(start, len);
            }
        }
    }
    let texts = batch.texts.as_bytes();
    spans.runs.iter().for_each(|run| out.extend_from_slice(&texts[run.clone()]));
}

/// Places of texts, those that follow each other as one.
#[derive(Default)]
struct Spans {
    runs: Vec<Range<usize>>,
}

impl Spans {
    #[inline]
    fn add(&mut self, start: usize, len: usize) {
        match self.runs.last_mut() {
            Some(run) if run.end == start => run.end += len,
            _ => self.runs.push(start..start + len),
        }
    }
}

/// The reverse of [`encode_rows`].
pub(crate) fn decode_rows(record: &[u8]) -> Result<RowBatch> {
    match record.split_first().ok_or(RecordError::Short)? {
        (&VERSION, body) => decode_body(body),
        (&version, _) => Err(RecordError::Version(version)),
    }
}

fn decode_body(body: &[u8]) -> Result<RowBatch> {
    let mut reader = Reader::new(body);
    let org = OrgId(reader.u32()?);
    let code = reader.u8()?;
    let signal = Signal::WIDE.into_iter().find(|s| *s as u8 == code).ok_or(RecordError::Bad("signal"))?;
    let rows = reader.count(1)?;
    if rows > ROWS_MAX {
        return Err(RecordError::Bad("count"));
    }
    let mut batch = RowBatch::new(org, signal);
    take_core(&mut reader, rows, &mut batch)?;
    take_entries(&mut reader, rows, &mut batch)?;
    Ok(batch)
}

fn take_core(reader: &mut Reader<'_>, rows: usize, batch: &mut RowBatch) -> Result<()> {
    let present = u16::from_le_bytes([reader.u8()?, reader.u8()?]);
    if usize::from(present) >> COLUMNS != 0 {
        return Err(RecordError::Bad("column"));
    }
    let has = |column: usize| present >> column & 1 == 1;
    let mut before = 0i64;
    batch.time_ns.reserve_exact(rows);
    for _ in 0..rows {
        before = before.wrapping_add(reader.signed()?);
        batch.time_ns.push(before);
    }
    for i in (0..Core::WORDS).filter(|&i| has(i)) {
        batch.words[i] = take_words(reader, rows)?;
    }
    batch.message = take_texts(reader, rows, has(MESSAGE))?;
    if has(TRACE_ID) {
        let (ids, _) = reader.take(rows * 16)?.as_chunks::<16>();
        batch.trace_id = ids.iter().map(|id| u128::from_le_bytes(*id)).collect();
    }
    for (column, ids) in [(SPAN_ID, &mut batch.span_id), (PARENT_ID, &mut batch.parent_id)] {
        if has(column) {
            let (bytes, _) = reader.take(rows * 8)?.as_chunks::<8>();
            *ids = bytes.iter().map(|id| u64::from_le_bytes(*id)).collect();
        }
    }
    if has(DURATION) {
        batch.duration_ns = (0..rows).map(|_| reader.signed()).collect::<Result<_>>()?;
    }
    if has(WEIGHT) {
        let (bytes, _) = reader.take(rows * 4)?.as_chunks::<4>();
        batch.weight = bytes.iter().map(|bits| f32::from_bits(u32::from_le_bytes(*bits))).collect();
    }
    Ok(())
}

fn take_words(reader: &mut Reader<'_>, rows: usize) -> Result<WordColumn> {
    let count = reader.count(1)?;
    let mut values: Vec<Box<str>> = Vec::with_capacity(count + 1);
    values.push("".into());
    for _ in 0..count {
        values.push(reader.text()?.into());
    }
    Ok(WordColumn { rows: take_numbers(reader, rows, count, count)?, values })
}

/// The reverse of [`put_numbers`]; a number over `limit` is none.
fn take_numbers(reader: &mut Reader<'_>, n: usize, max: usize, limit: usize) -> Result<Vec<u32>> {
    let numbers: Vec<u32> = match max {
        0..=0xff => reader.take(n)?.iter().map(|&b| u32::from(b)).collect(),
        0x100..=0xffff => {
            let (pairs, _) = reader.take(n * 2)?.as_chunks::<2>();
            pairs.iter().map(|b| u32::from(u16::from_le_bytes(*b))).collect()
        }
        _ => {
            let (fours, _) = reader.take(n * 4)?.as_chunks::<4>();
            fours.iter().map(|b| u32::from_le_bytes(*b)).collect()
        }
    };
    let fits = numbers.iter().all(|&n| n as usize <= limit);
    if fits { Ok(numbers) } else { Err(RecordError::Bad("place")) }
}

fn take_texts(reader: &mut Reader<'_>, rows: usize, is_there: bool) -> Result<TextColumn> {
    if !is_there {
        return Ok(TextColumn { ends: vec![0; rows], bytes: String::new() });
    }
    let mut ends = Vec::with_capacity(rows);
    let mut end = 0u32;
    for _ in 0..rows {
        end = end.checked_add(reader.u32()?).ok_or(RecordError::Bad("length"))?;
        ends.push(end);
    }
    let bytes = take_utf8(reader, end as usize)?;
    if ends.iter().all(|&end| bytes.is_char_boundary(end as usize)) {
        return Ok(TextColumn { ends, bytes: bytes.to_owned() });
    }
    Err(RecordError::Bad("text"))
}

fn take_utf8<'a>(reader: &mut Reader<'a>, len: usize) -> Result<&'a str> {
    std::str::from_utf8(reader.take(len)?).map_err(|_| RecordError::Bad("text"))
}

fn take_entries(reader: &mut Reader<'_>, rows: usize, batch: &mut RowBatch) -> Result<()> {
    let keys = reader.count(2)?;
    for _ in 0..keys {
        let kind = reader.u8()?;
        let name = reader.text()?;
        batch.keys.push(match kind {
            b'@' => Field::attr(name),
            b' ' => Field::tag(name),
            _ => return Err(RecordError::Bad("key")),
        });
    }
    let mut end = 0u32;
    batch.entry_ends.reserve_exact(rows);
    for _ in 0..rows {
        end = end.checked_add(reader.u32()?).ok_or(RecordError::Bad("count"))?;
        batch.entry_ends.push(end);
    }
    let entries = end as usize;
    let places = take_numbers(reader, entries, keys, keys)?;
    if places.contains(&0) {
        return Err(RecordError::Bad("place"));
    }
    batch.entry_keys = places.into_iter().map(|place| place - 1).collect();
    let kinds = reader.take(entries)?.iter().map(|&code| EntryKind::from_u8(code));
    batch.entry_kinds = kinds.collect::<Option<_>>().ok_or(RecordError::Bad("kind"))?;
    take_values(reader, batch)
}

fn take_values(reader: &mut Reader<'_>, batch: &mut RowBatch) -> Result<()> {
    let mut start = 0u64;
    batch.entry_bits.reserve_exact(batch.entry_kinds.len());
    for kind in &batch.entry_kinds {
        batch.entry_bits.push(match kind {
            EntryKind::Null => 0,
            EntryKind::Bool => u64::from(reader.u8()? != 0),
            EntryKind::Int => reader.signed()? as u64,
            EntryKind::Uint => reader.varint()?,
            EntryKind::Float => reader.u64()?,
            EntryKind::Text | EntryKind::List => {
                let len = u64::from(reader.u32()?);
                let place = start << 32 | len;
                start += len;
                if start > u64::from(u32::MAX) {
                    return Err(RecordError::Bad("length"));
                }
                place
            }
        });
    }
    let texts = take_utf8(reader, usize::try_from(start).unwrap_or(usize::MAX))?;
    let is_text = |kind: &EntryKind| matches!(kind, EntryKind::Text | EntryKind::List);
    let mut places = batch.entry_kinds.iter().zip(&batch.entry_bits).filter(|(kind, _)| is_text(kind));
    if !places.all(|(_, &bits)| texts.is_char_boundary((bits >> 32) as usize)) || !reader.is_at_end() {
        return Err(RecordError::Bad("text"));
    }
    batch.texts = texts.to_owned();
    Ok(())
}

#[cfg(test)]
mod tests;
