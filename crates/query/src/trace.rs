//! One trace as columns: what a waterfall of 50,000 spans is drawn from, and the path that decided how long it took.

mod latency;
mod path;

pub use latency::{DurationHistogram, duration_histogram};
pub use path::{Segment, critical_path};

use crate::Result;
use oriel_model::{Column, Core, Field, Filter, Test, format_trace_id};
use oriel_store::{Block, Cancel, NsRange, RowSnapshot, ScanRequest};
use std::collections::HashMap;

/// Spans of one trace that are shown; the largest that people look at have about 50,000.
pub const SPANS_MAX: usize = 200_000;

/// Names that repeat from span to span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    pub values: Vec<String>,
    index: HashMap<String, u32>,
}

impl Words {
    fn of(&mut self, text: &str) -> u32 {
        if let Some(&at) = self.index.get(text) {
            return at;
        }
        let at = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(text.to_owned());
        self.index.insert(text.to_owned(), at);
        at
    }
}

/// The spans of a trace, in the order of their start. Column `parent` is the place of the parent, -1 when it is not here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    pub start_ns: i64,
    pub end_ns: i64,
    pub id: Vec<u64>,
    pub parent: Vec<i32>,
    /// Since `start_ns`.
    pub offset_ns: Vec<i64>,
    pub duration_ns: Vec<i64>,
    pub error: Vec<bool>,
    /// Places in `words`, by its order.
    pub word_columns: [Vec<u32>; WORD_FIELDS.len()],
    pub words: [Words; WORD_FIELDS.len()],
    /// There are more than [`SPANS_MAX`].
    pub truncated: bool,
}

/// The word columns of a [`Trace`].
pub const WORD_FIELDS: [Core; 5] = [Core::Service, Core::Name, Core::Resource, Core::Type, Core::Host];

/// A span as the scan gives it.
struct Raw {
    id: u64,
    parent: u64,
    start_ns: i64,
    duration_ns: i64,
    error: bool,
    words: [u32; WORD_FIELDS.len()],
}

#[derive(Default)]
struct Gathered {
    spans: Vec<Raw>,
    words: [Words; WORD_FIELDS.len()],
}

/// Reads a trace; `None` when the range has no span of it.
pub fn read_trace(
    snapshot: &RowSnapshot,
    trace_id: u128,
    range: NsRange,
    cancel: &Cancel,
) -> Result<Option<Trace>> {
    let mut fields = vec![Core::SpanId, Core::ParentId, Core::Duration, Core::Status];
    fields.extend(WORD_FIELDS);
    let request = ScanRequest {
        range,
        filter: trace_filter(trace_id),
        fields: fields.into_iter().map(Field::Core).collect(),
    };
    let (parts, _) = snapshot.scan(&request, cancel, Gathered::default, |into, block| {
        gather(into, block);
        Ok(())
    })?;
    let mut parts = parts.into_iter().filter(|p| !p.spans.is_empty());
    let Some(mut all) = parts.next() else { return Ok(None) };
    parts.for_each(|part| join(&mut all, part));
    Ok(Some(arrange(all)))
}

/// The rows of a trace.
pub fn trace_filter(trace_id: u128) -> Filter {
    Filter::Is(Field::Core(Core::TraceId), Test::Equals(format_trace_id(trace_id).into()))
}

fn gather(into: &mut Gathered, block: &Block) {
    let ids = |column: &Column, row: usize| match column {
        Column::SpanIds(ids) => ids[row],
        _ => 0,
    };
    let is_error = error_rows(&block.columns[3], block.rows());
    for (row, &error) in is_error.iter().enumerate() {
        if into.spans.len() > SPANS_MAX {
            return;
        }
        let duration_ns = match &block.columns[2] {
            Column::Ints(a) => a.value(row),
            _ => 0,
        };
        let mut words = [0; WORD_FIELDS.len()];
        for (i, word) in words.iter_mut().enumerate() {
            let value = block.columns[4 + i].value(row);
            *word = into.words[i].of(value.text().as_deref().unwrap_or(""));
        }
        into.spans.push(Raw {
            id: ids(&block.columns[0], row),
            parent: ids(&block.columns[1], row),
            start_ns: block.time_ns[row],
            duration_ns: duration_ns.max(0),
            error,
            words,
        });
    }
}

/// Rows whose status is `error`.
fn error_rows(status: &Column, rows: usize) -> Vec<bool> {
    (0..rows).map(|row| status.value(row).text().as_deref() == Some("error")).collect()
}

fn join(all: &mut Gathered, part: Gathered) {
    let words: Vec<Vec<u32>> = part
        .words
        .iter()
        .zip(&mut all.words)
        .map(|(from, to)| from.values.iter().map(|text| to.of(text)).collect())
        .collect();
    all.spans.extend(part.spans.into_iter().map(|mut span| {
        for (word, known) in span.words.iter_mut().zip(&words) {
            *word = known[*word as usize];
        }
        span
    }));
}

fn arrange(all: Gathered) -> Trace {
    let mut spans = all.spans;
    // A payload that was sent twice, past the time that repeats are told in, shows once.
    spans.sort_by_key(|s| (s.start_ns, std::cmp::Reverse(s.duration_ns), s.id));
    let mut places: HashMap<u64, i32> = HashMap::with_capacity(spans.len());
    spans.retain(|s| {
        let place = i32::try_from(places.len()).unwrap_or(i32::MAX);
        !matches!(places.entry(s.id), std::collections::hash_map::Entry::Occupied(_))
            && places.insert(s.id, place).is_none()
    });
    let truncated = spans.len() > SPANS_MAX;
    spans.truncate(SPANS_MAX);
    let start_ns = spans.first().map_or(0, |s| s.start_ns);
    let mut trace = Trace { start_ns, truncated, words: all.words, ..Trace::default() };
    for span in &spans {
        trace.end_ns = trace.end_ns.max(span.start_ns.saturating_add(span.duration_ns));
        trace.id.push(span.id);
        let parent = places
            .get(&span.parent)
            .copied()
            .filter(|&p| span.parent != span.id && (p as usize) < spans.len());
        trace.parent.push(parent.unwrap_or(-1));
        trace.offset_ns.push(span.start_ns - start_ns);
        trace.duration_ns.push(span.duration_ns);
        trace.error.push(span.error);
        for (column, word) in trace.word_columns.iter_mut().zip(span.words) {
            column.push(word);
        }
    }
    break_cycles(&mut trace.parent);
    trace
}

/// Spans that are each other's parents hang from nothing: one of the circle becomes a root.
fn break_cycles(parent: &mut [i32]) {
    let mut seen = vec![0_u32; parent.len()];
    for begin in 0..parent.len() {
        let mark = u32::try_from(begin + 1).unwrap_or(u32::MAX);
        let mut at = begin;
        while seen[at] == 0 {
            seen[at] = mark;
            let Ok(up) = usize::try_from(parent[at]) else { break };
            if seen[up] == mark {
                parent[at] = -1;
                break;
            }
            at = up;
        }
    }
}

#[cfg(test)]
mod tests;
