//! `ExportMetricsServiceRequest` to samples and sketches.
//!
//! Gauges and up-down counters are gauges; delta sums counts; cumulative sums running totals, whose new start is a mark of
//! reset. Histograms of both kinds become distributions of what happened since the last point, with `.count` and `.sum`
//! beside them; summaries their totals and quantiles.

use super::exemplars;
use super::histograms::Buckets;
use super::resource::Speaker;
use super::series::{SeriesNames, Shape};
use super::streams::{Changes, Follows, Seen, Streams};
use super::{Defaults, Encoding, read};
use crate::Result;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, Histogram, Metric, NumberDataPoint, Sum, Summary, metric::Data, number_data_point,
};
use oriel_model::{Kind, MetricBatchBuilder, Reason, RowBatchBuilder};

/// The flag of a point that says only that there is no value.
const NO_VALUE: u32 = 1;
const DELTA: i32 = 1;
const CUMULATIVE: i32 = 2;

/// What a request says of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    pub metric: String,
    pub help: String,
    /// In the UCUM code that OTLP uses: `By`, `ms`, `{request}`.
    pub unit: String,
}

/// Decodes `/v1/metrics`. The changes are to be committed to `streams` once the batch is durable.
pub fn metrics(
    body: &[u8],
    encoding: Encoding,
    (defaults, streams): (&Defaults, &Streams),
    (builder, exemplars): (&mut MetricBatchBuilder<'_>, &mut RowBatchBuilder),
) -> Result<(Vec<Described>, Changes)> {
    let request: ExportMetricsServiceRequest = read(body, encoding)?;
    let mut told = Vec::new();
    let mut changes = Changes::default();
    for of_resource in request.resource_metrics {
        let speaker = Speaker::of(of_resource.resource, defaults);
        let names = SeriesNames::of(&speaker);
        let mut out = Points {
            speaker,
            names,
            streams,
            changes: &mut changes,
            builder: &mut *builder,
            exemplars: &mut *exemplars,
        };
        for metric in of_resource.scope_metrics.iter().flat_map(|s| &s.metrics) {
            if !metric.description.is_empty() || !metric.unit.is_empty() {
                told.push(Described {
                    metric: metric.name.clone(),
                    help: metric.description.clone(),
                    unit: metric.unit.clone(),
                });
            }
            out.metric(metric);
        }
    }
    Ok((told, changes))
}

/// Where a resource's points go.
struct Points<'p, 'r> {
    speaker: Speaker,
    names: SeriesNames,
    streams: &'p Streams,
    changes: &'p mut Changes,
    builder: &'p mut MetricBatchBuilder<'r>,
    exemplars: &'p mut RowBatchBuilder,
}

/// What every kind of point has.
#[derive(Clone, Copy)]
struct Point<'a> {
    metric: &'a str,
    attributes: &'a [KeyValue],
    start_ns: u64,
    time_ns: u64,
}

