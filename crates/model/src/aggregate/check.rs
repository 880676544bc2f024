//! What one check instance submits in its runs, under the meanings of the Python checks' API.
//!
//! | kind | becomes, at the commit that ends a run |
//! |---|---|
//! | gauge | the last value |
//! | rate | per-second difference to the sample before, a gauge; nothing when it fell |
//! | count | sum of the run, a count |
//! | monotonic_count | sum of rises since the last run, a count; the first value only with `flush_first` |
//! | counter | sum ÷ interval, a rate |
//! | histogram | `.max .median .avg .count .95percentile` |
//! | historate | a histogram of per-second differences |
//! | bucket | its count spread evenly over its bounds in a sketch |

use super::histogram::Histogram;
use crate::{Kind, Mapping, Reason, Rejections, Series, SeriesDef, Sketch, SketchSeries, Submission, TimeMs};
use hashbrown::HashMap;

/// State of rates and monotonic counts is kept this long without a sample (the agent: 25 h).
const STATE_MS: i64 = 25 * 3_600_000;

/// The kinds of the `aggregator` module, with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CheckKind {
    Gauge = 0,
    Rate = 1,
    Count = 2,
    MonotonicCount = 3,
    Counter = 4,
    Histogram = 5,
    Historate = 6,
}

impl CheckKind {
    pub fn from_code(code: i64) -> Option<Self> {
        use CheckKind::{Count, Counter, Gauge, Histogram, Historate, MonotonicCount, Rate};
        let all = [Gauge, Rate, Count, MonotonicCount, Counter, Histogram, Historate];
        usize::try_from(code).ok().and_then(|i| all.get(i)).copied()
    }
}

/// One call of `submit_metric`.
#[derive(Clone, Debug)]
pub struct CheckSample {
    pub kind: CheckKind,
    pub def: SeriesDef,
    pub value: f64,
    /// For monotonic counts: the first value, and a value after a fall, counts from zero.
    pub flush_first: bool,
}

/// One call of `submit_histogram_bucket`.
#[derive(Clone, Debug)]
pub struct BucketSample {
    pub def: SeriesDef,
    pub count: i64,
    pub lower: f64,
    /// May be infinite: the bucket then counts at its lower bound.
    pub upper: f64,
    /// `count` is a running total.
    pub monotonic: bool,
    pub flush_first: bool,
}

#[derive(Default)]
struct Differences {
    before: Option<(f64, TimeMs)>,
    last: Option<(f64, TimeMs)>,
}

#[derive(Default)]
struct Monotonic {
    last: Option<f64>,
    rises: f64,
    due: bool,
}

enum Cell {
    Gauge(Option<f64>),
    Count(Option<f64>),
    Counter(Option<f64>),
    Rate(Differences),
    Monotonic(Monotonic),
    Histogram(Histogram),
    Historate { last: Option<(f64, TimeMs)>, rates: Histogram },
}

struct Context {
    cell: Cell,
    used_ms: TimeMs,
}

/// Bounds of a bucket by their bits, so that they can be a key.
type Bounds = (u64, u64);

/// The samples of one check instance. See the module's head.
pub struct CheckAggregator {
    contexts_max: usize,
    contexts: HashMap<(CheckKind, SeriesDef), Context>,
    totals: HashMap<(SeriesDef, Bounds), (i64, TimeMs)>,
    sketches: HashMap<SeriesDef, Sketch>,
    rejections: Rejections,
}

impl CheckAggregator {
    /// `contexts_max` bounds the series of one instance.
    pub fn new(contexts_max: usize) -> Self {
        Self {
            contexts_max,
            contexts: HashMap::new(),
            totals: HashMap::new(),
            sketches: HashMap::new(),
            rejections: Rejections::default(),
        }
    }

    /// Adds a sample, or refuses it with its reason.
    pub fn submit(&mut self, sample: CheckSample, now_ms: TimeMs) {
        let CheckSample { kind, def, value, flush_first } = sample;
        if !value.is_finite() {
            let metric = &def.metric;
            return self.rejections.add(Reason::NotFinite, 1, || format!("{metric}: value {value}"));
        }
        let key = (kind, def);
        let known = self.contexts.len() < self.contexts_max || self.contexts.contains_key(&key);
        if !known {
            return self.refuse_series(&key.1);
        }
        let context =
            self.contexts.entry(key).or_insert_with(|| Context { cell: Cell::new(kind), used_ms: now_ms });
        context.used_ms = now_ms;
        context.cell.add(value, flush_first, now_ms);
    }

