//! An open wide file: its head, and reads of the pieces that are asked for.

use super::bloom::BloomPlace;
use super::decode::{Dictionary, Packed, Piece, WideCache, dictionary, packed};
use super::foreign::{MAGIC, TRAILER_BYTES};
use super::head::Head;
use super::page::take_page;
use super::schema::{KINDS, Kind};
use super::terms::{PAGE_BYTES_MAX, Postings, each};
use crate::file::cache::PageKey;
use crate::file::disk::{LocalReader, io_error, path_of};
use crate::file::values::{Damage, Decoded};
use crate::parts::FileMeta;
use crate::rows::{BlockAsk, BlockRef, BlockRows, Candidates, RowSource, ShowValue};
use crate::{Error, FieldInfo, Result};
use bytes::Bytes;
use oriel_model::{Core, EntryKind, OrgId};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A head after decompression: 16,384 fields and ten thousands of pages take a few MiB.
const HEAD_BYTES_MAX: usize = 64 << 20;
/// Decoded values up to this are worth a place in the cache: all columns of a block but long texts.
const CACHED_BYTES: usize = 256 << 10;
/// The place of dictionaries and of pages of terms among a file's cached pieces.
const DICTIONARY_PAGE: u32 = u32::MAX;
const TERMS_COLUMN: u16 = u16::MAX;

/// See the module's head.
pub(crate) struct WideFile {
    path: PathBuf,
    reader: LocalReader,
    number: u64,
    pub(super) head: Head,
    pub(super) weighted: bool,
}

/// Of all open files.
static HEADS_BYTES: AtomicUsize = AtomicUsize::new(0);

pub(super) fn heads_bytes() -> usize {
    HEADS_BYTES.load(Ordering::Relaxed)
}

impl Drop for WideFile {
    fn drop(&mut self) {
        HEADS_BYTES.fetch_sub(self.head.heap_bytes(), Ordering::Relaxed);
        WideCache::shared().forget(self.number);
    }
}

impl WideFile {
    pub(crate) fn open(dir: &Path, meta: &FileMeta) -> Result<Self> {
        let path = path_of(dir, meta);
        let reader = LocalReader::open(&path, meta.bytes)?;
        let head = read_head(&path, &reader, meta.bytes)?;
        if head.rows() != meta.rows || (head.schema.org.0, head.schema.org.0) != (meta.org_min, meta.org_max)
        {
            return Err(corrupt(&path, &Damage::new("the head is of other rows than the catalog's")));
        }
        let number = WideCache::shared().file_number();
        HEADS_BYTES.fetch_add(head.heap_bytes(), Ordering::Relaxed);
        Ok(Self { path, reader, number, head, weighted: meta.wide.weighted })
    }

    pub(super) fn corrupt(&self, damage: &Damage) -> Error {
        corrupt(&self.path, damage)
    }

