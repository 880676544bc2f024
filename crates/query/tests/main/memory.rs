//! A reader over plain vectors: slow, simple, and written without a look at the engine, so that it can be the oracle's data.

use oriel_model::{
    HostTags, Kind, MetricId, SeriesDef, SeriesId, SeriesKey, Sketch, Tags, TimeMs, TimeRange,
};
use oriel_store::{
    Aggregates, Cancel, Matcher, MetricReader, PieceHead, PieceSink, Reservation, Result, SeriesEntry,
    SketchSink, SketchSummary, Want,
};
use std::sync::Arc;

/// A run of samples of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    pub(crate) interval_s: u32,
    pub(crate) reset: bool,
    pub(crate) points: Vec<(TimeMs, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) def: SeriesDef,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) sketches: Vec<(TimeMs, Sketch)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) series: Vec<Stored>,
    pub(crate) host_tags: Vec<HostTags>,
    /// Samples of a piece at most.
    pub(crate) cut: usize,
    /// Whether whole pieces offer aggregates.
    pub(crate) aggregates: bool,
    /// Bytes that a query may reserve.
    pub(crate) budget: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self { series: Vec::new(), host_tags: Vec::new(), cut: 480, aggregates: true, budget: usize::MAX }
    }
}

impl Memory {
    fn key(&self, index: usize) -> SeriesKey {
        let metric =
            self.series[index].def.metric.bytes().fold(7u64, |h, b| h.wrapping_mul(31) + u64::from(b));
        SeriesKey { metric: MetricId(metric), series: SeriesId(index as u64) }
    }

    fn tags_of(&self, host: &str, range: TimeRange) -> Vec<String> {
        let of_host = self
            .host_tags
            .iter()
            .filter(|t| t.host == host && t.from_ms < range.end && t.to_ms > range.start);
        of_host.flat_map(|t| t.tags.iter().cloned()).collect()
    }

    fn matches(&self, matcher: &Matcher, stored: &Stored, range: TimeRange) -> bool {
        let mut tags: Vec<String> = stored.def.tags.iter().map(str::to_owned).collect();
        tags.extend(self.tags_of(&stored.def.host, range));
        if !stored.def.host.is_empty() {
            tags.push(format!("host:{}", stored.def.host));
        }
        holds(matcher, &tags)
    }

    /// A series' pieces as the store would cut them, clipped to the range.
    fn cut_pieces(&self, stored: &Stored, range: TimeRange) -> Vec<(Piece, bool)> {
        let mut out = Vec::new();
        for piece in &stored.pieces {
            for (i, part) in piece.points.chunks(self.cut.max(1)).enumerate() {
                let inside: Vec<_> = part.iter().copied().filter(|(t, _)| range.contains(*t)).collect();
                let reset = piece.reset && i == 0 && part.first().map(|p| p.0) == inside.first().map(|p| p.0);
                let whole = inside.len() == part.len();
                if !inside.is_empty() {
                    out.push((Piece { points: inside, reset, ..*piece }, whole));
                }
            }
        }
        out
    }
}

fn holds(matcher: &Matcher, tags: &[String]) -> bool {
    match matcher {
        Matcher::All => true,
        Matcher::Equals { key, value } => tags.contains(&format!("{key}:{value}")),
        Matcher::Glob { key, pattern } => {
            let pattern: Vec<char> = format!("{key}:{pattern}").chars().collect();
            tags.iter().any(|t| like(&pattern, &t.chars().collect::<Vec<_>>()))
        }
        Matcher::Bare(tag) => tags.contains(tag),
        Matcher::And(all) => all.iter().all(|m| holds(m, tags)),
        Matcher::Or(any) => any.iter().any(|m| holds(m, tags)),
        Matcher::Not(inner) => !holds(inner, tags),
    }
}

fn like(pattern: &[char], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) => like(&pattern[1..], text) || (!text.is_empty() && like(pattern, &text[1..])),
        (Some(p), Some(t)) if p == t => like(&pattern[1..], &text[1..]),
        _ => false,
    }
}

fn aggregates_of(points: &[(TimeMs, f64)]) -> Aggregates {
    let values: Vec<f64> = points.iter().map(|p| p.1).filter(|v| !v.is_nan()).collect();
    let steps = values.windows(2).map(|w| if w[1] < w[0] { w[1] } else { w[1] - w[0] });
    Aggregates {
        count: values.len() as u64,
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        sum: values.iter().sum(),
        first: values.first().copied().unwrap_or(f64::NAN),
        last: values.last().copied().unwrap_or(f64::NAN),
        increase: steps.sum(),
    }
}