    fn refuse_series(&mut self, def: &SeriesDef) {
        let most = self.contexts_max;
        self.rejections.add(Reason::SeriesLimit, 1, || {
            format!("{}: a check instance may have {most} series", def.metric)
        });
    }

    /// Adds a histogram bucket.
    pub fn bucket(&mut self, sample: BucketSample, now_ms: TimeMs) {
        let BucketSample { def, count, lower, upper, .. } = sample;
        let ordered = lower <= upper && lower < f64::INFINITY && upper > f64::NEG_INFINITY;
        if count < 0 || !ordered {
            return self.rejections.add(Reason::BadValue, 1, || {
                format!("{}: bucket [{lower}, {upper}] with count {count}", def.metric)
            });
        }
        let count = if sample.monotonic {
            let key = (def.clone(), (lower.to_bits(), upper.to_bits()));
            if self.totals.len() >= self.contexts_max && !self.totals.contains_key(&key) {
                return self.refuse_series(&def);
            }
            let before = self.totals.insert(key, (count, now_ms)).map(|(n, _)| n);
            match before {
                Some(before) if count >= before => count - before,
                _ if sample.flush_first => count,
                _ => 0,
            }
        } else {
            count
        };
        if count == 0 {
            return;
        }
        if self.sketches.len() >= self.contexts_max && !self.sketches.contains_key(&def) {
            return self.refuse_series(&def);
        }
        spread(self.sketches.entry(def).or_default(), (lower, upper), count.unsigned_abs());
    }

    /// Ends a run: what it gave, stamped `now_ms`; `interval_s` is the time between runs.
    pub fn commit(&mut self, now_ms: TimeMs, interval_s: u32) -> (Submission, Rejections) {
        let mut out = Submission::default();
        for ((_, def), context) in &mut self.contexts {
            context.cell.take(&mut Emitter { def, now_ms, interval_s, out: &mut out.series });
        }
        self.contexts.retain(|_, c| c.cell.is_stateful() && now_ms - c.used_ms <= STATE_MS);
        self.totals.retain(|_, (_, used_ms)| now_ms - *used_ms <= STATE_MS);
        for (def, sketch) in self.sketches.drain() {
            out.sketches.push(SketchSeries {
                metric: def.metric.into(),
                host: def.host.into(),
                tags: def.tags.iter().map(str::to_owned).collect(),
                interval_s,
                points: vec![(now_ms, sketch)],
            });
        }
        // Hash maps have no order; people and tests read this one.
        out.series.sort_by(|a, b| (&a.metric, &a.host, &a.tags).cmp(&(&b.metric, &b.host, &b.tags)));
        out.sketches.sort_by(|a, b| (&a.metric, &a.host, &a.tags).cmp(&(&b.metric, &b.host, &b.tags)));
        (out, std::mem::take(&mut self.rejections))
    }
}

struct Emitter<'a> {
    def: &'a SeriesDef,
    now_ms: TimeMs,
    interval_s: u32,
    out: &'a mut Vec<Series>,
}

impl Emitter<'_> {
    fn series(&self, kind: Kind, points: Vec<(TimeMs, f64)>) -> Series {
        Series {
            metric: self.def.metric.to_string(),
            host: self.def.host.to_string(),
            tags: self.def.tags.iter().map(str::to_owned).collect(),
            kind,
            interval_s: self.interval_s,
            points,
        }
    }

    fn point(&mut self, kind: Kind, value: f64) {
        let series = self.series(kind, vec![(self.now_ms, value)]);
        self.out.push(series);
    }

    fn histogram(&mut self, histogram: &mut Histogram) {
        if let Some(figures) = histogram.take() {
            let base = self.series(Kind::Gauge, Vec::new());
            self.out.extend(figures.series(&base, self.now_ms, self.seconds()));
        }
    }

    fn seconds(&self) -> f64 {
        f64::from(self.interval_s.max(1))
    }
}

impl Cell {
    fn new(kind: CheckKind) -> Self {
        match kind {
            CheckKind::Gauge => Self::Gauge(None),
            CheckKind::Count => Self::Count(None),
            CheckKind::Counter => Self::Counter(None),
            CheckKind::Rate => Self::Rate(Differences::default()),
            CheckKind::MonotonicCount => Self::Monotonic(Monotonic::default()),
            CheckKind::Histogram => Self::Histogram(Histogram::default()),
            CheckKind::Historate => Self::Historate { last: None, rates: Histogram::default() },
        }
    }

