//! The scan over samples; see [`super`].

use super::merge::Merged;
use crate::file::{Row, SampleCursor};
use crate::head::{MetricHead, Samples};
use crate::parts::Content;
use crate::view::View;
use crate::{Cancel, Error, PieceHead, PieceSink, Result, Want};
use oriel_model::{Kind, OrgId, SeriesKey, TimeMs, TimeRange};
use std::sync::Arc;

/// Keys collected at once: enough that files and heads are read in runs, few enough that what is copied out of heads stays
/// small (64 keys × 2,880 samples × 16 bytes are 3 MB).
const BLOCK_KEYS: usize = 64;

/// Pieces between two looks at the cancel flag (STORE 35).
const CANCEL_EVERY: usize = 64;

/// A piece of one key, from a file or a head.
pub(super) struct Piece {
    /// Index into the block's keys.
    key: u32,
    /// Files in the order of their sequence, then heads: the higher one wins.
    pub(super) rank: u32,
    pub(super) first_ms: TimeMs,
    pub(super) last_ms: TimeMs,
    pub(super) body: Body,
}

pub(super) enum Body {
    Row(Row),
    Head(HeadRun),
}

/// A run in the scan's head buffer.
#[derive(Clone, Copy)]
pub(super) struct HeadRun {
    start: usize,
    end: usize,
    kind: Kind,
    interval_s: u32,
    reset: bool,
}

impl Piece {
    fn head(&self, series: usize) -> PieceHead {
        let (kind, interval_s, reset, n) = match &self.body {
            Body::Row(row) => (row.kind, row.interval_s, row.reset, row.n),
            Body::Head(run) => (run.kind, run.interval_s, run.reset, run.end - run.start),
        };
        let (first_ms, last_ms) = (self.first_ms, self.last_ms);
        PieceHead { series, kind, interval_s, first_ms, last_ms, n, reset }
    }

    /// Kind, interval, and whether its first sample starts a running total anew.
    pub(super) fn shape(&self) -> (Kind, u32, bool) {
        match &self.body {
            Body::Row(row) => (row.kind, row.interval_s, row.reset),
            Body::Head(run) => (run.kind, run.interval_s, run.reset),
        }
    }
}

