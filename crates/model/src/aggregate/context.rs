//! The contexts of the 10 s aggregator: what each has gathered, and how raw bytes lead to them.
//!
//! Raw keys lead to contexts, contexts are one per definition and kind, so that two spellings of one (tags in another order)
//! share it. A place is used again only after every raw key that led to it is gone.

use super::buckets::{BUCKET_S, IDLE_MS};
use super::histogram::Histogram;
use crate::batch::Identity;
use crate::{Kind, Mapping, RawKey, Reason, Series, SeriesDef, Sketch, SketchSeries, Submission, TimeMs};
use hashbrown::{HashMap, HashSet, HashTable};
use std::hash::{BuildHasher, BuildHasherDefault};

/// What a DogStatsD sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SampleKind {
    Gauge,
    Count,
    Set,
    /// Histograms and timings.
    Histogram,
    Distribution,
}

/// A context's place; good until the next `advance` or `flush`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContextId(u32);

pub(super) enum Cell {
    Gauge(Option<f64>),
    Count { sum: f64, touched: bool, last_bucket: Option<TimeMs> },
    Set(HashSet<u128, BuildHasherDefault<Identity>>),
    Histogram(Histogram),
    Sketch(Sketch),
}

pub(super) struct Context {
    pub(super) def: SeriesDef,
    pub(super) kind: SampleKind,
    pub(super) cell: Cell,
    /// Start of the bucket in which it was last used.
    pub(super) used_ms: TimeMs,
}

/// The table of contexts. See the module's head.
pub(super) struct Contexts {
    contexts_max: usize,
    raw_keys_max: usize,
    by_raw: HashMap<RawKey, u32, BuildHasherDefault<Identity>>,
    by_def: HashTable<u32>,
    def_hash: hashbrown::DefaultHashBuilder,
    slots: Vec<Option<Context>>,
    free: Vec<u32>,
}

impl Contexts {
    pub(super) fn new(contexts_max: usize, raw_keys_max: usize) -> Self {
        Self {
            contexts_max,
            raw_keys_max,
            by_raw: HashMap::default(),
            by_def: HashTable::new(),
            def_hash: hashbrown::DefaultHashBuilder::default(),
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_def.len()
    }

    #[inline]
    pub(super) fn known(&self, raw: RawKey) -> Option<ContextId> {
        self.by_raw.get(&raw).map(|&id| ContextId(id))
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: ContextId) -> Option<&mut Context> {
        self.slots.get_mut(id.0 as usize).and_then(Option::as_mut)
    }

    pub(super) fn each(&mut self, act: impl FnMut(&mut Context)) {
        self.slots.iter_mut().flatten().for_each(act);
    }

    /// Parses a raw key that is new, and remembers where it leads.
    #[cold]
    pub(super) fn learn(
        &mut self,
        raw: RawKey,
        kind: SampleKind,
        now_ms: TimeMs,
        define: impl FnOnce() -> Result<SeriesDef, Reason>,
    ) -> Result<ContextId, Reason> {
        let def = define()?;
        let hash = self.def_hash.hash_one((kind, &def));
        let slots = &self.slots;
        let same = |&id: &u32| slots[id as usize].as_ref().is_some_and(|c| c.kind == kind && c.def == def);
        let id = match self.by_def.find(hash, same) {
            Some(&id) => id,
            None => self.add(hash, Context { def, kind, cell: Cell::new(kind), used_ms: now_ms })?,
        };
        if self.by_raw.len() >= self.raw_keys_max {
            self.by_raw.clear();
        }
        self.by_raw.insert(raw, id);
        Ok(ContextId(id))
    }

    fn add(&mut self, hash: u64, context: Context) -> Result<u32, Reason> {
        if self.by_def.len() >= self.contexts_max {
            return Err(Reason::SeriesLimit);
        }
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).map_err(|_| Reason::SeriesLimit)?
            }
        };
        self.slots[id as usize] = Some(context);
        let (slots, builder) = (&self.slots, &self.def_hash);
        let rehash = |&id: &u32| match &slots[id as usize] {
            Some(c) => builder.hash_one((c.kind, &c.def)),
            None => 0,
        };
        self.by_def.insert_unique(hash, id, rehash);
        Ok(id)
    }

    /// Forgets the contexts that need not be kept, and the raw keys that led to them.
    pub(super) fn sweep(&mut self, keep: impl Fn(ContextId, &Context) -> bool) {
        let before = self.len();
        for (id, slot) in (0_u32..).zip(&mut self.slots) {
            let Some(context) = slot.as_ref().filter(|c| !keep(ContextId(id), c)) else { continue };
            let hash = self.def_hash.hash_one((context.kind, &context.def));
            *slot = None;
            self.free.push(id);
            if let Ok(entry) = self.by_def.find_entry(hash, |&other| other == id) {
                entry.remove();
            }
        }
        if self.len() != before {
            let slots = &self.slots;
            self.by_raw.retain(|_, id| slots[*id as usize].is_some());
        }
    }
}

impl Cell {
    fn new(kind: SampleKind) -> Self {
        match kind {
            SampleKind::Gauge => Self::Gauge(None),
            SampleKind::Count => Self::Count { sum: 0.0, touched: false, last_bucket: None },
            SampleKind::Set => Self::Set(HashSet::default()),
            SampleKind::Histogram => Self::Histogram(Histogram::default()),
            SampleKind::Distribution => Self::Sketch(Sketch::new(Mapping::AGENT)),
        }
    }
}

impl Context {
    pub(super) fn close(&mut self, stamp: TimeMs, out: &mut Submission) {
        let mut point = |kind: Kind, value: f64| {
            out.series.push(Series { points: vec![(stamp, value)], ..named(&self.def, kind) });
        };
        match &mut self.cell {
            Cell::Gauge(last) => {
                if let Some(value) = last.take() {
                    point(Kind::Gauge, value);
                }
            }
            Cell::Count { sum, touched, last_bucket } => {
                if *touched || last_bucket.is_some_and(|last| stamp - last <= IDLE_MS) {
                    point(Kind::Rate, *sum / f64::from(BUCKET_S));
                }
                (*sum, *touched) = (0.0, false);
            }
            Cell::Set(members) => {
                if !members.is_empty() {
                    point(Kind::Gauge, members.len() as f64);
                    members.clear();
                }
            }
            Cell::Histogram(h) => {
                if let Some(figures) = h.take() {
                    let base = named(&self.def, Kind::Gauge);
                    out.series.extend(figures.series(&base, stamp, f64::from(BUCKET_S)));
                }
            }
            Cell::Sketch(sketch) => {
                if !sketch.is_empty() {
                    out.sketches.push(sketch_series(&self.def, stamp, std::mem::take(sketch)));
                }
            }
        }
    }
}

/// A series without points.
pub(super) fn named(def: &SeriesDef, kind: Kind) -> Series {
    Series {
        metric: def.metric.to_string(),
        host: def.host.to_string(),
        tags: def.tags.iter().map(str::to_owned).collect(),
        kind,
        interval_s: BUCKET_S,
        points: Vec::new(),
    }
}

fn sketch_series(def: &SeriesDef, stamp: TimeMs, sketch: Sketch) -> SketchSeries {
    SketchSeries {
        metric: def.metric.to_string(),
        host: def.host.to_string(),
        tags: def.tags.iter().map(str::to_owned).collect(),
        interval_s: BUCKET_S,
        points: vec![(stamp, sketch)],
    }
}
