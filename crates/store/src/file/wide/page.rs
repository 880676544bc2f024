//! One page of a column of a wide file: levels and values to bytes and back.
//!
//! A page holds the rows of one block. Columns are optional (a row without a value is a null) but for the time; the two columns of
//! the residual map repeat. Headers are of version 1 in Thrift's compact protocol.

use super::pack::{put_delta, put_hybrid, take_delta, take_hybrid, width_of};
use crate::file::thrift::page_header;
use crate::file::times::put_varint;
use crate::file::values::{Damage, Decoded};
use arrow_array::StringArray;
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use bytes::Bytes;

/// Parquet's numbers of encodings.
pub(super) const PLAIN: u8 = 0;
const RLE: u8 = 3;
pub(super) const DELTA: u8 = 5;
pub(super) const DELTA_LENGTH: u8 = 6;
pub(super) const DICTIONARY: u8 = 8;

/// A page after decompression: 8,192 rows with 16 MiB of text, or one row with as much as a request may carry.
const PAGE_BYTES_MAX: usize = 256 << 20;

/// What is written of one page before its header and compression.
#[derive(Default)]
pub(super) struct PageBody {
    pub(super) encoding: u8,
    /// Levels, or values where the column has none.
    pub(super) slots: usize,
    pub(super) bytes: Vec<u8>,
}

/// A page as it lies in the file.
pub(super) struct RawPage {
    pub(super) encoding: i64,
    pub(super) slots: usize,
    pub(super) body: Bytes,
}

/// Appends header and body. `zstd` compresses where it is given.
pub(super) fn put_page(
    body: &PageBody,
    is_dictionary: bool,
    zstd: Option<&mut zstd::bulk::Compressor<'_>>,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    let squeezed = zstd.map(|z| z.compress(&body.bytes)).transpose()?;
    let bytes = squeezed.as_deref().unwrap_or(&body.bytes);
    let mut number = |field: u8, n: usize| {
        out.push(field << 4 | 5);
        put_varint((n as u64) << 1, out);
    };
    number(1, if is_dictionary { 2 } else { 0 });
    number(1, body.bytes.len());
    number(1, bytes.len());
    out.push(if is_dictionary { 4 << 4 | 12 } else { 2 << 4 | 12 });
    let mut number = |n: usize| {
        out.push(1 << 4 | 5);
        put_varint((n as u64) << 1, out);
    };
    number(body.slots);
    number(usize::from(body.encoding));
    if !is_dictionary {
        number(usize::from(RLE));
        number(usize::from(RLE));
    }
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(bytes);
    Ok(())
}

/// A page's header and decompressed body; the bytes are the page's and no more.
pub(super) fn take_page(bytes: &Bytes, compressed: bool, is_dictionary: bool) -> Decoded<RawPage> {
    let (header, at) = page_header(bytes)?;
    let body = bytes.slice(at..);
    if body.len() != header.compressed_bytes || header.body_bytes > PAGE_BYTES_MAX {
        return Err(Damage::new("a page of another size than its header says"));
    }
    if header.is_dictionary != is_dictionary {
        return Err(Damage::new("a page of another kind"));
    }
    let body = if compressed { crate::file::body::decompress(&body, header.body_bytes)? } else { body };
    if body.len() != header.body_bytes {
        return Err(Damage::new("a page that decompressed to another size"));
    }
    Ok(RawPage { encoding: header.encoding, slots: header.values as usize, body })
}

/// Appends levels of one bit, with their length before them.
pub(super) fn put_levels(levels: &[u32], out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    put_hybrid(levels, 1, out);
    let len = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&len.to_le_bytes());
}

