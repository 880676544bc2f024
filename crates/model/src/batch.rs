//! A batch of samples and the builder that decoders write into: straight into columns, no struct a point.
//!
//! A decoder names a series by the hash of its raw bytes; only a series that neither this batch nor the store's cache has
//! seen is parsed. `finish` groups the samples by series, in arrival order within each, so that the WAL record is small and
//! the head takes whole runs.

use crate::{
    Kind, Limits, OrgId, RawKey, RawPrefix, Reason, Rejections, SeriesDef, SeriesKey, SeriesResolver, Sketch,
    TimeMs, TimeRange,
};
use std::hash::{BuildHasherDefault, Hasher};

/// A series' place in the batch being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesOrdinal(u32);

/// One series of a batch.
#[derive(Clone, Debug)]
pub struct BatchSeries {
    pub key: SeriesKey,
    pub raw: RawKey,
    /// Where the store's resident entry probably is; `u32::MAX` for a series that was parsed just now.
    pub slot: u32,
    pub kind: Kind,
    /// Seconds between points, 0 when the sender did not say.
    pub interval_s: u32,
    /// A running total that began anew before its first sample here (STORE 10): that sample opens a new chunk with its mark
    /// of reset, in the log, the head and files.
    pub reset: bool,
    /// Set for a series that the raw cache did not know.
    pub def: Option<Box<SeriesDef>>,
    /// This series' samples are `ts[first..first + len]` and `values[first..first + len]`.
    pub first: u32,
    pub len: u32,
}

/// A sketch of one series at one time.
#[derive(Clone, Debug)]
pub struct SketchPoint {
    /// Index into [`MetricBatch::series`].
    pub series: u32,
    pub time_ms: TimeMs,
    pub sketch: Sketch,
}

/// Samples of one org, grouped by series.
#[derive(Clone, Debug)]
pub struct MetricBatch {
    pub org: OrgId,
    pub series: Vec<BatchSeries>,
    pub ts: Vec<TimeMs>,
    pub values: Vec<f64>,
    pub sketches: Vec<SketchPoint>,
}

impl MetricBatch {
    /// Rows a success answer speaks for.
    pub fn rows(&self) -> usize {
        self.ts.len() + self.sketches.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// The samples of a series.
    pub fn samples(&self, series: &BatchSeries) -> (&[TimeMs], &[f64]) {
        let span = series.first as usize..(series.first + series.len) as usize;
        (&self.ts[span.clone()], &self.values[span])
    }
}

/// Raw keys are hashes already.
#[derive(Default)]
pub(crate) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u128(&mut self, n: u128) {
        self.0 = n as u64;
    }
}

/// Collects the samples of one request. See the module's head.
pub struct MetricBatchBuilder<'r> {
    org: OrgId,
    resolver: &'r dyn SeriesResolver,
    prefix: RawPrefix,
    limits: &'r Limits,
    /// Rows outside are refused: from the start of retention to now + `future_ms`.
    accepted: TimeRange,
    /// Datadog's intakes refuse what is not finite; Prometheus stores it, staleness markers included (STORE 13).
    finite_only: bool,
    by_raw: hashbrown::HashMap<RawKey, Option<u32>, BuildHasherDefault<Identity>>,
    series: Vec<BatchSeries>,
    sample_series: Vec<u32>,
    ts: Vec<TimeMs>,
    values: Vec<f64>,
    sketches: Vec<SketchPoint>,
    rejections: Rejections,
    own_times: bool,
}

impl<'r> MetricBatchBuilder<'r> {
    /// `accepted` is what [`SeriesResolver`]'s store takes now; see `Store::accepted`.
    pub fn new(
        org: OrgId,
        resolver: &'r dyn SeriesResolver,
        limits: &'r Limits,
        accepted: TimeRange,
        (decoder, default_host): (&str, &str),
    ) -> Self {
        Self {
            org,
            prefix: resolver.hasher().prefix(org, decoder, default_host),
            resolver,
            limits,
            accepted,
            finite_only: true,
            by_raw: hashbrown::HashMap::default(),
            series: Vec::new(),
            sample_series: Vec::new(),
            ts: Vec::new(),
            values: Vec::new(),
            sketches: Vec::new(),
            rejections: Rejections::default(),
            own_times: true,
        }
    }

    /// A row came without a time and was given the present one: a repeat of its body is not the same rows (STORE 12).
    pub fn note_filled_time(&mut self) {
        self.own_times = false;
    }

    /// Whether every row so far bore its own time.
    pub fn bears_own_times(&self) -> bool {
        self.own_times
    }

    /// Takes NaN and infinities too, bit-exact.
    pub fn allow_non_finite(mut self) -> Self {
        self.finite_only = false;
        self
    }

