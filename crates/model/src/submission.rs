//! What a collector or an application said, with names instead of identities: what the aggregator flushes, the agent
//! forwards and an intake hands to its sink.

use crate::batch::MetricBatchBuilder;
use crate::{Event, HostMetadata, Kind, Reason, SeriesDef, ServiceCheck, Sketch, Tags, TimeMs};

/// Points of one series.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Series {
    pub metric: String,
    /// The host slot; empty for none.
    pub host: String,
    /// Without `host:`; `device:` included.
    pub tags: Vec<String>,
    pub kind: Kind,
    /// Seconds between points, 0 when unknown.
    pub interval_s: u32,
    pub points: Vec<(TimeMs, f64)>,
}

/// Sketches of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SketchSeries {
    pub metric: String,
    pub host: String,
    pub tags: Vec<String>,
    pub interval_s: u32,
    pub points: Vec<(TimeMs, Sketch)>,
}

/// One flush.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submission {
    pub series: Vec<Series>,
    pub sketches: Vec<SketchSeries>,
    pub checks: Vec<ServiceCheck>,
    pub events: Vec<Event>,
    pub host_metadata: Vec<HostMetadata>,
}

impl Submission {
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
            && self.sketches.is_empty()
            && self.checks.is_empty()
            && self.events.is_empty()
            && self.host_metadata.is_empty()
    }

    /// Puts series and sketches into a batch. Names are taken as they are: whoever made the submission normalised them.
    pub fn build(&self, builder: &mut MetricBatchBuilder<'_>) {
        for s in &self.series {
            let Some(ordinal) = resolve(builder, (&s.metric, &s.host, &s.tags), s.kind, s.interval_s) else {
                continue;
            };
            for &(t, v) in &s.points {
                builder.sample(ordinal, t, v);
            }
        }
        for s in &self.sketches {
            let names = (&s.metric, &s.host, &s.tags);
            let Some(ordinal) = resolve(builder, names, Kind::Distribution, s.interval_s) else { continue };
            for (t, sketch) in &s.points {
                builder.sketch(ordinal, *t, sketch.clone());
            }
        }
    }
}

fn resolve(
    builder: &mut MetricBatchBuilder<'_>,
    (metric, host, tags): (&String, &String, &Vec<String>),
    kind: Kind,
    interval_s: u32,
) -> Option<crate::SeriesOrdinal> {
    let mut pieces: Vec<&[u8]> = Vec::with_capacity(tags.len() + 4);
    let shape = [kind as u8];
    let interval = interval_s.to_le_bytes();
    pieces.extend([metric.as_bytes(), host.as_bytes(), shape.as_slice(), interval.as_slice()]);
    pieces.extend(tags.iter().map(String::as_bytes));
    let raw = builder.key_of(&pieces);
    builder.series(raw, kind, interval_s, || {
        if metric.is_empty() {
            return Err(Reason::BadName);
        }
        Ok(SeriesDef {
            metric: metric.as_str().into(),
            host: host.as_str().into(),
            tags: Tags::canonical(tags.iter().map(String::as_str)),
        })
    })
}
