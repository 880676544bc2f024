//! `/api/v1/series` and the JSON form of `/api/v2/series`.
//!
//! The body is cut into the texts of its series first, so that a series of a wrong shape is refused alone.

use super::json::{self, TagList, Text, elements, number, row_time_ms};
use super::names::{Names, series_def};
use crate::Result;
use oriel_model::{Kind, MetricBatchBuilder, Reason, SeriesOrdinal, TimeMs};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The outside of every series body.
#[derive(Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow, default)]
    pub(super) series: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct SeriesV1<'a> {
    #[serde(borrow, default)]
    metric: Text<'a>,
    #[serde(borrow)]
    points: &'a RawValue,
    #[serde(borrow, default)]
    tags: TagList<'a>,
    #[serde(borrow, default)]
    host: Text<'a>,
    #[serde(borrow, default, alias = "device_name")]
    device: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    interval: Text<'a>,
}

#[derive(Deserialize)]
struct SeriesV2<'a> {
    #[serde(borrow, default)]
    metric: Text<'a>,
    #[serde(borrow)]
    points: &'a RawValue,
    #[serde(borrow, default)]
    tags: TagList<'a>,
    #[serde(borrow, default)]
    resources: Option<Vec<Resource<'a>>>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    interval: Text<'a>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
}

#[derive(Deserialize)]
struct PointV2<'a> {
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// Decodes `/api/v1/series`.
pub fn series_v1(body: &[u8], now_ms: TimeMs, builder: &mut MetricBatchBuilder<'_>) -> Result<()> {
    each_series(body, builder, |text, builder| {
        let series: SeriesV1<'_> = serde_json::from_str(text)?;
        let names = Names {
            metric: series.metric.0,
            host: series.host.0,
            device: series.device.0,
            tags: series.tags.0,
        };
        let points = elements(series.points.get());
        if let Some(ordinal) = resolve(builder, &names, (&series.kind, &series.interval), points.clone()) {
            add(builder, ordinal, points, |point, builder| {
                let mut pair = elements(point);
                let at = pair.next();
                let time_ms = at.and_then(|t| row_time_ms(Some(t), now_ms, builder));
                (time_ms, pair.next().and_then(number))
            });
        }
        Ok(())
    })
}

/// Decodes the JSON form of `/api/v2/series`.
pub fn series_v2_json(body: &[u8], now_ms: TimeMs, builder: &mut MetricBatchBuilder<'_>) -> Result<()> {
    each_series(body, builder, |text, builder| {
        let series: SeriesV2<'_> = serde_json::from_str(text)?;
        let mut names = Names { metric: series.metric.0, tags: series.tags.0, ..Names::default() };
        for resource in series.resources.unwrap_or_default() {
            match &*resource.kind.0 {
                "host" => names.host = resource.name.0,
                "device" => names.device = resource.name.0,
                _ => {}
            }
        }
        let points = elements(series.points.get());
        if let Some(ordinal) = resolve(builder, &names, (&series.kind, &series.interval), points.clone()) {
            add(builder, ordinal, points, |point, builder| {
                match serde_json::from_str::<PointV2<'_>>(point) {
                    Ok(p) => {
                        let time_ms = row_time_ms(p.timestamp.map(RawValue::get), now_ms, builder);
                        (time_ms, p.value.and_then(|v| number(v.get())))
                    }
                    Err(_) => (None, None),
                }
            });
        }
        Ok(())
    })
}

/// Calls `decode` with the text of each series; one that it can't read is refused.
pub(super) fn each_series<'r>(
    body: &[u8],
    builder: &mut MetricBatchBuilder<'r>,
    decode: impl Fn(&str, &mut MetricBatchBuilder<'r>) -> serde_json::Result<()>,
) -> Result<()> {
    json::parse(body, |bytes| {
        let body: Body<'_> = serde_json::from_slice(bytes)?;
        for text in body.series.into_iter().map(RawValue::get) {
            if let Err(e) = decode(text, builder) {
                builder.reject(Reason::BadSyntax, 1, || format!("{e}: {text}"));
            }
        }
        Ok(())
    })
}

fn resolve<'a>(
    builder: &mut MetricBatchBuilder<'_>,
    names: &Names<'_>,
    (kind, interval): (&Text<'_>, &Text<'_>),
    points: impl Iterator<Item = &'a str>,
) -> Option<SeriesOrdinal> {
    let Some(kind) = parse_kind(&kind.0) else {
        let rows = points.count().max(1) as u64;
        builder.reject(Reason::UnsupportedType, rows, || format!("{}: type {:?}", names.metric, kind.0));
        return None;
    };
    let interval_s = parse_interval(&interval.0);
    let raw = names.key(builder, kind, interval_s);
    builder.series(raw, kind, interval_s, || series_def(names))
}

/// v1 says it with words, v2 with numbers; missing means gauge.
fn parse_kind(kind: &str) -> Option<Kind> {
    match kind {
        "" | "0" | "3" | "gauge" | "unspecified" => Some(Kind::Gauge),
        "1" | "count" | "counter" => Some(Kind::Count),
        "2" | "rate" => Some(Kind::Rate),
        _ => None,
    }
}

fn parse_interval(interval: &str) -> u32 {
    number(interval).map_or(0, |seconds| seconds as u32)
}

fn add<'a>(
    builder: &mut MetricBatchBuilder<'_>,
    series: SeriesOrdinal,
    points: impl Iterator<Item = &'a str>,
    read: impl Fn(&str, &mut MetricBatchBuilder<'_>) -> (Option<TimeMs>, Option<f64>),
) {
    let most = builder.limits().points_per_series;
    for (i, point) in points.enumerate() {
        if i >= most {
            builder.reject(Reason::TooManyPoints, 1, || format!("a series may have {most} points a request"));
            continue;
        }
        match read(point, builder) {
            (Some(time_ms), Some(value)) => builder.sample(series, time_ms, value),
            (None, _) => builder.reject(Reason::BadTimestamp, 1, || point.to_owned()),
            (_, None) => builder.reject(Reason::BadValue, 1, || point.to_owned()),
        }
    }
}