    fn is_stateful(&self) -> bool {
        matches!(self, Self::Rate(_) | Self::Monotonic(_) | Self::Historate { .. })
    }

    fn add(&mut self, value: f64, flush_first: bool, now_ms: TimeMs) {
        match self {
            Self::Gauge(last) => *last = Some(value),
            Self::Count(sum) | Self::Counter(sum) => *sum = Some(sum.unwrap_or(0.0) + value),
            Self::Histogram(h) => h.add(value, 1.0),
            Self::Rate(d) => {
                if d.last.is_some() {
                    d.before = d.last;
                }
                d.last = Some((value, now_ms));
            }
            Self::Monotonic(m) => m.add(value, flush_first),
            Self::Historate { last, rates } => {
                if let Some(rate) = last.and_then(|before| per_second(before, (value, now_ms))) {
                    rates.add(rate, 1.0);
                }
                *last = Some((value, now_ms));
            }
        }
    }

    fn take(&mut self, emit: &mut Emitter<'_>) {
        match self {
            Self::Gauge(last) => {
                if let Some(value) = last.take() {
                    emit.point(Kind::Gauge, value);
                }
            }
            Self::Count(sum) => {
                if let Some(value) = sum.take() {
                    emit.point(Kind::Count, value);
                }
            }
            Self::Counter(sum) => {
                if let Some(value) = sum.take() {
                    emit.point(Kind::Rate, value / emit.seconds());
                }
            }
            Self::Rate(d) => {
                if let (Some(before), Some(last)) = (d.before, d.last) {
                    if let Some(rate) = per_second(before, last) {
                        let series = emit.series(Kind::Gauge, vec![(last.1, rate)]);
                        emit.out.push(series);
                    }
                    (d.before, d.last) = (Some(last), None);
                }
            }
            Self::Monotonic(m) => {
                if std::mem::take(&mut m.due) {
                    emit.point(Kind::Count, std::mem::take(&mut m.rises));
                }
            }
            Self::Histogram(h) => emit.histogram(h),
            Self::Historate { rates, .. } => emit.histogram(rates),
        }
    }
}

impl Monotonic {
    fn add(&mut self, value: f64, flush_first: bool) {
        match self.last.replace(value) {
            Some(before) if value >= before => {
                self.rises += value - before;
                self.due = true;
            }
            // A fall is a restart from zero; without `flush_first` its rise is not known.
            Some(_) if !flush_first => self.due = true,
            None if !flush_first => {}
            _ => {
                self.rises += value;
                self.due = true;
            }
        }
    }
}

/// `None` for a fall (a restart) and for two samples of one moment.
fn per_second(before: (f64, TimeMs), last: (f64, TimeMs)) -> Option<f64> {
    let seconds = (last.1 - before.1) as f64 / 1000.0;
    let rise = last.0 - before.0;
    (seconds > 0.0 && rise >= 0.0).then(|| rise / seconds)
}

/// Adds `count` values, spread evenly over the bounds, to a sketch.
fn spread(sketch: &mut Sketch, (lower, upper): (f64, f64), count: u64) {
    if lower == upper || upper.is_infinite() {
        return sketch.insert(lower, count);
    }
    if lower.is_infinite() {
        return sketch.insert(upper, count);
    }
    let (first, last) = (sketch.mapping.key(lower), sketch.mapping.key(upper));
    let mut placed = 0;
    let mut from = lower;
    for key in first..=last {
        let to = if key == last { upper } else { upper_edge(&sketch.mapping, key).clamp(from, upper) };
        let due = ((to - lower) / (upper - lower) * count as f64).round() as u64;
        let n = if key == last { count } else { due.min(count) }.saturating_sub(placed);
        if n > 0 {
            sketch.count = sketch.count.saturating_add(n);
            sketch.sum += (from + (to - from) / 2.0) * n as f64;
            sketch.min = sketch.min.min(from);
            sketch.max = sketch.max.max(to);
            sketch.add_bin(key, n);
            placed += n;
            from = to;
        }
    }
}

/// Where the bin of a key ends.
fn upper_edge(mapping: &Mapping, key: i32) -> f64 {
    let edge = |k: i32, half: f64| mapping.gamma.powf(f64::from(k) - mapping.offset + half);
    match key {
        0 => mapping.min_value(),
        k if k > 0 => edge(k, 0.5),
        k => -edge(-k, -0.5),
    }
}

#[cfg(test)]
mod tests;
