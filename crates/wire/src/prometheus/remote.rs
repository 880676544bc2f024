//! Remote write 1: `WriteRequest {timeseries 1 {labels 1 {name 1, value 2}, samples 2 {value 1, timestamp 2}, histograms 4},
//! metadata 3 {type 1, family 2, help 4, unit 5}}`, after its snappy block is undone.
//!
//! Labels come before samples and are sorted, so that their bytes are the series' raw key as they stand. Values are kept to
//! the bit, staleness markers too.

use super::kind::{MetricMetadata, declared_by_code, kind_of};
use super::text::def;
use crate::protobuf::{Fields, Malformed, Value};
use crate::{Error, Result};
use oriel_model::{MetricBatchBuilder, Reason, SeriesOrdinal};
use std::borrow::Cow;

type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Decodes a request. `type_of` gives the declared type (one of [`super::declared`]'s words) of a family that earlier requests
/// told; senders put metadata into requests of their own.
pub fn remote_write(
    body: &[u8],
    type_of: &dyn Fn(&str) -> Option<&'static str>,
    builder: &mut MetricBatchBuilder<'_>,
) -> Result<Vec<MetricMetadata>> {
    let syntax = |e: Malformed| Error::Syntax { format: "remote write", detail: e.to_string() };
    let mut told = Vec::new();
    let mut fields = Fields::new(body);
    while let Some((number, value)) = fields.next().map_err(syntax)? {
        match number {
            1 => {
                if let Err(e) = series(value.bytes(), type_of, builder) {
                    builder.reject(Reason::BadSyntax, 1, || format!("a series: {e}"));
                }
            }
            3 => told.extend(metadata(value.bytes()).map_err(syntax)?),
            _ => {}
        }
    }
    Ok(told)
}

fn series(
    message: &[u8],
    type_of: &dyn Fn(&str) -> Option<&'static str>,
    builder: &mut MetricBatchBuilder<'_>,
) -> std::result::Result<(), Malformed> {
    let mut fields = Fields::new(message);
    let (mut labels_end, mut behind) = (0, fields);
    while let Some((1, _)) = fields.next()? {
        labels_end = message.len() - fields.rest().len();
        behind = fields;
    }
    let labels = &message[..labels_end];
    let raw = builder.key(labels);
    let found = match builder.seen(raw) {
        Some(found) => Some(found),
        None => {
            let (metric, labels) = read_labels(labels)?;
            let kind = kind_of(&metric, type_of);
            builder.series(raw, kind, 0, || match metric.is_empty() {
                true => Err(Reason::BadName),
                false => Ok(def(metric, labels)),
            })
        }
    };
    match found {
        Some(ordinal) => samples(behind, ordinal, builder),
        None => Ok(()),
    }
}

fn samples(
    mut fields: Fields<'_>,
    series: SeriesOrdinal,
    builder: &mut MetricBatchBuilder<'_>,
) -> std::result::Result<(), Malformed> {
    while let Some((number, value)) = fields.next()? {
        match number {
            2 => {
                let (time_ms, value) = sample(value.bytes())?;
                builder.sample(series, time_ms, value);
            }
            1 => builder.reject(Reason::BadSyntax, 1, || "a label behind the samples".to_owned()),
            4 => builder
                .reject(Reason::UnsupportedType, 1, || "a native histogram: send classic ones".to_owned()),
            _ => {}
        }
    }
    Ok(())
}

#[inline]
fn sample(message: &[u8]) -> std::result::Result<(i64, f64), Malformed> {
    let (mut time_ms, mut number) = (0, 0.0);
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => number = value.double(),
            2 => time_ms = value.int(),
            _ => {}
        }
    }
    Ok((time_ms, number))
}

/// The metric's name and the other labels. Prometheus sends UTF-8 only; other bytes become U+FFFD.
fn read_labels(message: &[u8]) -> std::result::Result<(Cow<'_, str>, Labels<'_>), Malformed> {
    let mut metric = Cow::Borrowed("");
    let mut labels = Vec::new();
    let mut fields = Fields::new(message);
    while let Some((_, label)) = fields.next()? {
        let (mut name, mut value) = (Cow::Borrowed(""), Cow::Borrowed(""));
        let mut parts = Fields::new(label.bytes());
        while let Some((number, part)) = parts.next()? {
            match number {
                1 => name = text(part),
                2 => value = text(part),
                _ => {}
            }
        }
        if name == "__name__" {
            metric = value;
        } else {
            labels.push((name, value));
        }
    }
    Ok((metric, labels))
}

fn text(value: Value<'_>) -> Cow<'_, str> {
    String::from_utf8_lossy(value.bytes())
}

fn metadata(message: &[u8]) -> std::result::Result<Option<MetricMetadata>, Malformed> {
    let mut out = MetricMetadata { kind: declared_by_code(0), ..MetricMetadata::default() };
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => out.kind = declared_by_code(value.varint()),
            2 => out.metric = text(value).into_owned(),
            4 => out.help = text(value).into_owned(),
            5 => out.unit = text(value).into_owned(),
            _ => {}
        }
    }
    Ok((!out.metric.is_empty()).then_some(out))
}
