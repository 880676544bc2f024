//! `/api/v1/distribution_points`: `[[time, [value, …]], …]`; each point becomes a sketch.

use super::json::{TagList, Text, elements, number, row_time_ms};
use super::names::{Names, series_def};
use super::series_json::each_series;
use crate::Result;
use oriel_model::{Kind, Mapping, MetricBatchBuilder, Reason, SeriesOrdinal, Sketch, TimeMs};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Distribution<'a> {
    #[serde(borrow, default)]
    metric: Text<'a>,
    #[serde(borrow)]
    points: &'a RawValue,
    #[serde(borrow, default)]
    tags: TagList<'a>,
    #[serde(borrow, default)]
    host: Text<'a>,
    #[serde(borrow, default)]
    device: Text<'a>,
}

/// Decodes `/api/v1/distribution_points`.
pub fn distribution_points(body: &[u8], now_ms: TimeMs, builder: &mut MetricBatchBuilder<'_>) -> Result<()> {
    each_series(body, builder, |text, builder| {
        let series: Distribution<'_> = serde_json::from_str(text)?;
        let names = Names {
            metric: series.metric.0,
            host: series.host.0,
            device: series.device.0,
            tags: series.tags.0,
        };
        let raw = names.key(builder, Kind::Distribution, 0);
        if let Some(ordinal) = builder.series(raw, Kind::Distribution, 0, || series_def(&names)) {
            for point in elements(series.points.get()) {
                add(builder, ordinal, point, now_ms);
            }
        }
        Ok(())
    })
}

fn add(builder: &mut MetricBatchBuilder<'_>, series: SeriesOrdinal, point: &str, now_ms: TimeMs) {
    let mut pair = elements(point);
    let Some(time_ms) = pair.next().and_then(|t| row_time_ms(Some(t), now_ms, builder)) else {
        return builder.reject(Reason::BadTimestamp, 1, || point.to_owned());
    };
    let mut sketch = Sketch::new(Mapping::AGENT);
    for value in elements(pair.next().unwrap_or("")) {
        match number(value) {
            Some(v) if v.is_finite() => sketch.insert(v, 1),
            Some(_) => builder.reject(Reason::NotFinite, 1, || value.to_owned()),
            None => builder.reject(Reason::BadValue, 1, || value.to_owned()),
        }
    }
    if !sketch.is_empty() {
        builder.sketch(series, time_ms, sketch);
    }
}