    fn read(&self, offset: u64, len: usize) -> Result<Bytes> {
        self.reader.read(offset, len).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                self.corrupt(&Damage::new("a piece past the end of the file"))
            }
            _ => io_error(&self.path, e),
        })
    }

    fn key(&self, group: u32, column: u16, page: u32) -> PageKey {
        PageKey { file: self.number, group, column, page }
    }

    /// The values of a column in a block. `keep`: they are asked for again soon.
    pub(super) fn packed(&self, block: u32, column: usize, keep: bool) -> Result<Arc<Piece>> {
        let place = self.head.blocks[block as usize];
        let kind = self.head.schema.columns[column].kind;
        let (offset, len) = self.head.groups[place.group as usize].chunks[column].page(place.page as usize);
        let load = || {
            let chunk = &self.head.groups[place.group as usize].chunks[column];
            let dictionary = self.dictionary(place.group, column)?;
            let raw = take_page(&self.read(offset, len)?, chunk.compressed, false);
            raw.and_then(|raw| packed(&raw, kind, dictionary.as_ref(), place.rows as usize))
                .map(Piece::Packed)
                .map_err(|e| self.corrupt(&e))
        };
        // What is small as it lies may still be large as texts; messages always are.
        if !keep || kind == Kind::Message || len > CACHED_BYTES {
            return load().map(Arc::new);
        }
        WideCache::shared().get(self.key(place.group, column as u16, place.page), load)
    }

    fn dictionary(&self, group: u32, column: usize) -> Result<Option<Dictionary>> {
        let chunk = &self.head.groups[group as usize].chunks[column];
        if chunk.dictionary == 0 {
            return Ok(None);
        }
        let kind = self.head.schema.columns[column].kind;
        let piece = WideCache::shared().get(self.key(group, column as u16, DICTIONARY_PAGE), || {
            let bytes = self.read(chunk.offset, chunk.dictionary_bytes as usize)?;
            let raw = take_page(&bytes, chunk.compressed, true);
            raw.and_then(|raw| dictionary(&raw, kind)).map(Piece::Dictionary).map_err(|e| self.corrupt(&e))
        })?;
        match &*piece {
            Piece::Dictionary(found) => Ok(Some(found.clone())),
            _ => Ok(None),
        }
    }

    fn term_page(&self, page: usize) -> Result<Bytes> {
        let place = &self.head.term_pages[page];
        let piece = WideCache::shared().get(self.key(0, TERMS_COLUMN, page as u32), || {
            let raw_bytes = place.raw_bytes as usize;
            if raw_bytes > PAGE_BYTES_MAX {
                return Err(self.corrupt(&Damage::new("a page of terms too large")));
            }
            let bytes = self.read(place.offset, place.bytes as usize)?;
            let page = crate::file::body::decompress(&bytes, raw_bytes).map_err(|e| self.corrupt(&e))?;
            Ok(Piece::Terms(page))
        })?;
        match &*piece {
            Piece::Terms(bytes) => Ok(bytes.clone()),
            _ => Ok(Bytes::new()),
        }
    }

    /// The blocks of a term that the dictionary has.
    pub(super) fn postings(&self, term: &[u8]) -> Result<Option<Postings>> {
        let page = self.head.term_pages.partition_point(|p| *p.first <= *term);
        let Some(page) = page.checked_sub(1) else { return Ok(None) };
        let mut found: Option<Decoded<Postings>> = None;
        each(&self.term_page(page)?, |at, postings| {
            if at == term {
                found = Some(postings());
            }
            at < term
        })
        .map_err(|e| self.corrupt(&e))?;
        found.transpose().map_err(|e| self.corrupt(&e))
    }

    /// Shows every term of the dictionary that begins with a prefix, without it.
    pub(super) fn terms_of(&self, prefix: &[u8], show: impl FnMut(&[u8], Postings)) -> Result<()> {
        self.terms_where(prefix, |_| true, show)
    }

    /// The same for those that are wanted, without their prefix: only their blocks are read.
    pub(super) fn terms_where(
        &self,
        prefix: &[u8],
        is_wanted: impl Fn(&[u8]) -> bool,
        mut show: impl FnMut(&[u8], Postings),
    ) -> Result<()> {
        let first = self.head.term_pages.partition_point(|p| *p.first <= *prefix).saturating_sub(1);
        for page in first..self.head.term_pages.len() {
            let place = &self.head.term_pages[page];
            if *place.first > *prefix && !place.first.starts_with(prefix) {
                break;
            }
            let mut bad = None;
            each(&self.term_page(page)?, |term, postings| {
                if let Some(rest) = term.strip_prefix(prefix).filter(|rest| is_wanted(rest)) {
                    match postings() {
                        Ok(postings) => show(rest, postings),
                        Err(e) => bad = Some(e),
                    }
                }
                term <= prefix || term.starts_with(prefix)
            })
            .map_err(|e| self.corrupt(&e))?;
            if let Some(e) = bad {
                return Err(self.corrupt(&e));
            }
        }
        Ok(())
    }

    /// Whether a block may have an item, by its filter of terms or of ids.
    pub(super) fn may_have(&self, place: &BloomPlace, hash: u64) -> Result<bool> {
        if place.bits == 0 {
            return Ok(false);
        }
        for (offset, bit) in place.places(hash) {
            if self.read(offset, 1)?[0] & bit == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn corrupt(path: &Path, damage: &Damage) -> Error {
    Error::Corrupt { path: path.display().to_string(), what: damage.to_string() }
}

/// The head lies before Parquet's footer, whose length is in the file's last eight bytes.
fn read_head(path: &Path, reader: &LocalReader, bytes: u64) -> Result<Head> {
    let damage = |what: &str| corrupt(path, &Damage::new(what));
    let read = |offset: u64, len: usize| {
        reader.read(offset, len).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => damage("a file without head"),
            _ => io_error(path, e),
        })
    };
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap_or_default());
    let end = bytes.checked_sub(8).ok_or_else(|| damage("a file without end"))?;
    let footer = u64::from(number(&read(end, 4)?));
    let at = end.checked_sub(footer + TRAILER_BYTES as u64).ok_or_else(|| damage("a footer too long"))?;
    let trailer = read(at, TRAILER_BYTES)?;
    if trailer[12..] != MAGIC {
        return Err(damage("no file of wide rows"));
    }
    let (len, raw, crc) = (number(&trailer[..4]), number(&trailer[4..8]), number(&trailer[8..12]));
    let at = at.checked_sub(u64::from(len)).ok_or_else(|| damage("a head too long"))?;
    let squeezed = read(at, len as usize)?;
    if crc32c::crc32c(&squeezed) != crc || raw as usize > HEAD_BYTES_MAX {
        return Err(damage("the head is not what was written"));
    }
    crate::file::body::decompress(&squeezed, raw as usize)
        .and_then(|bytes| Head::decode(&bytes))
        .map_err(|e| corrupt(path, &e))
}

impl Packed {
    /// The packed values of a piece; a piece of a column is never anything else.
    pub(super) fn of(piece: &Piece) -> Option<&Self> {
        match piece {
            Piece::Packed(packed) => Some(packed),
            _ => None,
        }
    }
}

impl RowSource for WideFile {
    fn span(&self) -> (i64, i64) {
        let spans = self.head.blocks.iter();
        spans.fold((i64::MAX, i64::MIN), |(first, last), b| (first.min(b.first_ns), last.max(b.last_ns)))
    }

    fn rows(&self) -> u64 {
        self.head.rows()
    }

    fn blocks(&self, ask: &BlockAsk<'_>) -> Result<Candidates> {
        super::prune::candidates(self, ask)
    }

    fn values(&self, core: Core, show: &mut ShowValue<'_>) -> Result<bool> {
        super::prune::values_of(self, core, show)
    }

    fn open<'a>(&'a self, block: &BlockRef) -> Result<Box<dyn BlockRows + 'a>> {
        Ok(Box::new(super::block::WideBlock::new(self, block.number, true)))
    }

    fn fields(&self, org: OrgId, add: &mut dyn FnMut(FieldInfo)) -> Result<()> {
        if org != self.head.schema.org {
            return Ok(());
        }
        for field in &self.head.fields {
            let counts: &[u64; KINDS] = &field.counts;
            let of = |kind: EntryKind| counts[kind as usize];
            add(FieldInfo {
                field: field.field.clone(),
                numbers: of(EntryKind::Int) + of(EntryKind::Uint) + of(EntryKind::Float),
                texts: of(EntryKind::Text),
                bools: of(EntryKind::Bool),
                lists: of(EntryKind::List),
            });
        }
        Ok(())
    }
}
