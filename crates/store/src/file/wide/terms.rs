//! Terms of a file: which there are, in which blocks, in how many rows of each (STORE 31).
//!
//! A term is bytes that begin with what it is of: `t` and a token of the message; `k` and a field that the row has; `v`, a field, a zero,
//! a letter of the value's type and the value; `c`, a core field, a zero, and its text. Terms of three and more blocks are in the
//! dictionary with exact counts; rarer ones in the group's bloom filter, but for those that a complete column needs.

use super::head::TermPage;
use super::pack_bytes::{Input, Output};
use super::pieces::{self, ALL_LETTERS};
use crate::file::values::{Damage, Decoded};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// A term in this many blocks is in the dictionary.
const DICTIONARY_BLOCKS: u32 = 3;
/// Of a page of the dictionary before compression: what one question decompresses.
const PAGE_BYTES: usize = 16 << 10;
/// A page of the dictionary, at most: one term with all blocks of a file beyond [`PAGE_BYTES`].
pub(super) const PAGE_BYTES_MAX: usize = 4 << 20;
/// Longer values get no term: nobody asks for them whole.
pub(super) const TERM_BYTES_MAX: usize = 256;
/// Pairs of term and block; past them the file ends, so that the memory of a seal is bounded (16 bytes each, with the texts).
const PAIRS_MAX: usize = 6 << 20;

pub(super) const TOKEN: u8 = b't';
pub(super) const KEY: u8 = b'k';
pub(super) const VALUE: u8 = b'v';
pub(super) const CORE: u8 = b'c';

/// The hash that filters know a term by.
pub(super) fn hash(term: &[u8]) -> u64 {
    xxh3_64(term)
}

/// Texts one after the other, found by their hash.
#[derive(Default)]
struct Texts {
    index: HashTable<u32>,
    hashes: Vec<u64>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Texts {
    fn get(&self, id: usize) -> &[u8] {
        let begin = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.bytes[begin..self.ends[id] as usize]
    }

    /// The id of a text, and whether it is new.
    fn id(&mut self, hash: u64, text: &[u8]) -> (usize, bool) {
        let (ends, bytes, hashes) = (&self.ends, &self.bytes, &self.hashes);
        let is_same = |&id: &u32| {
            let id = id as usize;
            let begin = if id == 0 { 0 } else { ends[id - 1] as usize };
            hashes[id] == hash && &bytes[begin..ends[id] as usize] == text
        };
        match self.index.entry(hash, is_same, |&id| hashes[id as usize]) {
            Entry::Occupied(found) => (*found.get() as usize, false),
            Entry::Vacant(free) => {
                let id = self.ends.len();
                free.insert(id as u32);
                self.hashes.push(hash);
                self.bytes.extend_from_slice(text);
                self.ends.push(self.bytes.len() as u32);
                (id, true)
            }
        }
    }

    fn clear(&mut self) {
        self.index.clear();
        self.hashes.clear();
        self.ends.clear();
        self.bytes.clear();
    }
}

/// One term in the block at hand.
struct Local {
    rows: u32,
    last_row: u32,
    forced: bool,
}

/// One term of the file.
#[derive(Default)]
struct Global {
    blocks: u32,
    forced: bool,
}

/// Gathers terms block by block.
#[derive(Default)]
pub(super) struct TermCollector {
    texts: Texts,
    local: Vec<Local>,
    file_texts: Texts,
    file: Vec<Global>,
    /// (term, block, rows), by block.
    pairs: Vec<(u32, u32, u32)>,
    /// Whether the block at hand has tokens that stand as their hash.
    is_hashed: bool,
    /// Blocks with such tokens.
    hashed: Vec<u32>,
}

/// What a file's terms became.
pub(super) struct Finished {
    /// The dictionary's pages, their offsets relative.
    pub(super) bytes: Vec<u8>,
    pub(super) pages: Vec<TermPage>,
    /// Hashes of rare terms by block.
    pub(super) rare: Vec<Vec<u64>>,
    /// What rare tokens are written with, by block ([`pieces::letters`]).
    pub(super) letters: Vec<u64>,
}

impl TermCollector {
    /// Whether the file should end.
    pub(super) fn is_full(&self) -> bool {
        self.pairs.len() > PAIRS_MAX
    }

    /// A row has the term.
    pub(super) fn add(&mut self, term: &[u8], row: u32) {
        let (id, is_new) = self.texts.id(hash(term), term);
        if is_new {
            self.local.push(Local { rows: 1, last_row: row, forced: false });
            return;
        }
        let local = &mut self.local[id];
        local.rows += u32::from(local.last_row != row);
        local.last_row = row;
    }

    /// Rows have the term that no other call tells of. `forced`: it is in the dictionary whatever its blocks.
    pub(super) fn add_rows(&mut self, term: &[u8], rows: u32, forced: bool) {
        let (id, is_new) = self.texts.id(hash(term), term);
        if is_new {
            self.local.push(Local { rows, last_row: u32::MAX, forced });
        } else {
            self.local[id].rows += rows;
            self.local[id].forced |= forced;
        }
    }

    /// The block has tokens that stand as their hash, so that their letters are not known.
    pub(super) fn note_hashed(&mut self) {
        self.is_hashed = true;
    }

    pub(super) fn end_block(&mut self, block: u32) {
        if std::mem::take(&mut self.is_hashed) {
            self.hashed.push(block);
        }
        for (id, local) in self.local.iter().enumerate() {
            let (term, is_new) = self.file_texts.id(self.texts.hashes[id], self.texts.get(id));
            if is_new {
                self.file.push(Global::default());
            }
            self.file[term].blocks += 1;
            self.file[term].forced |= local.forced;
            self.pairs.push((term as u32, block, local.rows));
        }
        self.texts.clear();
        self.local.clear();
    }

