//! One series in a head: times and values as they came, and which run has which LSN, kind and interval.
//!
//! Samples nearly always arrive in time order, one kind, one interval: then reading is a copy. Otherwise the runs are merged
//! by time, and for an equal time the higher LSN wins, then the later arrival (STORE 11).

use crate::parts::{DAY_MS, Lsn, day_of};
use crate::registry::DaySeries;
use oriel_model::{BatchSeries, Kind, OrgId, SeriesDef, SeriesKey, Sketch, TimeMs, TimeRange};
use std::sync::Arc;

/// Distances looked at to tell an interval: enough for a median that a gap or two do not move.
const INTERVAL_SAMPLES: usize = 16;

/// How a run came: in which record, and as what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) start: u32,
    pub(crate) interval_s: u32,
    pub(crate) lsn: Lsn,
    pub(crate) kind: Kind,
    /// Its first sample starts a running total anew (STORE 10).
    pub(crate) reset: bool,
}

impl Run {
    pub(crate) fn of(series: &BatchSeries, lsn: Lsn) -> Self {
        Self { start: 0, interval_s: series.interval_s, lsn, kind: series.kind, reset: series.reset }
    }

    /// Whether its samples go on where those of `before` end.
    fn goes_on(&self, before: &Self) -> bool {
        self.kind == before.kind && self.interval_s == before.interval_s && !self.reset
    }
}

/// Samples copied out of a head: one series, sorted, without repeats, cut where kind or interval changes.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    pub(crate) times: Vec<TimeMs>,
    pub(crate) values: Vec<f64>,
    /// Where each shape starts.
    pub(crate) spans: Vec<Span>,
}

/// `start..` of the samples up to the next span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) kind: Kind,
    pub(crate) interval_s: u32,
    /// Its first sample starts a running total anew.
    pub(crate) reset: bool,
}

impl Samples {
    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.values.clear();
        self.spans.clear();
    }

    /// `first` says that the next sample is the run's first.
    fn open_span(&mut self, run: &Run, joined: bool, first: bool) {
        let start = self.times.len();
        let reset = run.reset && first;
        match self.spans.last() {
            Some(last) if joined && !reset && last.kind == run.kind && last.interval_s == run.interval_s => {}
            _ => self.spans.push(Span { start, kind: run.kind, interval_s: run.interval_s, reset }),
        }
    }
}

/// Rows, and first and last time.
pub(crate) type Extent = (usize, TimeMs, TimeMs);

/// See the module's head.
pub(crate) struct Column {
    pub(crate) org: OrgId,
    pub(crate) key: SeriesKey,
    pub(crate) def: Arc<SeriesDef>,
    times: Vec<TimeMs>,
    values: Vec<f64>,
    runs: Vec<Run>,
    /// Time, interval and sketch, as they came.
    pub(crate) sketches: Vec<(TimeMs, u32, Sketch)>,
    sketch_bytes: usize,
    pub(crate) days: Vec<i32>,
    kind: Kind,
    interval_s: u32,
    /// All times rise strictly, over all runs.
    in_order: bool,
}

impl Column {
    pub(crate) fn new(org: OrgId, key: SeriesKey, def: Arc<SeriesDef>) -> Self {
        Self {
            org,
            key,
            def,
            times: Vec::new(),
            values: Vec::new(),
            runs: Vec::new(),
            sketches: Vec::new(),
            sketch_bytes: 0,
            days: Vec::new(),
            kind: Kind::Gauge,
            interval_s: 0,
            in_order: true,
        }
    }

    pub(crate) fn append(&mut self, times: &[TimeMs], values: &[f64], run: &Run) {
        let start = self.times.len() as u32;
        if self.in_order {
            let joins = match (self.times.last(), times.first()) {
                (Some(last), Some(first)) => last < first,
                _ => true,
            };
            self.in_order = joins && times.windows(2).all(|w| w[0] < w[1]);
        }
        grow(&mut self.times, times.len());
        grow(&mut self.values, times.len());
        self.times.extend_from_slice(times);
        self.values.extend_from_slice(values);
        self.runs.push(Run { start, ..*run });
    }

    pub(crate) fn append_sketch(&mut self, time_ms: TimeMs, sketch: &Sketch, interval_s: u32) {
        self.sketch_bytes += sketch.bins.capacity() * size_of::<(i32, u64)>();
        self.sketches.push((time_ms, interval_s, sketch.clone()));
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.times.capacity() * 8
            + self.values.capacity() * 8
            + self.runs.capacity() * size_of::<Run>()
            + self.sketches.capacity() * size_of::<(TimeMs, u32, Sketch)>()
            + self.sketch_bytes
            + self.days.capacity() * 4
    }

