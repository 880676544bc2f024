//! What a batch of spans says to the concentrator, read without it: whoever decodes does this work beside the others, and what it
//! found is counted once the spans are stored.

use super::concentrator::bucket_of;
use super::edges::{EdgeSpan, EdgeSpans};
use super::group::{GroupKey, SpanKind, Tally};
use super::scan::{Keys, Marks, duration_ns, end_ms, is_error, word};
use hashbrown::HashMap;
use oriel_model::{Core, RowBatch, TimeMs};

/// See the module's head.
#[derive(Default)]
pub struct Observed {
    pub(super) groups: Vec<(TimeMs, GroupKey, Tally)>,
    pub(super) edges: EdgeSpans,
}

/// A group by the numbers of its words in one batch.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Local {
    bucket: TimeMs,
    words: [u32; 6],
    http_status: u16,
    span_kind: SpanKind,
    synthetics: bool,
}

const WORDS: [Core; 6] = [Core::Service, Core::Name, Core::Env, Core::Version, Core::Resource, Core::Type];

impl Observed {
    /// Reads a batch. With `edges_only` its client has counted the rest by itself.
    pub fn of(batch: &RowBatch, edges_only: bool, apdex_s: f64, now_ms: TimeMs) -> Self {
        let keys = Keys::of(batch);
        let mut places: HashMap<Local, usize> = HashMap::new();
        let mut tallies: Vec<(Local, usize, Tally)> = Vec::new();
        let mut edges = EdgeSpans::new(batch);
        for row in 0..batch.len() {
            let marks = keys.marks(batch, row);
            let bucket = bucket_of(end_ms(batch, row), now_ms);
            let (duration_ns, is_error) = (duration_ns(batch, row), is_error(batch, row));
            edges.push(batch, row, EdgeSpan::new(bucket, duration_ns, is_error), marks.base_service);
            if edges_only || !marks.is_counted {
                continue;
            }
            let local = local(batch, row, bucket, &marks);
            let place = *places.entry(local).or_insert_with(|| {
                tallies.push((local, row, Tally::default()));
                tallies.len() - 1
            });
            tallies[place].2.add(duration_ns, is_error, apdex_s);
        }
        let groups =
            tallies.into_iter().map(|(local, row, tally)| (local.bucket, key(batch, row, &local), tally));
        Self { groups: groups.collect(), edges }
    }
}

fn local(batch: &RowBatch, row: usize, bucket: TimeMs, marks: &Marks<'_>) -> Local {
    Local {
        bucket,
        words: WORDS.map(|core| word(batch, core, row)),
        http_status: marks.http_status,
        span_kind: marks.span_kind,
        synthetics: marks.synthetics,
    }
}

fn key(batch: &RowBatch, row: usize, local: &Local) -> GroupKey {
    let text = |core: Core| Box::from(batch.text(core, row));
    GroupKey {
        service: text(Core::Service),
        operation: text(Core::Name),
        env: text(Core::Env),
        version: text(Core::Version),
        resource: text(Core::Resource),
        kind: text(Core::Type),
        span_kind: local.span_kind,
        synthetics: local.synthetics,
        http_status: local.http_status,
    }
}