    pub fn limits(&self) -> &'r Limits {
        self.limits
    }

    /// The key of one contiguous piece of raw bytes.
    #[inline]
    pub fn key(&self, raw: &[u8]) -> RawKey {
        self.resolver.hasher().key(self.prefix, raw)
    }

    /// The key of several pieces.
    pub fn key_of(&self, pieces: &[&[u8]]) -> RawKey {
        self.resolver.hasher().key_of(self.prefix, pieces)
    }

    /// The series under a raw key, when this batch has it already.
    #[inline]
    pub fn seen(&self, raw: RawKey) -> Option<SeriesOrdinal> {
        match self.by_raw.get(&raw) {
            Some(Some(n)) => Some(SeriesOrdinal(*n)),
            _ => None,
        }
    }

    /// The series under a raw key; `define` parses it when nobody knows it. `None` when it was refused, which is counted
    /// once for each row by the caller's [`MetricBatchBuilder::reject`] or here for the first.
    #[inline]
    pub fn series(
        &mut self,
        raw: RawKey,
        kind: Kind,
        interval_s: u32,
        define: impl FnOnce() -> Result<SeriesDef, Reason>,
    ) -> Option<SeriesOrdinal> {
        match self.by_raw.get(&raw) {
            Some(Some(n)) => Some(SeriesOrdinal(*n)),
            _ => self.series_slow(raw, kind, interval_s, define),
        }
    }

    #[cold]
    fn series_slow(
        &mut self,
        raw: RawKey,
        kind: Kind,
        interval_s: u32,
        define: impl FnOnce() -> Result<SeriesDef, Reason>,
    ) -> Option<SeriesOrdinal> {
        let (key, slot, def) = match self.resolver.lookup(raw) {
            Some(known) => (known.key, known.slot, None),
            None => match define().map_err(|reason| (reason, None)).and_then(|def| check(def, self.limits)) {
                Ok(def) => (self.resolver.identify(&def), u32::MAX, Some(Box::new(def))),
                Err((reason, def)) => {
                    self.rejections.add(reason, 1, || match def {
                        Some(def) => {
                            format!("{} {:?} of host {:?}: {reason}", def.metric, def.tags, def.host)
                        }
                        None => format!("a series was refused: {reason}"),
                    });
                    self.by_raw.insert(raw, None);
                    return None;
                }
            },
        };
        let ordinal = u32::try_from(self.series.len()).ok()?;
        let reset = false;
        self.series.push(BatchSeries { key, raw, slot, kind, interval_s, reset, def, first: 0, len: 0 });
        self.by_raw.insert(raw, Some(ordinal));
        Some(SeriesOrdinal(ordinal))
    }

    /// The series' running total began anew before the sample that comes next. Behind samples of the same batch the mark has
    /// no place; a total that fell shows it by itself.
    pub fn mark_reset(&mut self, series: SeriesOrdinal) {
        let series = &mut self.series[series.0 as usize];
        series.reset |= series.len == 0;
    }

    /// Adds a sample, or refuses it with its reason.
    #[inline]
    pub fn sample(&mut self, series: SeriesOrdinal, time_ms: TimeMs, value: f64) {
        if !self.accepted.contains(time_ms) || (self.finite_only && !value.is_finite()) {
            return self.refuse_sample(time_ms, value);
        }
        self.series[series.0 as usize].len += 1;
        self.sample_series.push(series.0);
        self.ts.push(time_ms);
        self.values.push(value);
    }

    #[cold]
    fn refuse_sample(&mut self, time_ms: TimeMs, value: f64) {
        let reason = if time_ms >= self.accepted.end {
            Reason::TooFarAhead
        } else if time_ms < self.accepted.start {
            Reason::OlderThanRetention
        } else {
            Reason::NotFinite
        };
        self.rejections.add(reason, 1, || format!("value {value} at {time_ms} ms"));
    }

    /// Adds a sketch, or refuses it with its reason.
    pub fn sketch(&mut self, series: SeriesOrdinal, time_ms: TimeMs, sketch: Sketch) {
        if !self.accepted.contains(time_ms) {
            return self.refuse_sample(time_ms, sketch.sum);
        }
        match sketch.normalise(self.limits.sketch_bins) {
            Ok(sketch) => self.sketches.push(SketchPoint { series: series.0, time_ms, sketch }),
            Err(e) => self.rejections.add(Reason::BadSketch, 1, || e.to_string()),
        }
    }

    /// Counts rows that a decoder refused.
    pub fn reject(&mut self, reason: Reason, rows: u64, text: impl FnOnce() -> String) {
        self.rejections.add(reason, rows, text);
    }

    pub fn rows(&self) -> usize {
        self.ts.len() + self.sketches.len()
    }

    /// The batch, grouped by series, and what was refused on the way.
    pub fn finish(mut self) -> (MetricBatch, Rejections) {
        let mut next = 0;
        for s in &mut self.series {
            s.first = next;
            next += s.len;
        }
        let (ts, values) = self.grouped();
        let batch = MetricBatch { org: self.org, series: self.series, ts, values, sketches: self.sketches };
        (batch, self.rejections)
    }

    /// A counting sort by series.
    fn grouped(&mut self) -> (Vec<TimeMs>, Vec<f64>) {
        let in_order = self.sample_series.windows(2).all(|w| w[0] <= w[1]);
        if in_order {
            return (std::mem::take(&mut self.ts), std::mem::take(&mut self.values));
        }
        let mut at: Vec<u32> = self.series.iter().map(|s| s.first).collect();
        let mut ts = vec![0; self.ts.len()];
        let mut values = vec![0.0; self.ts.len()];
        for (i, &s) in self.sample_series.iter().enumerate() {
            let place = &mut at[s as usize];
            ts[*place as usize] = self.ts[i];
            values[*place as usize] = self.values[i];
            *place += 1;
        }
        (ts, values)
    }
}

/// The limits that hold for every protocol; what breaks one comes back with its reason.
fn check(def: SeriesDef, limits: &Limits) -> Result<SeriesDef, (Reason, Option<SeriesDef>)> {
    let broken = if def.metric.is_empty() {
        Some(Reason::BadName)
    } else if def.metric.len() > limits.metric_name_bytes {
        Some(Reason::NameTooLong)
    } else if def.host.len() > limits.host_bytes {
        Some(Reason::HostTooLong)
    } else if def.tags.len() > limits.tags_per_series {
        Some(Reason::TooManyTags)
    } else if def.tags.iter().any(|t| t.len() > limits.tag_bytes) {
        Some(Reason::TagTooLong)
    } else {
        None
    };
    match broken {
        Some(reason) => Err((reason, Some(def))),
        None => Ok(def),
    }
}

#[cfg(test)]
mod tests;