    /// Rows, and first and last time; `None` when it has no rows.
    pub(crate) fn extent(&self) -> Option<Extent> {
        let times = || self.times.iter().copied().chain(self.sketches.iter().map(|s| s.0));
        let rows = self.times.len() + self.sketches.len();
        Some((rows, times().min()?, times().max()?))
    }

    /// Notes kind and interval of the newest data; true when they changed.
    pub(crate) fn reshape(&mut self, kind: Kind, interval_s: u32) -> bool {
        let interval_s = if interval_s == 0 { self.interval_s } else { interval_s };
        let changed = (self.kind, self.interval_s) != (kind, interval_s);
        (self.kind, self.interval_s) = (kind, interval_s);
        changed
    }

    /// Calls for each day of the times that is new to the column; for known ones too when `again`.
    pub(crate) fn for_new_days(&mut self, times: &[TimeMs], again: bool, mut tell: impl FnMut(&Self, i32)) {
        let mut last = TimeRange::new(0, 0);
        for &t in times {
            if last.contains(t) {
                continue;
            }
            let day = day_of(t);
            let start = i64::from(day).saturating_mul(DAY_MS);
            last = TimeRange::new(start, start.saturating_add(DAY_MS));
            let known = self.days.contains(&day);
            if !known {
                self.days.push(day);
            }
            if !known || again {
                tell(self, day);
            }
        }
    }

    pub(crate) fn day_series(&self) -> DaySeries {
        DaySeries { key: self.key, def: self.def.clone(), kind: self.kind, interval_s: self.interval_s }
    }

    /// As sent, else as seen.
    pub(crate) fn interval_or_seen(&self) -> u32 {
        if self.interval_s != 0 { self.interval_s } else { self.interval_seen() }
    }

    pub(crate) fn interval_seen(&self) -> u32 {
        let tail = &self.times[self.times.len().saturating_sub(INTERVAL_SAMPLES)..];
        let mut distances: Vec<i64> =
            tail.windows(2).map(|w| (w[1] - w[0]).abs()).filter(|&d| d > 0).collect();
        if distances.len() < 2 {
            return 0;
        }
        distances.sort_unstable();
        u32::try_from((distances[distances.len() / 2] + 500) / 1000).unwrap_or(0)
    }

    /// Adds the samples in the range to `out`; false when there are none.
    pub(crate) fn read(&self, range: TimeRange, out: &mut Samples) -> bool {
        let before = out.times.len();
        if self.in_order {
            self.read_in_order(range, out);
        } else {
            self.read_merged(range, out);
        }
        out.times.len() > before
    }

    fn read_in_order(&self, range: TimeRange, out: &mut Samples) {
        let from = self.times.partition_point(|&t| t < range.start);
        let to = from + self.times[from..].partition_point(|&t| t < range.end);
        if from == to {
            return;
        }
        let mut at = self.runs.partition_point(|r| r.start as usize <= from) - 1;
        let mut joined = false;
        let mut start = from;
        while start < to {
            let run = &self.runs[at];
            // Runs of one shape are copied at once.
            while at + 1 < self.runs.len() && self.runs[at + 1].goes_on(run) {
                at += 1;
            }
            let end = self.runs.get(at + 1).map_or(self.times.len(), |r| r.start as usize).min(to);
            out.open_span(run, joined, start == run.start as usize);
            out.times.extend_from_slice(&self.times[start..end]);
            out.values.extend_from_slice(&self.values[start..end]);
            joined = true;
            start = end;
            at += 1;
        }
    }

    fn read_merged(&self, range: TimeRange, out: &mut Samples) {
        // (time, LSN, arrival): the last of equal times is the one that wins.
        let mut order: Vec<(TimeMs, Lsn, u32, u32)> = Vec::with_capacity(self.times.len());
        for (r, run) in self.runs.iter().enumerate() {
            let end = self.runs.get(r + 1).map_or(self.times.len(), |next| next.start as usize);
            for i in run.start as usize..end {
                if range.contains(self.times[i]) {
                    order.push((self.times[i], run.lsn, i as u32, r as u32));
                }
            }
        }
        order.sort_unstable();
        let mut joined = false;
        for (n, &(time, _, i, r)) in order.iter().enumerate() {
            if order.get(n + 1).is_some_and(|next| next.0 == time) {
                continue;
            }
            let run = &self.runs[r as usize];
            out.open_span(run, joined, i == run.start);
            out.times.push(time);
            out.values.push(self.values[i as usize]);
            joined = true;
        }
    }
}

/// Makes room for `more`, by half as much again: a doubling would leave a quarter of a head's memory unused.
fn grow<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 2));
    }
}
