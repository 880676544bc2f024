//! From a page's bytes to its values, knowing nothing of files: header, decompression, plain encodings.
//!
//! Any byte that does not fit is [`Damage`], never a panic.

use super::table::{Column, Physical};
use super::values::{Damage, Decoded};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page as ParquetPage, PageMetadata, PageReader};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use std::cell::RefCell;

/// A page is never larger than this after decompression: blobs are bounded by 480 samples, events by 64 KiB of text, and a
/// page ends at the first value past its limit. A header that says more is damage.
pub(crate) const PAGE_BYTES_MAX: usize = 64 << 20;

/// PLAIN is little-endian numbers, or a 32-bit length before each blob.
pub(crate) fn plain(physical: Physical, body: &Bytes, rows: usize) -> Decoded<Column> {
    let exact = |width: usize| {
        if body.len() == rows * width {
            Ok(())
        } else {
            Err(Damage::new(format!("{} bytes for {rows} values", body.len())))
        }
    };
    let (words, _) = body.as_chunks::<8>();
    Ok(match physical {
        Physical::I32 => {
            exact(4)?;
            Column::I32(body.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)).collect())
        }
        Physical::I64 => {
            exact(8)?;
            Column::I64(words.iter().map(|b| i64::from_le_bytes(*b)).collect())
        }
        Physical::F64 => {
            exact(8)?;
            Column::F64(words.iter().map(|b| f64::from_le_bytes(*b)).collect())
        }
        Physical::Bytes => Column::Bytes(blobs(body, rows)?),
    })
}

fn blobs(body: &Bytes, rows: usize) -> Decoded<Vec<ByteArray>> {
    let mut out = Vec::with_capacity(rows);
    let mut at = 0usize;
    for _ in 0..rows {
        let len = body.get(at..).and_then(|rest| rest.first_chunk::<4>());
        let len = u32::from_le_bytes(*len.ok_or_else(|| Damage::new("a blob without length"))?) as usize;
        let end = (at + 4).checked_add(len).filter(|&end| end <= body.len());
        let end = end.ok_or_else(|| Damage::new("a blob past the end of its page"))?;
        out.push(ByteArray::from(body.slice(at + 4..end)));
        at = end;
    }
    Ok(out)
}

/// Hands pages that are already here to parquet's decoders.
pub(crate) struct Pages(pub(crate) std::vec::IntoIter<ParquetPage>);

impl Iterator for Pages {
    type Item = parquet::errors::Result<ParquetPage>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(Ok)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> parquet::errors::Result<Option<ParquetPage>> {
        Ok(self.0.next())
    }

    fn peek_next_page(&mut self) -> parquet::errors::Result<Option<PageMetadata>> {
        Err(ParquetError::NYI("looking ahead".into()))
    }

    fn skip_next_page(&mut self) -> parquet::errors::Result<()> {
        Err(ParquetError::NYI("skipping".into()))
    }
}

thread_local! {
    /// A decompression context is 160 KiB; making one a page would cost more than the page.
    static ZSTD: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

pub(crate) fn decompress(body: &[u8], size: usize) -> Decoded<Bytes> {
    ZSTD.with_borrow_mut(|context| {
        let context = match context {
            Some(ready) => ready,
            None => context.insert(zstd::bulk::Decompressor::new().map_err(|e| Damage::new(e.to_string()))?),
        };
        context.decompress(body, size).map(Bytes::from).map_err(|e| Damage::new(e.to_string()))
    })
}

/// A page's header and its decompressed body.
pub(crate) fn parse_page(bytes: &Bytes, compressed: bool) -> Decoded<ParquetPage> {
    let (header, at) = super::thrift::page_header(bytes)?;
    let body = bytes.slice(at..);
    if body.len() != header.compressed_bytes || header.body_bytes > PAGE_BYTES_MAX {
        return Err(Damage::new("a page of another size than its header says"));
    }
    let buf = if compressed { decompress(&body, header.body_bytes)? } else { body };
    if buf.len() != header.body_bytes {
        return Err(Damage::new("a page that decompressed to another size"));
    }
    let encoding = encoding(header.encoding)?;
    Ok(match header.is_dictionary {
        true => ParquetPage::DictionaryPage { buf, num_values: header.values, encoding, is_sorted: false },
        false => ParquetPage::DataPage {
            buf,
            num_values: header.values,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        },
    })
}

fn encoding(code: i64) -> Decoded<Encoding> {
    Ok(match code {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        other => return Err(Damage::new(format!("unknown page encoding {other}"))),
    })
}