impl MetricReader for Memory {
    fn metrics(&self, _: TimeRange) -> Result<Vec<Arc<str>>> {
        let mut names: Vec<Arc<str>> = self.series.iter().map(|s| Arc::from(&*s.def.metric)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn select(&self, metric: &str, matcher: &Matcher, range: TimeRange) -> Result<Vec<SeriesEntry>> {
        let entry = |(i, s): (usize, &Stored)| SeriesEntry {
            key: self.key(i),
            def: Arc::new(s.def.clone()),
            kind: s.pieces.last().map_or(Kind::Distribution, |p| p.kind),
            interval_s: s.pieces.last().map_or(10, |p| p.interval_s),
        };
        let found = self.series.iter().enumerate();
        Ok(found
            .filter(|(_, s)| &*s.def.metric == metric && self.matches(matcher, s, range))
            .map(entry)
            .collect())
    }

    fn scan(
        &self,
        keys: &[SeriesKey],
        range: TimeRange,
        cancel: &Cancel,
        sink: &mut dyn PieceSink,
    ) -> Result<()> {
        for (series, key) in keys.iter().enumerate() {
            for (piece, whole) in self.cut_pieces(&self.series[key.series.0 as usize], range) {
                if cancel.is_cancelled() {
                    return Err(oriel_store::Error::Cancelled);
                }
                let head = PieceHead {
                    series,
                    kind: piece.kind,
                    interval_s: piece.interval_s,
                    first_ms: piece.points[0].0,
                    last_ms: piece.points[piece.points.len() - 1].0,
                    n: piece.points.len(),
                    reset: piece.reset,
                };
                let has = self.aggregates && whole;
                match sink.piece(&head, has) {
                    Want::Nothing => {}
                    Want::Aggregates => {
                        assert!(has, "aggregates were asked where there are none");
                        sink.aggregates(&head, &aggregates_of(&piece.points));
                    }
                    Want::Samples => {
                        let (times, values): (Vec<_>, Vec<_>) = piece.points.iter().copied().unzip();
                        sink.samples(&head, &times, &values);
                    }
                }
            }
        }
        Ok(())
    }

    fn scan_sketches(
        &self,
        keys: &[SeriesKey],
        range: TimeRange,
        _: &Cancel,
        sink: &mut dyn SketchSink,
    ) -> Result<()> {
        let bins = sink.wants_bins();
        for (series, key) in keys.iter().enumerate() {
            for (time, sketch) in &self.series[key.series.0 as usize].sketches {
                if range.contains(*time) {
                    let summary = SketchSummary {
                        count: sketch.count,
                        sum: sketch.sum,
                        min: sketch.min,
                        max: sketch.max,
                    };
                    sink.point(series, *time, &summary, bins.then_some(sketch));
                }
            }
        }
        Ok(())
    }

    fn host_tags(&self, range: TimeRange) -> Arc<[HostTags]> {
        self.host_tags.iter().filter(|t| t.from_ms < range.end && t.to_ms > range.start).cloned().collect()
    }

    fn reserve(&self, bytes: usize) -> Result<Reservation> {
        if bytes > self.budget {
            return Err(oriel_store::Error::QueryMemory { needed: bytes, free: self.budget });
        }
        Ok(Reservation::unbounded())
    }
}

/// Prometheus' staleness marker.
pub(crate) fn stale() -> f64 {
    f64::from_bits(0x7ff0_0000_0000_0002)
}

/// `name{tag,host:h}`: the host goes to its slot.
pub(crate) fn definition(text: &str) -> SeriesDef {
    let (name, tags) = text.split_once('{').unwrap_or((text, "}"));
    let all: Vec<&str> =
        tags.trim_end_matches('}').split(',').map(str::trim).filter(|t| !t.is_empty()).collect();
    let host = all.iter().find_map(|t| t.strip_prefix("host:")).unwrap_or_default();
    SeriesDef {
        metric: name.into(),
        host: host.into(),
        tags: Tags::canonical(all.iter().copied().filter(|t| !t.starts_with("host:"))),
    }
}