/// Takes levels of one bit from the front.
pub(super) fn take_levels(body: &Bytes, n: usize) -> Decoded<(Vec<u32>, Bytes)> {
    let len = body.first_chunk::<4>().ok_or_else(|| Damage::new("a page without levels"))?;
    let end = 4usize.checked_add(u32::from_le_bytes(*len) as usize).filter(|&end| end <= body.len());
    let end = end.ok_or_else(|| Damage::new("levels past the end of their page"))?;
    Ok((take_hybrid(&body[4..end], 1, n)?, body.slice(end..)))
}

/// Appends places in a dictionary, after their width.
pub(super) fn put_places(places: &[u32], dictionary: usize, out: &mut Vec<u8>) {
    let width = width_of(u32::try_from(dictionary.saturating_sub(1)).unwrap_or(u32::MAX));
    out.push(width as u8);
    put_hybrid(places, width, out);
}

/// Reads places, each inside the dictionary.
pub(super) fn take_places(body: &[u8], dictionary: usize, n: usize) -> Decoded<Vec<u32>> {
    if n == 0 {
        return Ok(Vec::new());
    }
    let (&width, body) = body.split_first().ok_or_else(|| Damage::new("a page without places"))?;
    let places = take_hybrid(body, u32::from(width), n)?;
    if places.iter().any(|&p| p as usize >= dictionary) {
        return Err(Damage::new("a place outside of the dictionary"));
    }
    Ok(places)
}

/// Appends texts: their lengths, then all of them.
pub(super) fn put_texts<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone, out: &mut Vec<u8>) {
    let lengths: Vec<i64> = texts.clone().map(|t| t.len() as i64).collect();
    put_delta(&lengths, out);
    texts.for_each(|t| out.extend_from_slice(t));
}

/// Reads texts as they lie.
pub(super) fn take_texts(body: &Bytes, n: usize) -> Decoded<StringArray> {
    let (lengths, rest) = take_delta(body, n)?;
    let mut offsets = Vec::with_capacity(n + 1);
    let mut end = 0i64;
    offsets.push(0i32);
    for length in lengths {
        end = end.checked_add(length).filter(|&e| length >= 0 && e <= rest.len() as i64).unwrap_or(i64::MAX);
        offsets.push(i32::try_from(end).map_err(|_| Damage::new("texts past the end of their page"))?);
    }
    let values = Buffer::from(body.slice(body.len() - rest.len()..));
    string_array(offsets, values)
}

/// Appends texts with a 32-bit length before each: how dictionaries lie.
pub(super) fn put_plain_texts<'a>(texts: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    for text in texts {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text);
    }
}

pub(super) fn take_plain_texts(body: &[u8], n: usize) -> Decoded<StringArray> {
    let mut offsets = Vec::with_capacity(n.min(body.len() / 4) + 1);
    let mut values = Vec::with_capacity(body.len());
    let mut rest = body;
    offsets.push(0i32);
    for _ in 0..n {
        let (len, after) =
            rest.split_first_chunk::<4>().ok_or_else(|| Damage::new("a text without length"))?;
        let (text, after) = after
            .split_at_checked(u32::from_le_bytes(*len) as usize)
            .ok_or_else(|| Damage::new("a text past the end of its page"))?;
        values.extend_from_slice(text);
        offsets.push(i32::try_from(values.len()).map_err(|_| Damage::new("a dictionary too large"))?);
        rest = after;
    }
    string_array(offsets, Buffer::from_vec(values))
}

fn string_array(offsets: Vec<i32>, values: Buffer) -> Decoded<StringArray> {
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    StringArray::try_new(offsets, values, None).map_err(|e| Damage::new(format!("texts: {e}")))
}

/// Appends numbers of eight bytes each.
pub(super) fn put_words(values: impl Iterator<Item = u64>, out: &mut Vec<u8>) {
    values.for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
}

pub(super) fn take_words(body: &[u8], n: usize) -> Decoded<Vec<u64>> {
    if body.len() != n.saturating_mul(8) {
        return Err(Damage::new(format!("{} bytes for {n} numbers", body.len())));
    }
    Ok(body.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect())
}
