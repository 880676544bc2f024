//! What each fuzz target does with its bytes, and what must hold whatever they are. Also replayed over `fuzz/seeds` by
//! `cargo test -p oriel-wire`.
//!
//! A panic is a finding; so is a batch whose parts don't add up, a Datadog name that normalising would change again, or a
//! text line that means something else among others than alone.

// Each target is a binary of its own and calls one of these; breaking a rule is said by panicking, as fuzzers expect.
#![allow(dead_code, clippy::panic, clippy::expect_used)]

use oriel_model::{
    Aggregator, AggregatorLimits, Core, Limits, MetricBatch, MetricBatchBuilder, OrgId, RawHasher, Reason,
    Rejections, RowBatchBuilder, Signal, TimeMs, TimeRange, Unresolved, normalise_metric, normalise_tag,
};
use oriel_wire::apm::{self, Chunk, ClientStats, SpanOptions};
use oriel_wire::statsd::{Decoder, Frames};
use oriel_wire::{Result, body as body_decoder, datadog, prometheus};

const NOW: TimeMs = 1_800_000_000_000;

type Target = (&'static str, fn(&[u8]));

/// Every target by name, for the replay.
pub(crate) const TARGETS: [Target; 20] = [
    ("apm_agent_payload", apm_agent_payload),
    ("apm_agent_stats", apm_agent_stats),
    ("apm_client_stats", apm_client_stats),
    ("apm_json", apm_json),
    ("apm_v04", apm_v04),
    ("apm_v05", apm_v05),
    ("apm_v07", apm_v07),
    ("body", body),
    ("check_run", check_run),
    ("distribution_points", distribution_points),
    ("event_v1", event_v1),
    ("intake", intake),
    ("prometheus_text", prometheus_text),
    ("remote_write", remote_write),
    ("series_v1", series_v1),
    ("series_v2_json", series_v2_json),
    ("series_v2_protobuf", series_v2_protobuf),
    ("sketches", sketches),
    ("statsd", statsd),
    ("statsd_frames", statsd_frames),
];

/// The first byte chooses the encoding; what comes out stays under the limit.
pub(crate) fn body(data: &[u8]) {
    const ENCODINGS: [&str; 6] = ["gzip", "deflate", "zstd", "snappy", "identity", "zstd, gzip"];
    let Some((&choice, rest)) = data.split_first() else { return };
    let encoding = ENCODINGS[usize::from(choice) % ENCODINGS.len()];
    if let Ok(decoded) = body_decoder::decode(Some(encoding), rest, 1 << 20) {
        assert!(decoded.len() <= 1 << 20);
    }
}

pub(crate) fn series_v1(data: &[u8]) {
    datadog_batch(|b| datadog::series_v1(data, NOW, b));
}

pub(crate) fn series_v2_json(data: &[u8]) {
    datadog_batch(|b| datadog::series_v2_json(data, NOW, b));
}

pub(crate) fn series_v2_protobuf(data: &[u8]) {
    datadog_batch(|b| datadog::series_v2_protobuf(data, b));
}

pub(crate) fn distribution_points(data: &[u8]) {
    datadog_batch(|b| datadog::distribution_points(data, NOW, b));
}

pub(crate) fn sketches(data: &[u8]) {
    datadog_batch(|b| datadog::sketches(data, b));
}

pub(crate) fn check_run(data: &[u8]) {
    if let Ok((checks, _)) = datadog::check_run(data, NOW) {
        let again = datadog::check_run(&datadog::encode::checks(&checks), NOW);
        assert_eq!(again.expect("our own bytes").0.len(), checks.len());
    }
}

pub(crate) fn event_v1(data: &[u8]) {
    if let Ok(event) = datadog::event_v1(data, NOW) {
        assert!(!event.title.is_empty());
    }
}

pub(crate) fn intake(data: &[u8]) {
    if let Ok((submission, _)) = datadog::intake(data, NOW) {
        for metadata in &submission.host_metadata {
            datadog::intake(&datadog::encode::host_metadata(metadata), NOW).expect("our own bytes");
        }
    }
}

pub(crate) fn remote_write(data: &[u8]) {
    batch(true, |b| prometheus::remote_write(data, &|_| None, b).map(drop));
}

/// All lines together give the rows that each gives alone.
pub(crate) fn prometheus_text(data: &[u8]) {
    let (together, _) = batch(true, |b| prometheus::text(data, NOW, b).map(drop));
    let alone: usize = data
        .split(|&b| b == b'\n')
        .map(|line| batch(true, |b| prometheus::text(line, NOW, b).map(drop)).0.rows())
        .sum();
    assert_eq!(together.rows(), alone);
}

pub(crate) fn statsd(data: &[u8]) {
    let mut aggregator = Aggregator::new(AggregatorLimits::default(), RawHasher::new([3; 192]), NOW);
    let mut decoder = Decoder::new("h", Limits::default());
    decoder.packet(data, NOW, &mut aggregator);
    let (submission, _) = aggregator.finish(NOW);
    let (batch, rejections) = batch(false, |b| {
        submission.build(b);
        Ok(())
    });
    // Sums may overflow; nothing else of what the aggregator gives is refused further on.
    let overflow = |r: &Reason| matches!(r, Reason::NotFinite | Reason::BadSketch);
    assert!(rejections.counts().iter().all(|(r, _)| overflow(r)), "{}", rejections.summary());
    check_names(&batch);
}

/// Cut anywhere, a stream gives the same frames.
pub(crate) fn statsd_frames(data: &[u8]) {
    let frames = |cut: usize| {
        let (mut frames, mut got) = (Frames::default(), Vec::new());
        let (a, b) = data.split_at(cut.min(data.len()));
        let fed =
            frames.feed(a, |p| got.push(p.to_vec())).and_then(|()| frames.feed(b, |p| got.push(p.to_vec())));
        (fed.is_ok(), got)
    };
    let whole = frames(0);
    for cut in [1, 3, 4, 5, data.len() / 2] {
        assert_eq!(frames(cut), whole);
    }
}

fn datadog_batch(decode: impl FnOnce(&mut MetricBatchBuilder<'_>) -> Result<()>) {
    let (batch, _) = batch(false, decode);
    assert!(batch.values.iter().all(|v| v.is_finite()), "Datadog's intakes refuse what is not finite");
    check_names(&batch);
}

fn check_names(batch: &MetricBatch) {
    for def in batch.series.iter().filter_map(|s| s.def.as_ref()) {
        assert_eq!(normalise_metric(&def.metric).as_deref(), Some(&*def.metric));
        for tag in def.tags.iter() {
            assert_eq!(normalise_tag(tag), tag);
            assert!(!tag.starts_with("host:"), "the host is never also a tag (STORE 2)");
        }
    }
}

fn batch(
    non_finite: bool,
    decode: impl FnOnce(&mut MetricBatchBuilder<'_>) -> Result<()>,
) -> (MetricBatch, Rejections) {
    let (resolver, limits) = (Unresolved::default(), Limits::default());
    let mut builder = MetricBatchBuilder::new(OrgId(1), &resolver, &limits, TimeRange::all(), ("fuzz", ""));
    if non_finite {
        builder = builder.allow_non_finite();
    }
    let _ = decode(&mut builder);
    let (batch, rejections) = builder.finish();
    let samples: usize = batch.series.iter().map(|s| s.len as usize).sum();
    assert_eq!(samples, batch.ts.len());
    assert_eq!(batch.ts.len(), batch.values.len());
    for sketch in &batch.sketches {
        assert!((sketch.series as usize) < batch.series.len());
        assert!(sketch.sketch.bins.windows(2).all(|w| w[0].0 < w[1].0), "bins are sorted without repeats");
    }
    (batch, rejections)
}

pub(crate) fn apm_json(data: &[u8]) {
    spans(|options, rows| apm::traces_json(data, options, rows));
}

pub(crate) fn apm_v04(data: &[u8]) {
    spans(|options, rows| apm::traces_v04(data, options, rows));
}

pub(crate) fn apm_v05(data: &[u8]) {
    spans(|options, rows| apm::traces_v05(data, options, rows));
}

pub(crate) fn apm_v07(data: &[u8]) {
    spans(|options, rows| apm::traces_v07(data, options, rows));
}

pub(crate) fn apm_agent_payload(data: &[u8]) {
    spans(|options, rows| apm::agent_payload(data, options, rows));
}

/// Chunks lie one after the other, and hold all rows but those that were refused.
fn spans(decode: impl Fn(SpanOptions<'_>, &mut RowBatchBuilder) -> Result<Vec<Chunk>>) {
    let options = SpanOptions {
        now_ns: NOW * 1_000_000,
        default_host: "h",
        default_env: "none",
        language: "rust",
        top_level_marked: false,
        obfuscate_sql: |text| Some(text.to_uppercase()),
    };
    let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Spans, &Limits::default(), TimeRange::all());
    let decoded = decode(options, &mut builder);
    let (batch, _) = builder.finish();
    let Ok(chunks) = decoded else { return };
    let mut next = 0;
    for chunk in &chunks {
        assert_eq!(chunk.first, next);
        assert!(chunk.rows > 0);
        next += chunk.rows;
    }
    assert_eq!(next, batch.len());
    for row in 0..batch.len() {
        let row = batch.row(row);
        assert!(row.duration_ns >= 0);
        assert!(!row.text(Core::Service).is_empty() && !row.text(Core::Name).is_empty());
        assert!(matches!(row.text(Core::Status), "ok" | "error"));
    }
}

pub(crate) fn apm_client_stats(data: &[u8]) {
    if let Ok(stats) = apm::client_stats(data) {
        check_stats(&stats);
    }
}

pub(crate) fn apm_agent_stats(data: &[u8]) {
    if let Ok(all) = apm::agent_stats(data) {
        all.iter().for_each(check_stats);
    }
}

fn check_stats(stats: &ClientStats) {
    for group in stats.buckets.iter().flat_map(|b| &b.groups) {
        for sketch in [&group.ok, &group.error] {
            assert!(sketch.is_empty() || (sketch.sum.is_finite() && sketch.min <= sketch.max));
            assert!(sketch.clone().normalise(usize::MAX).is_ok());
        }
    }
}
