//! A batch written again: most rows copied from column to column, some replaced.

use oriel_model::{Core, Field, KeyId, Limits, Row, RowBatch, RowBatchBuilder, TimeRange};

/// See the module's head.
pub(crate) struct Rebuild<'a> {
    from: &'a RowBatch,
    to: RowBatchBuilder,
    accepted: TimeRange,
    /// The new key of each old one, once it is known.
    keys: Vec<Option<KeyId>>,
}

impl<'a> Rebuild<'a> {
    /// Rows that are copied were accepted before; `accepted` is for those whose time is changed.
    pub(crate) fn new(from: &'a RowBatch, limits: &Limits, accepted: TimeRange) -> Self {
        let to = RowBatchBuilder::new(from.org, from.signal, limits, TimeRange::all());
        Self { from, to, accepted, keys: vec![None; from.keys.len()] }
    }

    /// The row as it is.
    pub(crate) fn copy(&mut self, at: usize) {
        let (from, to) = (self.from, &mut self.to);
        to.begin(from.time_ns[at]);
        for core in Core::ALL.into_iter().take(Core::TEXTS) {
            let text = from.text(core, at);
            if !text.is_empty() {
                to.set_text(core, text);
            }
        }
        to.set_trace_id(from.trace_id.get(at).copied().unwrap_or(0));
        to.set_span_id(from.span_id.get(at).copied().unwrap_or(0));
        to.set_parent_id(from.parent_id.get(at).copied().unwrap_or(0));
        to.set_duration(from.duration_ns.get(at).copied().unwrap_or(0));
        to.set_weight(from.weight(at));
        for (key, value) in from.entries(at) {
            let known = &mut self.keys[key as usize];
            let new = *known.get_or_insert_with(|| match &from.keys[key as usize] {
                Field::Tag(name) => to.tag_key(name),
                Field::Attr(name) => to.attr_key(name),
                Field::Core(core) => to.attr_key(core.as_str()),
            });
            to.attr(new, value);
        }
        to.end();
    }

    /// The changed row, or the old one when the changed one can't be accepted.
    pub(crate) fn push_or_copy(&mut self, row: &Row, at: usize) {
        let mut changed = None;
        let row = if self.accepted.contains(row.time_ms()) {
            row
        } else {
            // Only the time is out of bounds: the rest of what was found is kept.
            &*changed.insert(Row { time_ns: self.from.time_ns[at], ..row.clone() })
        };
        if !self.to.push(row) {
            self.copy(at);
        }
    }

    /// The changed row in the old one's place. The old one may not be stored: should the changed one be too large, what made it
    /// so goes.
    pub(crate) fn push_or_empty(&mut self, row: &Row) {
        if !self.to.push(row) {
            let mut small = Row { attributes: Vec::new(), ..row.clone() };
            small.set_text(Core::Message, "");
            self.to.push(&small);
        }
    }

    pub(crate) fn finish(self) -> RowBatch {
        self.to.finish().0
    }
}
