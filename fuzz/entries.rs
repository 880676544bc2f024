//! What each fuzz target does with its bytes, and what must hold whatever they are. Also replayed over `fuzz/seeds` by
//! `cargo test -p oriel-wire`.
//!
//! A panic is a finding; so is a batch whose parts don't add up, a Datadog name that normalising would change again, or a
//! text line that means something else among others than alone.

// Each target is a binary of its own and calls one of these; breaking a rule is said by panicking, as fuzzers expect.
#![allow(dead_code, clippy::panic, clippy::expect_used)]

use oriel_model::{
    Aggregator, AggregatorLimits, Core, Limits, MetricBatch, MetricBatchBuilder, OrgId, RawHasher, Reason,
    Rejections, RowBatch, RowBatchBuilder, Signal, TimeMs, TimeRange, Unresolved, normalise_metric,
    normalise_tag,
};
use oriel_wire::apm::{self, Chunk, ClientStats, SpanOptions};
use oriel_wire::statsd::{Decoder, Frames};
use oriel_wire::{Result, body as body_decoder, datadog, logs, otlp, prometheus, syslog as syslog_decoder};

const NOW: TimeMs = 1_800_000_000_000;

type Target = (&'static str, fn(&[u8]));

/// Every target by name, for the replay.
pub(crate) const TARGETS: [Target; 30] = [
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
    ("event_v2", event_v2),
    ("intake", intake),
    ("logs_json", logs_json),
    ("logs_lines", logs_lines),
    ("otlp_logs", otlp_logs),
    ("otlp_logs_json", otlp_logs_json),
    ("otlp_metrics", otlp_metrics),
    ("otlp_metrics_json", otlp_metrics_json),
    ("otlp_traces", otlp_traces),
    ("otlp_traces_json", otlp_traces_json),
    ("prometheus_text", prometheus_text),
    ("remote_write", remote_write),
    ("series_v1", series_v1),
    ("series_v2_json", series_v2_json),
    ("series_v2_protobuf", series_v2_protobuf),
    ("sketches", sketches),
    ("statsd", statsd),
    ("statsd_frames", statsd_frames),
    ("syslog", syslog),
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

pub(crate) fn event_v2(data: &[u8]) {
    let batch = rows(Signal::Events, |rows| datadog::event_v2(data, 7, NOW * 1_000_000, rows)).0;
    for row in 0..batch.len() {
        assert!(!batch.text(Core::Name, row).is_empty());
    }
}

pub(crate) fn logs_json(data: &[u8]) {
    decode_logs(data, logs::Form::Json);
}

pub(crate) fn logs_lines(data: &[u8]) {
    decode_logs(data, logs::Form::Lines);
}

/// What we hand on of logs is read as just as many.
fn decode_logs(data: &[u8], form: logs::Form) {
    let defaults = logs::Defaults { now_ns: NOW * 1_000_000, ..logs::Defaults::default() };
    let batch = rows(Signal::Logs, |rows| logs::decode(data, form, &defaults, rows)).0;
    check_logs(&batch);
    let encoded = logs::encode(&batch);
    let (again, refused) =
        rows(Signal::Logs, |rows| logs::decode(&encoded, logs::Form::Json, &defaults, rows));
    assert_eq!(again.len() as u64 + refused.total(), batch.len() as u64);
}

fn check_logs(batch: &RowBatch) {
    const STATUSES: [&str; 9] =
        ["emergency", "alert", "critical", "error", "warn", "notice", "info", "debug", "ok"];
    for row in 0..batch.len() {
        assert!(STATUSES.contains(&batch.text(Core::Status, row)));
    }
}

pub(crate) fn otlp_traces(data: &[u8]) {
    otlp_spans(data, otlp::Encoding::Protobuf);
}

pub(crate) fn otlp_traces_json(data: &[u8]) {
    otlp_spans(data, otlp::Encoding::Json);
}

fn otlp_spans(data: &[u8], encoding: otlp::Encoding) {
    let batch = rows(Signal::Spans, |rows| otlp::traces(data, encoding, &otlp_defaults(), rows)).0;
    for row in 0..batch.len() {
        let row = batch.row(row);
        assert!(row.trace_id != 0 && row.span_id != 0 && row.duration_ns >= 0);
        assert!(!row.text(Core::Service).is_empty() && !row.text(Core::Name).is_empty());
    }
}

pub(crate) fn otlp_logs(data: &[u8]) {
    check_logs(
        &rows(Signal::Logs, |rows| otlp::logs(data, otlp::Encoding::Protobuf, &otlp_defaults(), rows)).0,
    );
}

pub(crate) fn otlp_logs_json(data: &[u8]) {
    check_logs(&rows(Signal::Logs, |rows| otlp::logs(data, otlp::Encoding::Json, &otlp_defaults(), rows)).0);
}

pub(crate) fn otlp_metrics(data: &[u8]) {
    otlp_points(data, otlp::Encoding::Protobuf);
}

pub(crate) fn otlp_metrics_json(data: &[u8]) {
    otlp_points(data, otlp::Encoding::Json);
}

/// Twice over: the second time every stream is known.
fn otlp_points(data: &[u8], encoding: otlp::Encoding) {
    let mut streams = otlp::Streams::new(0);
    for _ in 0..2 {
        let mut changes = None;
        let (points, _) = batch(false, |points| {
            let decoded = rows(Signal::Events, |exemplars| {
                let from = (&otlp_defaults(), &streams);
                changes = Some(otlp::metrics(data, encoding, from, (points, exemplars))?.1);
                Ok(())
            });
            drop(decoded);
            Ok(())
        });
        check_names(&points);
        for point in &points.sketches {
            let binned: u64 = point.sketch.bins.iter().map(|(_, n)| n).sum();
            assert_eq!(point.sketch.count, binned);
        }
        if let Some(changes) = changes {
            streams.commit(changes);
        }
    }
}

fn otlp_defaults() -> otlp::Defaults {
    otlp::Defaults { now_ns: NOW * 1_000_000, host: "h".to_owned(), obfuscate_sql: None }
}

/// Cut anywhere, a stream gives the same frames; each is a log at most.
pub(crate) fn syslog(data: &[u8]) {
    let frames = |cut: usize| {
        let (mut framer, mut got) = (syslog_decoder::Framer::new(1 << 20), Vec::new());
        let (a, b) = data.split_at(cut.min(data.len()));
        framer.push(a, |f| got.push(f.to_vec()));
        framer.push(b, |f| got.push(f.to_vec()));
        framer.flush(|f| got.push(f.to_vec()));
        got
    };
    let whole = frames(0);
    for cut in [1, 3, 4, data.len() / 2, data.len().saturating_sub(1)] {
        assert_eq!(frames(cut), whole);
    }
    let defaults = logs::Defaults { now_ns: NOW * 1_000_000, ..logs::Defaults::default() };
    let (batch, refused) = rows(Signal::Logs, |rows| {
        let mut decoder = syslog_decoder::Decoder::new(&defaults, rows);
        let received = syslog_decoder::Received { now_ns: NOW * 1_000_000, host: "h", offset_s: 3600 };
        whole.iter().for_each(|frame| decoder.frame(frame, &received));
        Ok(())
    });
    assert!(batch.len() as u64 + refused.total() <= whole.len() as u64);
    check_logs(&batch);
}

/// Rows whose columns add up.
fn rows(signal: Signal, decode: impl FnOnce(&mut RowBatchBuilder) -> Result<()>) -> (RowBatch, Rejections) {
    let mut builder = RowBatchBuilder::new(OrgId(1), signal, &Limits::default(), TimeRange::all());
    let _ = decode(&mut builder);
    let (batch, rejections) = builder.finish();
    assert_eq!(batch.entry_ends.len(), batch.len());
    assert_eq!(batch.entry_bits.len(), batch.entry_keys.len());
    assert_eq!(batch.entry_ends.last().map_or(0, |&e| e as usize), batch.entry_bits.len());
    assert_eq!(batch.message.ends.last().map_or(0, |&e| e as usize), batch.message.bytes.len());
    (batch, rejections)
}