    pub(super) fn finish(self, blocks: u32) -> std::io::Result<Finished> {
        let in_dictionary = |g: &Global| g.forced || g.blocks >= DICTIONARY_BLOCKS;
        let mut rare = vec![Vec::new(); blocks as usize];
        let mut letters = vec![0; blocks as usize];
        self.hashed.iter().for_each(|&block| letters[block as usize] = ALL_LETTERS);
        // Pairs of one term lie together, by block, after a counting sort.
        let mut begins = Vec::with_capacity(self.file.len() + 1);
        let mut total = 0u32;
        begins.push(0u32);
        for term in &self.file {
            total += if in_dictionary(term) { term.blocks } else { 0 };
            begins.push(total);
        }
        let mut next = begins.clone();
        let mut sorted = vec![(0u32, 0u32); total as usize];
        for &(term, block, rows) in &self.pairs {
            let term = term as usize;
            if in_dictionary(&self.file[term]) {
                sorted[next[term] as usize] = (block, rows);
                next[term] += 1;
            } else {
                rare[block as usize].push(self.file_texts.hashes[term]);
                if let Some(token) = self.file_texts.get(term).strip_prefix(&[TOKEN]) {
                    letters[block as usize] |= pieces::letters(token);
                }
            }
        }
        let mut order: Vec<u32> =
            (0..self.file.len() as u32).filter(|&id| in_dictionary(&self.file[id as usize])).collect();
        order.sort_unstable_by_key(|&id| self.file_texts.get(id as usize));
        let mut writer = PageWriter::new()?;
        for id in order {
            let id = id as usize;
            let blocks = &sorted[begins[id] as usize..begins[id + 1] as usize];
            writer.push(self.file_texts.get(id), blocks)?;
        }
        writer.end_page()?;
        Ok(Finished { bytes: writer.bytes, pages: writer.pages, rare, letters })
    }
}

struct PageWriter {
    zstd: zstd::bulk::Compressor<'static>,
    page: Output,
    first: Vec<u8>,
    last: Vec<u8>,
    bytes: Vec<u8>,
    pages: Vec<TermPage>,
}

impl PageWriter {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            zstd: zstd::bulk::Compressor::new(6)?,
            page: Output::default(),
            first: Vec::new(),
            last: Vec::new(),
            bytes: Vec::new(),
            pages: Vec::new(),
        })
    }

    /// A term: bytes shared with the last one, the other bytes, then its blocks, each as the distance from the last one and
    /// whether the rows are more than one, which then follow.
    fn push(&mut self, term: &[u8], blocks: &[(u32, u32)]) -> std::io::Result<()> {
        if self.page.0.is_empty() {
            self.first = term.to_vec();
            self.last.clear();
        }
        let shared = term.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        self.page.number(shared as u64);
        self.page.blob(&term[shared..]);
        self.last.truncate(shared);
        self.last.extend_from_slice(&term[shared..]);
        self.page.number(blocks.len() as u64);
        let mut last = 0;
        for &(block, rows) in blocks {
            self.page.number(u64::from(block - last) << 1 | u64::from(rows > 1));
            if rows > 1 {
                self.page.number(u64::from(rows));
            }
            last = block;
        }
        if self.page.0.len() >= PAGE_BYTES { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> std::io::Result<()> {
        if self.page.0.is_empty() {
            return Ok(());
        }
        let squeezed = self.zstd.compress(&self.page.0)?;
        self.pages.push(TermPage {
            first: std::mem::take(&mut self.first).into(),
            offset: self.bytes.len() as u64,
            bytes: squeezed.len() as u32,
            raw_bytes: self.page.0.len() as u32,
        });
        self.bytes.extend_from_slice(&squeezed);
        self.page.0.clear();
        Ok(())
    }
}

/// The blocks of a term, ascending, each with its rows.
pub(super) type Postings = Vec<(u32, u32)>;

/// Shows the terms of a decompressed page, in order, until `show` says no.
pub(super) fn each(
    page: &[u8],
    mut show: impl FnMut(&[u8], &mut dyn FnMut() -> Decoded<Postings>) -> bool,
) -> Decoded<()> {
    let mut input = Input(page);
    let mut term: Vec<u8> = Vec::new();
    while !input.0.is_empty() {
        let shared: usize = input.small()?;
        if shared > term.len() {
            return Err(Damage::new("a term that shares what was not there"));
        }
        term.truncate(shared);
        term.extend_from_slice(input.blob()?);
        let at = input.0;
        if !show(&term, &mut || Input(at).postings()) {
            return Ok(());
        }
        input.skip_postings()?;
    }
    Ok(())
}

impl Input<'_> {
    fn postings(&mut self) -> Decoded<Postings> {
        let n = self.count()?;
        let mut out = Vec::with_capacity(n);
        let mut block = 0u32;
        for _ in 0..n {
            let step: u64 = self.number()?;
            block =
                u32::try_from(u64::from(block) + (step >> 1)).map_err(|_| Damage::new("a block too far"))?;
            let rows = if step & 1 == 1 { self.small()? } else { 1 };
            out.push((block, rows));
        }
        Ok(out)
    }

    fn skip_postings(&mut self) -> Decoded<()> {
        for _ in 0..self.count()? {
            if self.number()? & 1 == 1 {
                self.number()?;
            }
        }
        Ok(())
    }
}
