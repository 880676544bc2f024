//! Packets into the aggregator, line by line; a line that can't be read is counted and costs its neighbours nothing.

use super::event::{self, Defaults};
use super::line::{self, MetricLine, number};
use super::tags;
use memchr::memchr_iter;
use oriel_model::{
    Aggregator, ContextId, Limits, Reason, SampleKind, SeriesDef, Tags, TimeMs, normalise_metric,
};

/// The longest of what the aggregator adds to a histogram's name.
const HISTOGRAM_ENDING_BYTES: usize = ".95percentile".len();

/// The decoder of one listener. Holds only a scratch buffer, so that known metrics allocate nothing.
#[derive(Debug)]
pub struct Decoder {
    default_host: String,
    limits: Limits,
    scratch: Vec<u8>,
}

impl Decoder {
    /// `default_host` is the host of lines that name none.
    pub fn new(default_host: impl Into<String>, limits: Limits) -> Self {
        Self { default_host: default_host.into(), limits, scratch: Vec::with_capacity(512) }
    }

    /// Adds every line of a packet to the aggregator, which has been advanced to `now_ms`. Returns how many lines there were.
    pub fn packet(&mut self, packet: &[u8], now_ms: TimeMs, aggregator: &mut Aggregator) -> usize {
        let mut lines = 0;
        let mut from = 0;
        for end in memchr_iter(b'\n', packet).chain(std::iter::once(packet.len())) {
            let line = packet[from..end].trim_ascii_end();
            from = end + 1;
            if line.is_empty() {
                continue;
            }
            lines += 1;
            if let Err(reason) = self.line(line, now_ms, aggregator) {
                aggregator.reject(reason, 1, || String::from_utf8_lossy(line).into_owned());
            }
        }
        lines
    }

    fn line(&mut self, line: &[u8], now_ms: TimeMs, aggregator: &mut Aggregator) -> Result<(), Reason> {
        if line[0] == b'_' {
            let defaults = Defaults { host: &self.default_host, now_ms };
            if line.starts_with(b"_e{") {
                aggregator.event(event::event(line, defaults)?);
                return Ok(());
            }
            if line.starts_with(b"_sc|") {
                aggregator.check(event::check(line, defaults)?);
                return Ok(());
            }
        }
        self.metric(&line::parse(line)?, aggregator)
    }

    fn metric(&mut self, line: &MetricLine<'_>, aggregator: &mut Aggregator) -> Result<(), Reason> {
        if line.time_s.is_some() && !matches!(line.kind.sample_kind(), SampleKind::Gauge | SampleKind::Count)
        {
            return Err(Reason::UnsupportedType);
        }
        if line.kind.sample_kind() == SampleKind::Set {
            let id = self.context(line, aggregator)?;
            aggregator.add_member(id, line.values);
            return Ok(());
        }
        // One value is the rule; of several all are read first, so that a bad one refuses the whole line as in the agent.
        let mut values = line.each_value();
        let first = number(values.next().ok_or(Reason::BadValue)?)?;
        for value in values {
            number(value)?;
        }
        let id = self.context(line, aggregator)?;
        add(aggregator, id, line, first);
        for value in line.each_value().skip(1) {
            add(aggregator, id, line, number(value)?);
        }
        Ok(())
    }

    /// Tags can't hold `|`, so the last one parts the pieces of the key.
    fn context(&mut self, line: &MetricLine<'_>, aggregator: &mut Aggregator) -> Result<ContextId, Reason> {
        let kind = line.kind.sample_kind();
        self.scratch.clear();
        self.scratch.extend_from_slice(line.name);
        self.scratch.extend_from_slice(&[b'|', kind as u8]);
        self.scratch.extend_from_slice(line.tags);
        let raw = aggregator.key(&self.scratch);
        aggregator.context(raw, kind, || self.define(line))
    }

    #[cold]
    fn define(&self, line: &MetricLine<'_>) -> Result<SeriesDef, Reason> {
        let name = String::from_utf8_lossy(line.name);
        let metric = normalise_metric(name.trim()).ok_or(Reason::BadName)?;
        // A histogram's series have longer names: one that would be refused later is refused here, where its line is known.
        let ending =
            if line.kind.sample_kind() == SampleKind::Histogram { HISTOGRAM_ENDING_BYTES } else { 0 };
        if metric.len() + ending > self.limits.metric_name_bytes {
            return Err(Reason::NameTooLong);
        }
        let read = tags::read(line.tags);
        if read.tags.len() > self.limits.tags_per_series {
            return Err(Reason::TooManyTags);
        }
        let host = read.host.unwrap_or_else(|| self.default_host.clone());
        if host.len() > self.limits.host_bytes {
            return Err(Reason::HostTooLong);
        }
        Ok(SeriesDef { metric: (&*metric).into(), host: host.into(), tags: Tags::canonical(read.tags) })
    }
}

#[inline]
fn add(aggregator: &mut Aggregator, id: ContextId, line: &MetricLine<'_>, value: f64) {
    match line.time_s {
        None => aggregator.add(id, value, line.weight),
        Some(seconds) => aggregator.add_timed(id, seconds * 1000, value * line.timed_weight()),
    }
}
