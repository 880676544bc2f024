//! How a decoder writes rows: field by field into the batch's columns, no struct a row.
//!
//! `begin`, setters in any order, then `end`; a row that breaks a limit or lies outside of the accepted times is taken back
//! whole, and counted with its reason.

use super::batch::EntryKind;
use super::{Core, Field, KeyId, Row, RowBatch, Value, ValueRef, WordColumn};
use crate::{Limits, OrgId, Reason, Rejections, Signal, TimeRange};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// See the module's head.
pub struct RowBatchBuilder {
    batch: RowBatch,
    limits: Limits,
    accepted: TimeRange,
    rejections: Rejections,
    own_times: bool,
    word_index: [HashTable<u32>; Core::WORDS],
    key_index: HashTable<KeyId>,
    /// The row that last used a key, plus one, and the place of its entry.
    key_rows: Vec<(u32, u32)>,
    row: Staged,
}

/// What of the open row is not in the columns yet.
#[derive(Default)]
struct Staged {
    time_ns: i64,
    words: [u32; Core::WORDS],
    trace_id: u128,
    span_id: u64,
    parent_id: u64,
    duration_ns: i64,
    weight: f32,
    refused: Option<Reason>,
    message_begin: usize,
    entries_begin: usize,
    texts_begin: usize,
}

impl RowBatchBuilder {
    /// Rows outside of `accepted` are refused by reason.
    pub fn new(org: OrgId, signal: Signal, limits: &Limits, accepted: TimeRange) -> Self {
        Self {
            batch: RowBatch::new(org, signal),
            limits: limits.clone(),
            accepted,
            rejections: Rejections::default(),
            own_times: true,
            word_index: Default::default(),
            key_index: HashTable::new(),
            key_rows: Vec::new(),
            row: Staged::default(),
        }
    }