/// Buffers of one scan, and where it reads.
pub(super) struct Scan<'a> {
    org: OrgId,
    range: TimeRange,
    cancel: &'a Cancel,
    /// In the order of the files' sequence.
    files: Vec<SampleCursor>,
    heads: &'a [Arc<MetricHead>],
    pieces: Vec<Piece>,
    /// Samples copied out of heads for the block.
    copied: Samples,
    times: Vec<TimeMs>,
    values: Vec<f64>,
    merged: Merged,
    seen: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(view: &'a View, org: OrgId, range: TimeRange, cancel: &'a Cancel) -> Result<Self> {
        let mut files = Vec::new();
        let holds = |f: &&Arc<crate::view::OpenFile>| {
            f.meta.content == Content::Samples && f.meta.has_org(org) && f.meta.overlaps(range)
        };
        for file in view.files.iter().filter(holds) {
            files.push(file.samples()?.cursor(org, range));
        }
        Ok(Self {
            org,
            range,
            cancel,
            files,
            heads: &view.metric_heads,
            pieces: Vec::new(),
            copied: Samples::default(),
            times: Vec::new(),
            values: Vec::new(),
            merged: Merged::default(),
            seen: 0,
        })
    }

    pub(super) fn run(mut self, keys: &[SeriesKey], sink: &mut dyn PieceSink) -> Result<()> {
        if self.range.is_empty() {
            return Ok(());
        }
        for (n, block) in keys.chunks(BLOCK_KEYS).enumerate() {
            self.collect(block)?;
            self.give(n * BLOCK_KEYS, sink)?;
        }
        Ok(())
    }

    /// Finds the pieces of a block's keys, in the order of key and time.
    fn collect(&mut self, keys: &[SeriesKey]) -> Result<()> {
        self.pieces.clear();
        self.copied.clear();
        let pieces = &mut self.pieces;
        for (rank, file) in (0u32..).zip(&mut self.files) {
            for (key_index, &key) in keys.iter().enumerate() {
                file.seek(key)?;
                while let Some(row) = file.next(key)? {
                    let (first_ms, last_ms) = (row.first_ms, row.last_ms);
                    pieces.push(Piece {
                        key: key_index as u32,
                        rank,
                        first_ms,
                        last_ms,
                        body: Body::Row(row),
                    });
                }
            }
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
        }
        for (n, head) in self.heads.iter().enumerate() {
            let rank = (self.files.len() + n) as u32;
            for (key, id) in keys.iter().enumerate() {
                let spans = self.copied.spans.len();
                if head.read(self.org, *id, self.range, &mut self.copied) {
                    head_pieces(&self.copied, spans, (key as u32, rank), pieces);
                }
            }
        }
        // One file alone gives its rows in this order already.
        if !pieces.is_sorted_by_key(|p| (p.key, p.first_ms)) {
            pieces.sort_by_key(|p| (p.key, p.first_ms));
        }
        Ok(())
    }

    /// Gives the collected pieces to the sink.
    fn give(&mut self, first_key: usize, sink: &mut dyn PieceSink) -> Result<()> {
        let pieces = std::mem::take(&mut self.pieces);
        let mut at = 0;
        while at < pieces.len() {
            self.check_cancel()?;
            let cluster = cluster_len(&pieces[at..]);
            let series = first_key + pieces[at].key as usize;
            match &pieces[at..at + cluster] {
                [alone] => self.give_one(series, alone, sink)?,
                several => self.give_merged(series, several, sink)?,
            }
            at += cluster;
        }
        self.pieces = pieces;
        Ok(())
    }

    fn check_cancel(&mut self) -> Result<()> {
        self.seen += 1;
        if self.seen.is_multiple_of(CANCEL_EVERY) && self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    /// A piece that nothing overlaps.
    fn give_one(&mut self, series: usize, piece: &Piece, sink: &mut dyn PieceSink) -> Result<()> {
        let head = piece.head(series);
        let row = match &piece.body {
            Body::Row(row) => row,
            Body::Head(run) => {
                if sink.piece(&head, false) == Want::Samples {
                    let span = run.start..run.end;
                    sink.samples(&head, &self.copied.times[span.clone()], &self.copied.values[span]);
                }
                return Ok(());
            }
        };
        let whole = self.range.start <= row.first_ms && row.last_ms < self.range.end;
        match sink.piece(&head, whole && row.has_aggregates()) {
            Want::Nothing => Ok(()),
            Want::Aggregates if whole && row.has_aggregates() => {
                if let Some(aggregates) = row.aggregates()? {
                    sink.aggregates(&head, &aggregates);
                }
                Ok(())
            }
            _ => {
                row.decode(&mut self.times, &mut self.values)?;
                let part = part_in(&self.times, self.range);
                if !part.is_empty() {
                    sink.samples(&head, &self.times[part.clone()], &self.values[part]);
                }
                Ok(())
            }
        }
    }

    /// Pieces that overlap each other: decoded, merged, and cut where kind or interval changes.
    fn give_merged(&mut self, series: usize, pieces: &[Piece], sink: &mut dyn PieceSink) -> Result<()> {
        self.merged.clear();
        for piece in pieces {
            match &piece.body {
                Body::Row(row) => {
                    row.decode(&mut self.times, &mut self.values)?;
                    let part = part_in(&self.times, self.range);
                    let cut = part.start > 0;
                    self.merged.add(piece, cut, &self.times[part.clone()], &self.values[part]);
                }
                Body::Head(run) => {
                    let span = run.start..run.end;
                    self.merged.add(
                        piece,
                        false,
                        &self.copied.times[span.clone()],
                        &self.copied.values[span],
                    );
                }
            }
        }
        self.merged.finish();
        for (shape, times, values) in self.merged.runs() {
            let (kind, interval_s, reset) = shape;
            let (first_ms, last_ms) = (times[0], times[times.len() - 1]);
            let head = PieceHead { series, kind, interval_s, first_ms, last_ms, n: times.len(), reset };
            if sink.piece(&head, false) == Want::Samples {
                sink.samples(&head, times, values);
            }
        }
        Ok(())
    }
}

/// The spans from number `from` on, as pieces.
fn head_pieces(copied: &Samples, from: usize, (key, rank): (u32, u32), pieces: &mut Vec<Piece>) {
    for (n, span) in copied.spans.iter().enumerate().skip(from) {
        let end = copied.spans.get(n + 1).map_or(copied.times.len(), |next| next.start);
        pieces.push(Piece {
            key,
            rank,
            first_ms: copied.times[span.start],
            last_ms: copied.times[end - 1],
            body: Body::Head(HeadRun {
                start: span.start,
                end,
                kind: span.kind,
                interval_s: span.interval_s,
                reset: span.reset,
            }),
        });
    }
}

/// How many pieces from the first on overlap each other, directly or through others. They are sorted by key and start.
fn cluster_len(pieces: &[Piece]) -> usize {
    let mut last_ms = pieces[0].last_ms;
    let mut n = 1;
    while let Some(next) = pieces.get(n).filter(|p| p.key == pieces[0].key && p.first_ms <= last_ms) {
        last_ms = last_ms.max(next.last_ms);
        n += 1;
    }
    n
}

/// The part of sorted times that lies in the range.
fn part_in(times: &[TimeMs], range: TimeRange) -> std::ops::Range<usize> {
    let inside = |t: Option<&TimeMs>| t.is_none_or(|&t| range.contains(t));
    if inside(times.first()) && inside(times.last()) {
        return 0..times.len();
    }
    let from = times.partition_point(|&t| t < range.start);
    from..from + times[from..].partition_point(|&t| t < range.end)
}
