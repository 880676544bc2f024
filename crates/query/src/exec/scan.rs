//! A leaf's series, scanned in parts on the pool: each part has its own sink and its own group columns, merged in order so that
//! the same query gives the same digits.

use super::groups::{Groups, Member};
use super::reading::Reading;
use super::sample::{Buckets, SeriesBuckets};
use super::space::GroupColumns;
use super::{deltas, interpolate};
use crate::Result;
use crate::lang::{Aggregator, FillMethod};
use crate::plan::{Convert, Delta, Fill};
use crate::pool::Pool;
use oriel_model::{Kind, SeriesKey, TimeMs, TimeRange};
use oriel_store::{Aggregates, Cancel, MetricReader, PieceHead, PieceSink, SeriesEntry, Want};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Pieces between two looks at the clock (STORE 35).
const PIECES_A_CHECK: u32 = 64;

/// Parts a thread: more than one, so that a thread that got light series takes another part.
const PARTS_A_THREAD: usize = 2;

/// Everything a part needs; shared by the threads.
pub(super) struct SampleJob {
    pub(super) reader: Arc<dyn MetricReader>,
    pub(super) entries: Vec<SeriesEntry>,
    pub(super) keys: Vec<SeriesKey>,
    pub(super) groups: Groups,
    pub(super) range: TimeRange,
    pub(super) buckets: Buckets,
    /// Buckets before the grid's first, and the grid's own number.
    pub(super) pad: usize,
    pub(super) len: usize,
    pub(super) reading: Reading,
    pub(super) fill: Option<Fill>,
    pub(super) delta: Option<Delta>,
    pub(super) convert: Convert,
    pub(super) weighted: bool,
    pub(super) aggregator: Aggregator,
    pub(super) cancel: Cancel,
    pub(super) deadline: Option<Instant>,
}

impl SampleJob {
    /// Scans all series in `parts` parts.
    pub(super) fn run(self: &Arc<Self>, pool: &Pool, parts: usize) -> Result<GroupColumns> {
        if parts <= 1 {
            return self.part(0..self.entries.len());
        }
        let slots: Arc<Mutex<Vec<Option<Result<GroupColumns>>>>> =
            Arc::new(Mutex::new((0..parts).map(|_| None).collect()));
        let (job, done) = (Arc::clone(self), Arc::clone(&slots));
        pool.each(parts, move |part| {
            let share = |i: usize| job.entries.len() * i / parts;
            let result = job.part(share(part)..share(part + 1));
            done.lock().unwrap_or_else(PoisonError::into_inner)[part] = Some(result);
        });
        let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut total: Option<GroupColumns> = None;
        for slot in slots.iter_mut() {
            let Some(part) = slot.take() else {
                return Err(crate::Error::Request("a part of the query failed; the log says why".into()));
            };
            let part = part?;
            match &mut total {
                Some(total) => total.merge(&part),
                None => total = Some(part),
            }
        }
        Ok(total.unwrap_or_else(|| GroupColumns::new(self.aggregator, 0, self.len)))
    }

    /// How many parts pay: below some hundred thousand samples a second thread costs more than it brings.
    pub(super) fn parts(&self, threads: usize) -> usize {
        const SAMPLES_A_PART: u64 = 60_000;
        let seconds = (self.range.len_ms() / 1000).max(1) as u64;
        let samples: u64 = self.entries.iter().map(|e| seconds / u64::from(e.interval_s.max(10))).sum();
        let worth = (samples / SAMPLES_A_PART) as usize;
        if threads < 2 || worth < 2 { 1 } else { worth.min(threads * PARTS_A_THREAD).min(self.entries.len()) }
    }

