//! From a head to what is written: chunks and sketch chunks in file order, and the series of each day.
//!
//! Chunks are cut at absolute windows (STORE 8), at changes of kind or interval (STORE 10), and hold equal time vectors once
//! (STORE 9). A head that is being sealed does not change, so its chunks are made one series at a time, as the writer asks.

use super::column::{Column, Samples, Span};
use super::{MetricHead, Shard};
use crate::parts::{CHUNK_SAMPLES_MAX, Chunk, SeriesRow, SketchChunk, window_ms, window_start};
use oriel_model::{OrgId, SeriesKey, Sketch, TimeMs, TimeRange};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Time vectors remembered for sharing: those of the scrapes and flushes that neighbouring series may share. Past it the
/// memory starts anew.
const VECTORS_MAX: usize = 65_536;

/// Where a series is, in file order.
struct Place {
    org: OrgId,
    key: SeriesKey,
    shard: u32,
    column: u32,
}

impl MetricHead {
    /// All samples as chunks, in the order (org, metric, series, time).
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Chunk> + '_ {
        Chunks {
            shards: &self.shards,
            places: self.places().into_iter(),
            samples: Samples::default(),
            vectors: HashMap::new(),
            ready: Vec::new().into_iter(),
        }
    }

    /// All sketches as chunks, in the same order; sketches of one time are merged.
    pub(crate) fn sketch_chunks(&self) -> impl Iterator<Item = SketchChunk> + '_ {
        self.places().into_iter().flat_map(|place| {
            let shard = self.shards[place.shard as usize].read();
            sketch_chunks_of(&shard.columns[place.column as usize])
        })
    }

    /// Each series with its definition, once for each day it has data on, in the order (org, day, metric, series).
    pub(crate) fn series_rows(&self) -> Vec<SeriesRow> {
        let mut rows = Vec::new();
        for shard in &self.shards {
            let shard = shard.read();
            for column in &shard.columns {
                let shape = column.day_series();
                rows.extend(column.days.iter().map(|&day| SeriesRow {
                    org: column.org,
                    key: column.key,
                    def: column.def.clone(),
                    day,
                    kind: shape.kind,
                    interval_s: column.interval_or_seen(),
                }));
            }
        }
        rows.sort_unstable_by_key(|r| (r.org, r.day, r.key));
        rows
    }

    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (s, shard) in self.shards.iter().enumerate() {
            let shard = shard.read();
            places.extend(shard.columns.iter().enumerate().map(|(c, column)| Place {
                org: column.org,
                key: column.key,
                shard: s as u32,
                column: c as u32,
            }));
        }
        places.sort_unstable_by_key(|p| (p.org, p.key));
        places
    }
}

/// Cuts one series at a time.
struct Chunks<'a> {
    shards: &'a [RwLock<Shard>],
    places: std::vec::IntoIter<Place>,
    samples: Samples,
    vectors: HashMap<u64, Arc<[TimeMs]>>,
    ready: std::vec::IntoIter<Chunk>,
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        loop {
            if let Some(chunk) = self.ready.next() {
                return Some(chunk);
            }
            let place = self.places.next()?;
            self.samples.clear();
            let shard = self.shards[place.shard as usize].read();
            shard.columns[place.column as usize].read(TimeRange::all(), &mut self.samples);
            drop(shard);
            self.ready = self.cut(&place).into_iter();
        }
    }
}

impl Chunks<'_> {
    fn cut(&mut self, place: &Place) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        let samples = std::mem::take(&mut self.samples);
        for (n, span) in samples.spans.iter().enumerate() {
            let end = samples.spans.get(n + 1).map_or(samples.times.len(), |s| s.start);
            for part in windows(&samples.times, span, end) {
                let reset = span.reset && part.start == span.start;
                chunks.push(Chunk {
                    org: place.org,
                    key: place.key,
                    kind: span.kind,
                    interval_s: span.interval_s,
                    reset,
                    times: self.share(&samples.times[part.clone()]),
                    values: samples.values[part].to_vec(),
                });
            }
        }
        self.samples = samples;
        chunks
    }

    /// The one copy of a time vector.
    fn share(&mut self, times: &[TimeMs]) -> Arc<[TimeMs]> {
        let hash = times.iter().fold(xxh3_64(&(times.len() as u64).to_le_bytes()), |h, &t| {
            (h ^ t as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
        });
        if let Some(shared) = self.vectors.get(&hash)
            && **shared == *times
        {
            return shared.clone();
        }
        if self.vectors.len() >= VECTORS_MAX {
            self.vectors.clear();
        }
        let shared: Arc<[TimeMs]> = times.into();
        self.vectors.insert(hash, shared.clone());
        shared
    }
}

/// The parts of a span that lie in one window each, of at most [`CHUNK_SAMPLES_MAX`].
fn windows(times: &[TimeMs], span: &Span, end: usize) -> Vec<std::ops::Range<usize>> {
    let length = window_ms(span.interval_s);
    let mut parts = Vec::new();
    let mut start = span.start;
    while start < end {
        let window_end = window_start(times[start], length).saturating_add(length);
        let most = end.min(start + CHUNK_SAMPLES_MAX);
        let stop = start + times[start..most].partition_point(|&t| t < window_end);
        parts.push(start..stop);
        start = stop;
    }
    parts
}

fn sketch_chunks_of(column: &Column) -> Vec<SketchChunk> {
    let mut points: Vec<&(TimeMs, u32, Sketch)> = column.sketches.iter().collect();
    points.sort_by_key(|(t, ..)| *t);
    let mut chunks: Vec<SketchChunk> = Vec::new();
    for (time, interval_s, sketch) in points {
        let length = window_ms(*interval_s);
        if let Some(last) = chunks.last_mut().filter(|c| c.interval_s == *interval_s) {
            let (last_time, last_sketch) = match last.points.last_mut() {
                Some((t, s)) => (*t, s),
                None => continue,
            };
            if last_time == *time {
                last_sketch.merge(sketch);
                continue;
            }
            if window_start(last_time, length) == window_start(*time, length)
                && last.points.len() < CHUNK_SAMPLES_MAX
            {
                last.points.push((*time, sketch.clone()));
                continue;
            }
        }
        chunks.push(SketchChunk {
            org: column.org,
            key: column.key,
            interval_s: *interval_s,
            points: vec![(*time, sketch.clone())],
        });
    }
    chunks
}
