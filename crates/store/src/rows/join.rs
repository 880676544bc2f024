//! Batches put one after the other into a new one: small requests made larger, and parts of large ones.

use hashbrown::HashMap;
use oriel_model::{EntryKind, Field, RowBatch, WordColumn};
use std::ops::Range;

/// Builds one batch out of parts of others of the same org and signal.
pub(crate) struct Join {
    batch: RowBatch,
    words: [HashMap<Box<str>, u32>; oriel_model::Core::WORDS],
    keys: HashMap<Field, u32>,
}

impl Join {
    pub(crate) fn new(org: oriel_model::OrgId, signal: oriel_model::Signal) -> Self {
        Self { batch: RowBatch::new(org, signal), words: Default::default(), keys: HashMap::new() }
    }

    /// Adds some rows of a batch.
    pub(crate) fn add(&mut self, from: &RowBatch, rows: Range<usize>) {
        let before = self.batch.len();
        let to = &mut self.batch;
        to.time_ns.extend_from_slice(&from.time_ns[rows.clone()]);
        for ((column, index), source) in to.words.iter_mut().zip(&mut self.words).zip(&from.words) {
            add_words(column, index, (source, &rows), before);
        }
        add_messages(to, from, &rows);
        extend(&mut to.trace_id, &from.trace_id, (&rows, before), 0);
        extend(&mut to.span_id, &from.span_id, (&rows, before), 0);
        extend(&mut to.parent_id, &from.parent_id, (&rows, before), 0);
        extend(&mut to.duration_ns, &from.duration_ns, (&rows, before), 0);
        extend(&mut to.weight, &from.weight, (&rows, before), 1.0);
        self.add_entries(from, &rows);
    }

    fn add_entries(&mut self, from: &RowBatch, rows: &Range<usize>) {
        let to = &mut self.batch;
        let end_of = |row: usize| from.entry_ends[row];
        let begin = if rows.start == 0 { 0 } else { end_of(rows.start - 1) };
        let end = if rows.is_empty() { begin } else { end_of(rows.end - 1) };
        let base = u32::try_from(to.entry_bits.len()).unwrap_or(u32::MAX);
        to.entry_ends.extend(from.entry_ends[rows.clone()].iter().map(|e| base + (e - begin)));
        let entries = begin as usize..end as usize;
        let mut places = vec![u32::MAX; from.keys.len()];
        for &key in &from.entry_keys[entries.clone()] {
            let place = &mut places[key as usize];
            if *place == u32::MAX {
                let field = &from.keys[key as usize];
                *place = *self.keys.entry_ref(field).or_insert_with(|| {
                    to.keys.push(field.clone());
                    to.keys.len() as u32 - 1
                });
            }
            to.entry_keys.push(*place);
        }
        to.entry_kinds.extend_from_slice(&from.entry_kinds[entries.clone()]);
        for i in entries {
            let bits = from.entry_bits[i];
            let is_text = matches!(from.entry_kinds[i], EntryKind::Text | EntryKind::List);
            to.entry_bits.push(if is_text {
                let (start, len) = ((bits >> 32) as usize, (bits & 0xffff_ffff) as usize);
                let at = to.texts.len() as u64;
                to.texts.push_str(&from.texts[start..start + len]);
                at << 32 | len as u64
            } else {
                bits
            });
        }
    }

    pub(crate) fn finish(self) -> RowBatch {
        self.batch
    }
}

fn add_words(
    column: &mut WordColumn,
    index: &mut HashMap<Box<str>, u32>,
    (source, rows): (&WordColumn, &Range<usize>),
    before: usize,
) {
    if source.rows.is_empty() {
        if !column.rows.is_empty() {
            column.rows.resize(before + rows.len(), 0);
        }
        return;
    }
    column.rows.resize(before, 0);
    if column.values.is_empty() {
        column.values.push("".into());
    }
    let mut places = vec![u32::MAX; source.values.len()];
    for &word in &source.rows[rows.clone()] {
        let place = &mut places[word as usize];
        if *place == u32::MAX {
            let text = &*source.values[word as usize];
            *place = match text {
                "" => 0,
                text => index.get(text).copied().unwrap_or_else(|| {
                    let next = column.values.len() as u32;
                    column.values.push(text.into());
                    index.insert(text.into(), next);
                    next
                }),
            };
        }
        column.rows.push(*place);
    }
}

fn add_messages(to: &mut RowBatch, from: &RowBatch, rows: &Range<usize>) {
    let end_of = |row: usize| from.message.ends.get(row).copied().unwrap_or(0);
    let begin = if rows.start == 0 { 0 } else { end_of(rows.start - 1) };
    let end = if rows.is_empty() { begin } else { end_of(rows.end - 1) };
    let base = u32::try_from(to.message.bytes.len()).unwrap_or(u32::MAX);
    to.message.ends.extend(from.message.ends[rows.clone()].iter().map(|e| base + (e - begin)));
    to.message.bytes.push_str(&from.message.bytes[begin as usize..end as usize]);
}

/// Columns that are empty while every row has the default.
fn extend<T: Copy>(to: &mut Vec<T>, from: &[T], (rows, before): (&Range<usize>, usize), default: T) {
    if from.is_empty() && to.is_empty() {
        return;
    }
    to.resize(before, default);
    match from {
        [] => to.resize(before + rows.len(), default),
        from => to.extend_from_slice(&from[rows.clone()]),
    }
}

#[cfg(test)]
mod tests;