    pub fn signal(&self) -> Signal {
        self.batch.signal
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn len(&self) -> usize {
        self.batch.len()
    }

    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Opens a row. One that was open and not ended is taken back.
    pub fn begin(&mut self, time_ns: i64) {
        self.take_back();
        self.row = Staged {
            time_ns,
            weight: 1.0,
            message_begin: self.batch.message.bytes.len(),
            entries_begin: self.batch.entry_bits.len(),
            texts_begin: self.batch.texts.len(),
            ..Staged::default()
        };
    }

    /// The row's time was not its sender's: a body with such a row may be sent again and mean new rows (STORE 12).
    pub fn note_filled_time(&mut self) {
        self.own_times = false;
    }

    /// Whether every row bore its own time.
    pub fn bears_own_times(&self) -> bool {
        self.own_times
    }

    pub fn set_time(&mut self, time_ns: i64) {
        self.row.time_ns = time_ns;
    }

    /// Sets a core text; the last one wins. Core fields that are no texts are left alone.
    pub fn set_text(&mut self, core: Core, text: &str) {
        match core.text_index() {
            Some(i) if i < Core::WORDS => {
                if text.len() > self.limits.word_bytes {
                    self.row.refused = Some(Reason::TextTooLong);
                    return;
                }
                self.row.words[i] = intern(&mut self.batch.words[i], &mut self.word_index[i], text);
            }
            Some(_) => {
                if text.len() > self.limits.message_bytes {
                    self.row.refused = Some(Reason::TextTooLong);
                    return;
                }
                self.batch.message.bytes.truncate(self.row.message_begin);
                self.batch.message.bytes.push_str(text);
            }
            None => {}
        }
    }

    /// The id of a core text of few values, which a decoder may keep over the rows of a batch; `None` for one that is too long,
    /// or for a core field that is no such text.
    pub fn word(&mut self, core: Core, text: &str) -> Option<u32> {
        let i = core.text_index().filter(|&i| i < Core::WORDS)?;
        (text.len() <= self.limits.word_bytes)
            .then(|| intern(&mut self.batch.words[i], &mut self.word_index[i], text))
    }

    /// Sets a core text by the id that [`Self::word`] gave for the same field.
    pub fn set_word(&mut self, core: Core, word: u32) {
        if let Some(i) = core.text_index().filter(|&i| i < Core::WORDS) {
            self.row.words[i] = word;
        }
    }

    /// A core text that the open row has; empty when none was set.
    pub fn text(&self, core: Core) -> &str {
        match core.text_index() {
            Some(i) if i < Core::WORDS => {
                self.batch.words[i].values.get(self.row.words[i] as usize).map_or("", AsRef::as_ref)
            }
            Some(_) => &self.batch.message.bytes[self.row.message_begin..],
            None => "",
        }
    }

    pub fn set_trace_id(&mut self, id: u128) {
        self.row.trace_id = id;
    }

    pub fn set_span_id(&mut self, id: u64) {
        self.row.span_id = id;
    }

    pub fn set_parent_id(&mut self, id: u64) {
        self.row.parent_id = id;
    }

    pub fn set_duration(&mut self, ns: i64) {
        self.row.duration_ns = ns;
    }

    pub fn set_weight(&mut self, weight: f32) {
        self.row.weight = weight;
    }

    /// The id of an attribute's path (without `@`). Asking costs one hash; a decoder may keep ids over the rows of a batch.
    pub fn attr_key(&mut self, path: &str) -> KeyId {
        self.key(b'@', path)
    }

    /// The id of a tag's key.
    pub fn tag_key(&mut self, key: &str) -> KeyId {
        self.key(b' ', key)
    }

    /// Sets an attribute of the open row; a second value replaces the first.
    pub fn attr(&mut self, key: KeyId, value: ValueRef<'_>) {
        if let Some(at) = self.entry_of(key) {
            let (kind, bits) = self.encode(value);
            self.batch.entry_kinds[at] = kind;
            self.batch.entry_bits[at] = bits;
            return;
        }
        self.push_entry(key, value);
    }

    /// Adds a tag, `key:value` or bare; a second value of a key makes a list. `host`, `service`, `env`, `version`, `status` and
    /// `source` fill the core fields that are still empty, and stay no tags then.
    pub fn tag(&mut self, tag: &str) {
        if tag.is_empty() {
            return;
        }
        if tag.len() > self.limits.tag_bytes {
            self.row.refused = Some(Reason::TagTooLong);
            return;
        }
        let (name, value) = match tag.split_once(':') {
            Some((key, value)) if !key.is_empty() => (key, value),
            _ => (Field::BARE, tag),
        };
        let core = match name {
            "host" => Some(Core::Host),
            "service" => Some(Core::Service),
            "env" => Some(Core::Env),
            "version" => Some(Core::Version),
            "source" => Some(Core::Source),
            _ => None,
        };
        if let Some(core) = core {
            if self.text(core).is_empty() {
                self.set_text(core, value);
                return;
            }
            if self.text(core) == value {
                return;
            }
        }
        let key = self.tag_key(name);
        match self.entry_of(key) {
            Some(at) => self.add_to_list(at, value),
            None => self.push_entry(key, ValueRef::Text(value)),
        }
    }

    /// Refuses the open row, whatever `end` would say.
    pub fn refuse(&mut self, reason: Reason) {
        self.row.refused = Some(reason);
    }

    /// Counts a row that was never opened, because it can't be read.
    pub fn reject(&mut self, reason: Reason, text: impl FnOnce() -> String) {
        self.rejections.add(reason, 1, text);
    }

    /// Takes the open row, or refuses it by its reason. Whether it was taken.
    pub fn end(&mut self) -> bool {
        let reason = self.row.refused.or_else(|| self.breach());
        if let Some(reason) = reason {
            let (time_ns, limits) = (self.row.time_ns, Rejections::EXAMPLE_BYTES);
            let message: String = self.text(Core::Message).chars().take(limits).collect();
            self.rejections
                .add(reason, 1, || format!("row at {} ms: {message}", time_ns.div_euclid(1_000_000)));
            self.take_back();
            return false;
        }
        self.commit();
        true
    }

    /// Adds a whole row.
    pub fn push(&mut self, row: &Row) -> bool {
        self.begin(row.time_ns);
        for core in Core::ALL.into_iter().take(Core::TEXTS) {
            if !row.text(core).is_empty() {
                self.set_text(core, row.text(core));
            }
        }
        self.row.trace_id = row.trace_id;
        self.row.span_id = row.span_id;
        self.row.parent_id = row.parent_id;
        self.row.duration_ns = row.duration_ns;
        self.row.weight = row.weight;
        for (field, value) in &row.attributes {
            let key = match field {
                Field::Attr(path) => self.attr_key(path),
                Field::Tag(key) => self.tag_key(key),
                Field::Core(_) => continue,
            };
            self.attr_value(key, value);
        }
        self.end()
    }

    /// An owned value as an attribute.
    pub fn attr_value(&mut self, key: KeyId, value: &Value) {
        match value {
            Value::Null => self.attr(key, ValueRef::Null),
            Value::Bool(b) => self.attr(key, ValueRef::Bool(*b)),
            Value::Int(n) => self.attr(key, ValueRef::Int(*n)),
            Value::Uint(n) => self.attr(key, ValueRef::Uint(*n)),
            Value::Float(x) => self.attr(key, ValueRef::Float(*x)),
            Value::Text(t) => self.attr(key, ValueRef::Text(t)),
            Value::List(_) => self.attr(key, ValueRef::List(&value.to_json().to_string())),
        }
    }

    /// The batch, and what was refused.
    pub fn finish(mut self) -> (RowBatch, Rejections) {
        self.take_back();
        (self.batch, self.rejections)
    }

    fn breach(&self) -> Option<Reason> {
        let time_ms = self.row.time_ns.div_euclid(1_000_000);
        if time_ms < self.accepted.start {
            return Some(Reason::OlderThanRetention);
        }
        if time_ms >= self.accepted.end {
            return Some(Reason::TooFarAhead);
        }
        if self.batch.entry_bits.len() - self.row.entries_begin > self.limits.attributes_per_row {
            return Some(Reason::TooManyAttributes);
        }
        // Places in the arenas are 32 bits wide.
        let full = |len: usize| len > u32::MAX as usize;
        (full(self.batch.texts.len()) || full(self.batch.message.bytes.len())).then_some(Reason::TextTooLong)
    }

    fn commit(&mut self) {
        let rows = self.batch.len();
        let (batch, row) = (&mut self.batch, &self.row);
        batch.time_ns.push(row.time_ns);
        for (column, &word) in batch.words.iter_mut().zip(&row.words) {
            if word != 0 || !column.rows.is_empty() {
                column.rows.resize(rows, 0);
                column.rows.push(word);
            }
        }
        batch.message.ends.push(u32::try_from(batch.message.bytes.len()).unwrap_or(u32::MAX));
        set(&mut batch.trace_id, rows, row.trace_id, 0);
        set(&mut batch.span_id, rows, row.span_id, 0);
        set(&mut batch.parent_id, rows, row.parent_id, 0);
        set(&mut batch.duration_ns, rows, row.duration_ns, 0);
        set(&mut batch.weight, rows, row.weight, 1.0);
        batch.entry_ends.push(u32::try_from(batch.entry_bits.len()).unwrap_or(u32::MAX));
        self.row.message_begin = self.batch.message.bytes.len();
        self.row.entries_begin = self.batch.entry_bits.len();
        self.row.texts_begin = self.batch.texts.len();
    }

    fn take_back(&mut self) {
        let row = &self.row;
        // The row's number is used again: forget where its entries were.
        for &key in self.batch.entry_keys.get(row.entries_begin..).unwrap_or_default() {
            self.key_rows[key as usize] = (0, 0);
        }
        self.batch.message.bytes.truncate(row.message_begin);
        self.batch.entry_bits.truncate(row.entries_begin);
        self.batch.entry_keys.truncate(row.entries_begin);
        self.batch.entry_kinds.truncate(row.entries_begin);
        self.batch.texts.truncate(row.texts_begin);
    }

    fn row_number(&self) -> u32 {
        u32::try_from(self.batch.len() + 1).unwrap_or(u32::MAX)
    }

    fn key(&mut self, kind: u8, name: &str) -> KeyId {
        let hash = xxh3_64(name.as_bytes()) ^ u64::from(kind);
        let keys = &mut self.batch.keys;
        let is = |field: &Field| match field {
            Field::Attr(path) => kind == b'@' && &**path == name,
            Field::Tag(key) => kind != b'@' && &**key == name,
            Field::Core(_) => false,
        };
        let rehash = |field: &Field| match field {
            Field::Attr(path) => xxh3_64(path.as_bytes()) ^ u64::from(b'@'),
            Field::Tag(key) => xxh3_64(key.as_bytes()) ^ u64::from(b' '),
            Field::Core(_) => 0,
        };
        match self.key_index.entry(hash, |&id| is(&keys[id as usize]), |&id| rehash(&keys[id as usize])) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let id = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                free.insert(id);
                keys.push(if kind == b'@' { Field::attr(name) } else { Field::tag(name) });
                self.key_rows.push((0, 0));
                id
            }
        }
    }

    /// The open row's entry of a key.
    fn entry_of(&self, key: KeyId) -> Option<usize> {
        let (row, at) = self.key_rows[key as usize];
        (row == self.row_number()).then_some(at as usize)
    }

    fn push_entry(&mut self, key: KeyId, value: ValueRef<'_>) {
        let name_bytes = match &self.batch.keys[key as usize] {
            Field::Attr(name) | Field::Tag(name) => name.len(),
            Field::Core(_) => 0,
        };
        if name_bytes > self.limits.attribute_name_bytes {
            self.row.refused = Some(Reason::NameTooLong);
            return;
        }
        let at = self.batch.entry_bits.len();
        let (kind, bits) = self.encode(value);
        self.key_rows[key as usize] = (self.row_number(), u32::try_from(at).unwrap_or(u32::MAX));
        self.batch.entry_keys.push(key);
        self.batch.entry_kinds.push(kind);
        self.batch.entry_bits.push(bits);
    }

    fn encode(&mut self, value: ValueRef<'_>) -> (EntryKind, u64) {
        match value {
            ValueRef::Null => (EntryKind::Null, 0),
            ValueRef::Bool(b) => (EntryKind::Bool, u64::from(b)),
            ValueRef::Int(n) => (EntryKind::Int, n as u64),
            ValueRef::Uint(n) => match i64::try_from(n) {
                Ok(_) => (EntryKind::Int, n),
                Err(_) => (EntryKind::Uint, n),
            },
            ValueRef::Float(x) if x.is_finite() => (EntryKind::Float, x.to_bits()),
            // JSON has no form for it, and no comparison would be true.
            ValueRef::Float(x) => (EntryKind::Text, self.place(&x.to_string())),
            ValueRef::Text(text) => (EntryKind::Text, self.place(text)),
            ValueRef::List(json) => (EntryKind::List, self.place(json)),
        }
    }

    fn place(&mut self, text: &str) -> u64 {
        if text.len() > self.limits.attribute_bytes {
            self.row.refused = Some(Reason::TextTooLong);
            return 0;
        }
        let start = self.batch.texts.len() as u64;
        self.batch.texts.push_str(text);
        start << 32 | text.len() as u64
    }

    fn add_to_list(&mut self, at: usize, value: &str) {
        let mut list = match self.batch.entry(at).to_value() {
            Value::List(list) => list,
            one => vec![one],
        };
        let value = Value::Text(value.into());
        if list.contains(&value) {
            return;
        }
        list.push(value);
        let json = Value::List(list).to_json().to_string();
        let (kind, bits) = self.encode(ValueRef::List(&json));
        self.batch.entry_kinds[at] = kind;
        self.batch.entry_bits[at] = bits;
    }
}

/// Puts a row's value into a column that stays empty while every row has the default.
fn set<T: Copy + PartialEq>(column: &mut Vec<T>, rows: usize, value: T, default: T) {
    if value != default || !column.is_empty() {
        column.resize(rows, default);
        column.push(value);
    }
}

fn intern(column: &mut WordColumn, index: &mut HashTable<u32>, text: &str) -> u32 {
    if text.is_empty() {
        return 0;
    }
    if column.values.is_empty() {
        column.values.push("".into());
    }
    let values = &mut column.values;
    let hash = xxh3_64(text.as_bytes());
    let same = |&i: &u32| &*values[i as usize] == text;
    match index.entry(hash, same, |&i| xxh3_64(values[i as usize].as_bytes())) {
        Entry::Occupied(found) => *found.get(),
        Entry::Vacant(free) => {
            let id = u32::try_from(values.len()).unwrap_or(u32::MAX);
            free.insert(id);
            values.push(text.into());
            id
        }
    }
}
