//! Decoding into lines that a person can read.

use oriel_model::{
    Aggregator, AggregatorLimits, Event, Limits, MetricBatch, MetricBatchBuilder, OrgId, RawHasher,
    Rejections, ServiceCheck, Submission, TimeMs, TimeRange, Unresolved,
};
use oriel_wire::Result;
use oriel_wire::statsd::Decoder;

/// "Now" of every test: 2027-01-15 08:00:00 UTC.
pub(crate) const NOW: TimeMs = 1_800_000_000_000;

/// Decodes into a batch that takes every time.
pub(crate) fn batch(
    decode: impl FnOnce(&mut MetricBatchBuilder<'_>) -> Result<()>,
) -> (Result<()>, MetricBatch, Rejections) {
    let (resolver, limits) = (Unresolved::default(), Limits::default());
    let mut builder = MetricBatchBuilder::new(OrgId(1), &resolver, &limits, TimeRange::all(), ("test", ""));
    let done = decode(&mut builder);
    let (batch, rejections) = builder.finish();
    (done, batch, rejections)
}

/// [`batch`] as lines.
pub(crate) fn lines(decode: impl FnOnce(&mut MetricBatchBuilder<'_>) -> Result<()>) -> Vec<String> {
    let (done, batch, rejections) = batch(decode);
    let mut out = batch_lines(&batch);
    out.extend(done.err().map(|e| format!("error: {e}")));
    out.extend(refused_lines(&rejections));
    out
}

pub(crate) fn batch_lines(batch: &MetricBatch) -> Vec<String> {
    let name = |i: usize| {
        let s = &batch.series[i];
        let def = s.def.as_ref().expect("nothing is resolved");
        let tags: Vec<&str> = def.tags.iter().collect();
        let interval = if s.interval_s > 0 { format!(" {}s", s.interval_s) } else { String::new() };
        format!("{}{interval} {}{{{}}}@{}", s.kind.as_str(), def.metric, tags.join(","), def.host)
    };
    let mut out = Vec::new();
    for (i, s) in batch.series.iter().enumerate() {
        let (times, values) = batch.samples(s);
        let points: Vec<String> =
            times.iter().zip(values).map(|(t, v)| format!("{}={v}", time(*t))).collect();
        if !points.is_empty() {
            out.push(format!("{} {}", name(i), points.join(" ")));
        }
    }
    for p in &batch.sketches {
        let k = &p.sketch;
        let shape = format!("n={} sum={} min={} max={} {:?}", k.count, k.sum, k.min, k.max, k.bins);
        out.push(format!("{} {} {shape}", name(p.series as usize), time(p.time_ms)));
    }
    out
}

pub(crate) fn refused_lines(rejections: &Rejections) -> Vec<String> {
    rejections.examples().iter().map(|e| format!("refused {}: {}", e.reason, e.text)).collect()
}

/// Seconds; `now` for [`NOW`].
fn time(ms: TimeMs) -> String {
    if ms == NOW { "now".to_owned() } else { format!("{}", ms as f64 / 1000.0) }
}

/// One bucket of DogStatsD: what a packet makes.
pub(crate) fn statsd_lines(packets: &[&[u8]]) -> Vec<String> {
    let mut aggregator = Aggregator::new(AggregatorLimits::default(), RawHasher::new([3; 192]), NOW);
    let mut decoder = Decoder::new("h0", Limits::default());
    for packet in packets {
        decoder.packet(packet, NOW, &mut aggregator);
    }
    let (submission, rejections) = aggregator.finish(NOW);
    let mut out = submission_lines(&submission);
    out.extend(refused_lines(&rejections));
    out
}

pub(crate) fn submission_lines(submission: &Submission) -> Vec<String> {
    let (_, batch, refused) = batch(|b| {
        submission.build(b);
        Ok(())
    });
    let mut out = batch_lines(&batch);
    out.extend(submission.events.iter().map(event_line));
    out.extend(submission.checks.iter().map(check_line));
    out.extend(submission.host_metadata.iter().map(|m| {
        let raw: Vec<&String> = m.raw.as_object().into_iter().flatten().map(|(k, _)| k).collect();
        format!(
            "host {} version {:?} tags {:?} checks {} raw {raw:?}",
            m.host,
            m.agent_version,
            m.host_tags,
            m.agent_checks.len()
        )
    }));
    out.extend(refused_lines(&refused));
    out
}

pub(crate) fn event_line(e: &Event) -> String {
    format!(
        "event {:?} {:?} @{} {} source={:?} key={:?} {} {} {:?}",
        e.title,
        e.text,
        e.host,
        time(e.time_ms),
        e.source,
        e.aggregation_key,
        e.priority.as_str(),
        e.alert_type.as_str(),
        e.tags
    )
}

pub(crate) fn check_line(c: &ServiceCheck) -> String {
    format!("check {:?} {:?} @{} {} {:?} {:?}", c.check, c.status, c.host, time(c.time_ms), c.message, c.tags)
}
