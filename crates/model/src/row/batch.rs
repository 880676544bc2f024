//! Rows of one signal and one org as columns: what an intake makes, the log keeps and the head holds.
//!
//! Invariants: every core column has one entry a row, or is empty when no row has a value; entries of attributes are grouped by
//! row, each key at most once a row; texts are UTF-8.

use super::{Core, Field, Row, ValueRef};
use crate::{OrgId, Signal};

/// An attribute's or tag's place in [`RowBatch::keys`].
pub type KeyId = u32;

/// A column of texts of few values: an index into `values` for each row; 0 is the empty text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordColumn {
    pub rows: Vec<u32>,
    /// The first is the empty text, when there are any.
    pub values: Vec<Box<str>>,
}

impl WordColumn {
    pub fn get(&self, row: usize) -> &str {
        self.rows.get(row).and_then(|&i| self.values.get(i as usize)).map_or("", AsRef::as_ref)
    }
}

/// A column of texts, one after the other; `ends` holds where each ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextColumn {
    pub ends: Vec<u32>,
    pub bytes: String,
}

impl TextColumn {
    pub fn get(&self, row: usize) -> &str {
        let begin = if row == 0 { 0 } else { self.ends.get(row - 1).copied().unwrap_or(0) };
        let end = self.ends.get(row).copied().unwrap_or(begin);
        self.bytes.get(begin as usize..end as usize).unwrap_or("")
    }
}

/// How an entry's 64 bits are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    Null = 0,
    Bool = 1,
    Int = 2,
    Uint = 3,
    Float = 4,
    /// Start and length in the batch's texts, 32 bits each.
    Text = 5,
    /// The same, of a JSON array.
    List = 6,
}

impl EntryKind {
    pub fn from_u8(code: u8) -> Option<Self> {
        [Self::Null, Self::Bool, Self::Int, Self::Uint, Self::Float, Self::Text, Self::List]
            .get(usize::from(code))
            .copied()
    }
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub struct RowBatch {
    pub org: OrgId,
    pub signal: Signal,
    pub time_ns: Vec<i64>,
    /// The core texts of few values, by [`Core`]'s number.
    pub words: [WordColumn; Core::WORDS],
    pub message: TextColumn,
    /// Empty when no row has one, like the next four.
    pub trace_id: Vec<u128>,
    pub span_id: Vec<u64>,
    pub parent_id: Vec<u64>,
    pub duration_ns: Vec<i64>,
    pub weight: Vec<f32>,
    /// Attributes and tags that occur, [`Field::Attr`] or [`Field::Tag`].
    pub keys: Vec<Field>,
    /// Where each row's entries end.
    pub entry_ends: Vec<u32>,
    pub entry_keys: Vec<KeyId>,
    pub entry_kinds: Vec<EntryKind>,
    pub entry_bits: Vec<u64>,
    /// Texts and lists of the entries.
    pub texts: String,
}

impl RowBatch {
    pub fn new(org: OrgId, signal: Signal) -> Self {
        Self {
            org,
            signal,
            time_ns: Vec::new(),
            words: Default::default(),
            message: TextColumn::default(),
            trace_id: Vec::new(),
            span_id: Vec::new(),
            parent_id: Vec::new(),
            duration_ns: Vec::new(),
            weight: Vec::new(),
            keys: Vec::new(),
            entry_ends: Vec::new(),
            entry_keys: Vec::new(),
            entry_kinds: Vec::new(),
            entry_bits: Vec::new(),
            texts: String::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.time_ns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.time_ns.is_empty()
    }

    /// Heap bytes held, for the budget.
    pub fn heap_bytes(&self) -> usize {
        let words: usize = self.words.iter().map(|w| w.rows.len() * 4 + w.values.len() * 40).sum();
        words
            + self.len() * 16
            + self.message.bytes.len()
            + self.trace_id.len() * 16
            + (self.span_id.len() + self.parent_id.len() + self.duration_ns.len()) * 8
            + self.entry_bits.len() * 13
            + self.texts.len()
            + self.keys.len() * 48
    }

    /// A core text of a row; empty when it has none.
    pub fn text(&self, core: Core, row: usize) -> &str {
        match core.text_index() {
            Some(i) if i < Core::WORDS => self.words[i].get(row),
            Some(_) => self.message.get(row),
            None => "",
        }
    }

    pub fn weight(&self, row: usize) -> f32 {
        self.weight.get(row).copied().unwrap_or(1.0)
    }

    /// A row's attributes and tags.
    pub fn entries(&self, row: usize) -> impl Iterator<Item = (KeyId, ValueRef<'_>)> {
        let begin = if row == 0 { 0 } else { self.entry_ends[row - 1] as usize };
        let end = self.entry_ends.get(row).map_or(begin, |&e| e as usize);
        (begin..end).map(|i| (self.entry_keys[i], self.entry(i)))
    }

    /// The value of one entry.
    pub fn entry(&self, i: usize) -> ValueRef<'_> {
        let bits = self.entry_bits[i];
        let text = || {
            let (start, len) = ((bits >> 32) as usize, (bits & 0xffff_ffff) as usize);
            self.texts.get(start..start + len).unwrap_or("")
        };
        match self.entry_kinds[i] {
            EntryKind::Null => ValueRef::Null,
            EntryKind::Bool => ValueRef::Bool(bits != 0),
            EntryKind::Int => ValueRef::Int(bits as i64),
            EntryKind::Uint => ValueRef::Uint(bits),
            EntryKind::Float => ValueRef::Float(f64::from_bits(bits)),
            EntryKind::Text => ValueRef::Text(text()),
            EntryKind::List => ValueRef::List(text()),
        }
    }

    /// A whole row.
    pub fn row(&self, row: usize) -> Row {
        let mut out = Row::new(self.time_ns[row]);
        for core in Core::ALL.into_iter().take(Core::TEXTS) {
            out.set_text(core, self.text(core, row));
        }
        out.trace_id = self.trace_id.get(row).copied().unwrap_or(0);
        out.span_id = self.span_id.get(row).copied().unwrap_or(0);
        out.parent_id = self.parent_id.get(row).copied().unwrap_or(0);
        out.duration_ns = self.duration_ns.get(row).copied().unwrap_or(0);
        out.weight = self.weight(row);
        out.attributes = self
            .entries(row)
            .map(|(key, value)| (self.keys[key as usize].clone(), value.to_value()))
            .collect();
        out
    }
}