impl Point<'_> {
    fn time_ms(&self) -> i64 {
        i64::try_from(self.time_ns / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Whole seconds since the start, which for delta points is their interval.
    fn interval_s(&self) -> u32 {
        let ns = if self.start_ns == 0 { 0 } else { self.time_ns.saturating_sub(self.start_ns) };
        u32::try_from((ns + 500_000_000) / 1_000_000_000).unwrap_or(0)
    }
}

impl Points<'_, '_> {
    fn metric(&mut self, metric: &Metric) {
        let name = metric.name.as_str();
        match &metric.data {
            Some(Data::Gauge(gauge)) => {
                for point in &gauge.data_points {
                    self.number(name, point, Kind::Gauge);
                }
            }
            Some(Data::Sum(sum)) => self.sum(name, sum),
            Some(Data::Histogram(histogram)) => self.explicit(name, histogram),
            Some(Data::ExponentialHistogram(histogram)) => {
                for point in histogram.data_points.iter().filter(|p| p.flags & NO_VALUE == 0) {
                    let at = Point {
                        metric: name,
                        attributes: &point.attributes,
                        start_ns: point.start_time_unix_nano,
                        time_ns: point.time_unix_nano,
                    };
                    self.histogram(at, Buckets::exponential(point), histogram.aggregation_temporality);
                    self.exemplars(at, &point.exemplars);
                }
            }
            Some(Data::Summary(summary)) => self.summary(name, summary),
            None => {}
        }
    }

    fn sum(&mut self, name: &str, sum: &Sum) {
        let kind = match (sum.aggregation_temporality, sum.is_monotonic) {
            (DELTA, _) => Kind::Count,
            (CUMULATIVE, true) => Kind::Cumulative,
            // It goes up and down: how it stands is what counts.
            (CUMULATIVE, false) => Kind::Gauge,
            (other, _) => return self.unsupported(name, other, sum.data_points.len()),
        };
        for point in &sum.data_points {
            self.number(name, point, kind);
        }
    }

    fn unsupported(&mut self, name: &str, temporality: i32, points: usize) {
        self.builder.reject(Reason::UnsupportedType, points as u64, || {
            format!("{name}: aggregation temporality {temporality}; expected 1 (delta) or 2 (cumulative)")
        });
    }

    fn number(&mut self, name: &str, point: &NumberDataPoint, kind: Kind) {
        let value = match point.value {
            _ if point.flags & NO_VALUE != 0 => return,
            Some(number_data_point::Value::AsDouble(x)) => x,
            Some(number_data_point::Value::AsInt(n)) => n as f64,
            None => return,
        };
        let at = Point {
            metric: name,
            attributes: &point.attributes,
            start_ns: point.start_time_unix_nano,
            time_ns: point.time_unix_nano,
        };
        self.sample(at, Shape::new(kind), None, value);
        self.exemplars(at, &point.exemplars);
    }

    fn sample(&mut self, at: Point<'_>, shape: Shape, extra: Option<&str>, value: f64) {
        let interval_s = if shape.kind == Kind::Count { at.interval_s() } else { 0 };
        let shape = Shape { interval_s, ..shape };
        let point = (at.metric, at.attributes);
        let Some(series) = self.names.series(self.builder, point, extra, shape) else { return };
        if shape.kind == Kind::Cumulative {
            let key = self.names.stream(self.builder, point) ^ u128::from(shape.suffix.len() as u64);
            let times = (at.start_ns, at.time_ns);
            match self.streams.follows(self.changes, key, times) {
                Follows::Anew => self.builder.mark_reset(series),
                Follows::Unknown | Follows::Repeats | Follows::After(_) => {}
            }
            self.changes.note(key, Seen { start_ns: at.start_ns, time_ns: at.time_ns, buckets: None });
        }
        self.builder.sample(series, at.time_ms(), value);
    }

    fn explicit(&mut self, name: &str, histogram: &Histogram) {
        for point in histogram.data_points.iter().filter(|p| p.flags & NO_VALUE == 0) {
            let at = Point {
                metric: name,
                attributes: &point.attributes,
                start_ns: point.start_time_unix_nano,
                time_ns: point.time_unix_nano,
            };
            self.histogram(at, Buckets::explicit(point), histogram.aggregation_temporality);
            self.exemplars(at, &point.exemplars);
        }
    }

    fn histogram(&mut self, at: Point<'_>, buckets: Option<Buckets>, temporality: i32) {
        let Some(buckets) = buckets else {
            let name = at.metric;
            return self.builder.reject(Reason::BadSketch, 1, || {
                format!("{name}: bounds and counts of its histogram do not belong together")
            });
        };
        match temporality {
            DELTA => self.counted(at, &buckets),
            CUMULATIVE => {
                if let Some((since, start_ns)) = self.since(at, buckets) {
                    self.counted(Point { start_ns, ..at }, &since);
                }
            }
            other => self.unsupported(at.metric, other, 1),
        }
    }

    /// What a cumulative point counted since the last one of its stream, and when that was.
    fn since(&mut self, at: Point<'_>, buckets: Buckets) -> Option<(Buckets, u64)> {
        let key = self.names.stream(self.builder, (at.metric, at.attributes));
        let since = match self.streams.follows(self.changes, key, (at.start_ns, at.time_ns)) {
            Follows::Unknown => None,
            Follows::Repeats => return None,
            Follows::Anew => Some((buckets.clone(), at.start_ns)),
            Follows::After(seen) => {
                let since = seen.buckets.as_ref().and_then(|before| buckets.since(before));
                // What fell began anew, whatever its start says.
                Some((since.unwrap_or_else(|| buckets.clone()), seen.time_ns))
            }
        };
        let seen = Seen { start_ns: at.start_ns, time_ns: at.time_ns, buckets: Some(buckets) };
        self.changes.note(key, seen);
        since
    }

    /// A distribution, with its count and sum as counts.
    fn counted(&mut self, at: Point<'_>, buckets: &Buckets) {
        let count = Shape { suffix: ".count", ..Shape::new(Kind::Count) };
        self.sample(at, count, None, buckets.count as f64);
        if let Some(sum) = buckets.sum {
            self.sample(at, Shape { suffix: ".sum", ..count }, None, sum);
        }
        if buckets.count == 0 {
            return;
        }
        let shape = Shape::new(Kind::Distribution);
        let point = (at.metric, at.attributes);
        if let Some(series) = self.names.series(self.builder, point, None, shape) {
            self.builder.sketch(series, at.time_ms(), buckets.sketch());
        }
    }

    fn summary(&mut self, name: &str, summary: &Summary) {
        for point in summary.data_points.iter().filter(|p| p.flags & NO_VALUE == 0) {
            let at = Point {
                metric: name,
                attributes: &point.attributes,
                start_ns: point.start_time_unix_nano,
                time_ns: point.time_unix_nano,
            };
            let total = Shape { suffix: ".count", ..Shape::new(Kind::Cumulative) };
            self.sample(at, total, None, point.count as f64);
            self.sample(at, Shape { suffix: ".sum", ..total }, None, point.sum);
            for quantile in &point.quantile_values {
                let shape = Shape { suffix: ".quantile", ..Shape::new(Kind::Gauge) };
                let tag = format!("quantile:{}", quantile.quantile);
                self.sample(at, shape, Some(&tag), quantile.value);
            }
        }
    }

    fn exemplars(&mut self, at: Point<'_>, exemplars: &[Exemplar]) {
        exemplars::write(&self.speaker, (at.metric, at.attributes), exemplars, self.exemplars);
    }
}