    fn part(&self, series: Range<usize>) -> Result<GroupColumns> {
        let members = self.groups.members.partition_point(|m| (m.series as usize) < series.start);
        let mut sink = SampleSink {
            job: self,
            first: series.start,
            current: None,
            series: SeriesBuckets::new(self.buckets, self.reading),
            values: vec![f64::NAN; self.buckets.len],
            weights: Vec::new(),
            members: &self.groups.members[members..],
            columns: GroupColumns::new(self.aggregator, self.groups.values.len(), self.len),
            pieces: 0,
        };
        self.reader.scan(&self.keys[series], self.range, &self.cancel, &mut sink)?;
        sink.finish_series();
        if self.cancel.is_cancelled() {
            return Err(oriel_store::Error::Cancelled.into());
        }
        Ok(sink.columns)
    }
}

struct SampleSink<'a> {
    job: &'a SampleJob,
    /// Index of the part's first series.
    first: usize,
    current: Option<usize>,
    series: SeriesBuckets,
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Memberships of the series that are still to come.
    members: &'a [Member],
    columns: GroupColumns,
    pieces: u32,
}

impl PieceSink for SampleSink<'_> {
    fn piece(&mut self, head: &PieceHead, has_aggregates: bool) -> Want {
        self.pieces += 1;
        if self.pieces.is_multiple_of(PIECES_A_CHECK)
            && self.job.deadline.is_some_and(|d| Instant::now() >= d)
        {
            self.job.cancel.cancel();
        }
        let index = self.first + head.series;
        if self.current != Some(index) {
            self.finish_series();
            self.current = Some(index);
        }
        let interval_s = self.job.entries.get(index).map_or(0, |e| e.interval_s);
        self.series.piece(head, interval_s, has_aggregates)
    }

    fn aggregates(&mut self, head: &PieceHead, aggregates: &Aggregates) {
        self.series.aggregates(head, aggregates);
    }

    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        self.series.samples(head, times, values);
    }
}

impl SampleSink<'_> {
    /// The series at hand is complete: its buckets become values, and go to its groups.
    fn finish_series(&mut self) {
        let Some(index) = self.current.take() else { return };
        if !self.series.is_empty() {
            self.series.finish(&mut self.values);
            self.shape();
            self.add_to_groups(index);
        }
        self.series.clear();
    }

    /// Interpolation, then differences: both are of one series (`docs/semantics.md`).
    fn shape(&mut self) {
        let job = self.job;
        let step_ms = job.buckets.step_ms;
        let own =
            (self.series.kind == Kind::Gauge && !job.weighted).then(|| Fill::new(FillMethod::Linear, None));
        if let Some(fill) = job.fill.or(own) {
            interpolate::fill_gaps(&mut self.values, &self.series.stops, fill, step_ms);
        }
        if let Some(delta) = job.delta {
            let step_s = step_ms as f64 / 1000.0;
            if job.convert == Convert::None && self.series.kind == Kind::Cumulative {
                deltas::of_increases(delta, &mut self.values, step_s);
            } else {
                deltas::apply(delta, &mut self.values, step_s);
            }
        }
    }

    fn add_to_groups(&mut self, index: usize) {
        let job = self.job;
        if job.weighted {
            self.weigh();
        }
        while let Some(member) = self.members.first() {
            if member.series as usize > index {
                break;
            }
            self.members = &self.members[1..];
            if (member.series as usize) < index {
                continue;
            }
            let (from, to) = (member.from as usize, member.to as usize);
            let values = &self.values[job.pad + from..job.pad + to];
            if job.weighted {
                let weights = &self.weights[job.pad + from..job.pad + to];
                self.columns.add_weighted(member.group as usize, from, values, weights);
            } else {
                self.columns.add(member.group as usize, from, values);
            }
        }
    }

    /// The share of each bucket that the series was there for.
    fn weigh(&mut self) {
        let step_s = self.job.buckets.step_ms as f64 / 1000.0;
        let interval = f64::from(self.series.interval_s);
        self.weights.clear();
        self.weights.extend(
            self.series
                .counts
                .iter()
                .map(|n| if interval > 0.0 { (n * interval / step_s).min(1.0) } else { 1.0 }),
        );
    }
}
