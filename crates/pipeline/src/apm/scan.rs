//! Reads of a batch of spans what counting needs, row by row, with the keys found once a batch.

use super::group::SpanKind;
use oriel_model::{Core, Field, KeyId, RowBatch, ValueRef};

/// The keys that matter; `u32::MAX` for one that no row has.
pub(crate) struct Keys {
    top_level: KeyId,
    measured: KeyId,
    span_kind: KeyId,
    http_status: KeyId,
    origin: KeyId,
    base_service: KeyId,
}

/// What one span's attributes say.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks<'a> {
    pub(crate) is_counted: bool,
    pub(crate) span_kind: SpanKind,
    pub(crate) http_status: u16,
    pub(crate) synthetics: bool,
    /// The service that a renamed span really ran in.
    pub(crate) base_service: Option<&'a str>,
}

impl Keys {
    pub(crate) fn of(batch: &RowBatch) -> Self {
        let find = |path: &str| {
            let found = batch.keys.iter().position(|k| matches!(k, Field::Attr(p) if &**p == path));
            found.and_then(|i| KeyId::try_from(i).ok()).unwrap_or(KeyId::MAX)
        };
        Self {
            top_level: find("_top_level"),
            measured: find("_dd.measured"),
            span_kind: find("span.kind"),
            http_status: find("http.status_code"),
            origin: find("_dd.origin"),
            base_service: find("_dd.base_service"),
        }
    }

    fn matters(&self, key: KeyId) -> bool {
        let keys =
            [self.top_level, self.measured, self.span_kind, self.http_status, self.origin, self.base_service];
        keys.contains(&key)
    }

    fn note<'a>(&self, key: KeyId, value: ValueRef<'a>, marks: &mut Marks<'a>) {
        match value {
            _ if key == self.top_level || key == self.measured => marks.is_counted |= is_one(value),
            _ if key == self.http_status => marks.http_status = status(value),
            ValueRef::Text(text) if key == self.span_kind => marks.span_kind = SpanKind::parse(text),
            ValueRef::Text(text) if key == self.origin => marks.synthetics = text.starts_with("synthetics"),
            ValueRef::Text(text) if key == self.base_service && !text.is_empty() => {
                marks.base_service = Some(text);
            }
            _ => {}
        }
    }

    pub(crate) fn marks<'a>(&self, batch: &'a RowBatch, row: usize) -> Marks<'a> {
        let mut marks = Marks::default();
        let begin = if row == 0 { 0 } else { batch.entry_ends[row - 1] as usize };
        let end = batch.entry_ends.get(row).map_or(begin, |&e| e as usize);
        // Keys first: reading the values of all of them would cost more than the rest of counting.
        for (i, key) in (begin..).zip(&batch.entry_keys[begin..end]) {
            if self.matters(*key) {
                self.note(*key, batch.entry(i), &mut marks);
            }
        }
        marks.is_counted |= marks.span_kind.is_counted() || batch.parent_id.get(row).is_none_or(|&p| p == 0);
        marks
    }
}

fn is_one(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Int(n) => n == 1,
        ValueRef::Uint(n) => n == 1,
        ValueRef::Float(x) => x == 1.0,
        ValueRef::Bool(b) => b,
        _ => false,
    }
}

fn status(value: ValueRef<'_>) -> u16 {
    let code = match value {
        ValueRef::Int(n) => u16::try_from(n).unwrap_or(0),
        ValueRef::Uint(n) => u16::try_from(n).unwrap_or(0),
        ValueRef::Text(text) => text.parse().unwrap_or(0),
        _ => 0,
    };
    // What is no status would be a series of its own for each.
    if (100..600).contains(&code) { code } else { 0 }
}

/// When a span ended, in milliseconds.
pub(crate) fn end_ms(batch: &RowBatch, row: usize) -> i64 {
    batch.time_ns[row].saturating_add(duration_ns(batch, row)).div_euclid(1_000_000)
}

pub(crate) fn duration_ns(batch: &RowBatch, row: usize) -> i64 {
    batch.duration_ns.get(row).copied().unwrap_or(0)
}

pub(crate) fn is_error(batch: &RowBatch, row: usize) -> bool {
    batch.text(Core::Status, row) == "error"
}

/// A word's number in a batch: equal texts of a column have equal ones.
pub(crate) fn word(batch: &RowBatch, core: Core, row: usize) -> u32 {
    core.text_index().and_then(|i| batch.words.get(i)?.rows.get(row)).copied().unwrap_or(0)
}
