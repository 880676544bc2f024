//! The agent's `MetricPayload`: `series 1 {resources 1 {type 1, name 2}, metric 2, tags 3, points 4 {value 1, timestamp 2},
//! type 5, interval 8}`. The host is the resource of type `host`. A point of value 0 has no value field.

use super::names::{Names, series_def};
use crate::protobuf::{Fields, Malformed, Value};
use crate::{Error, Result};
use oriel_model::{Kind, MetricBatchBuilder, Reason};
use std::borrow::Cow;

/// Decodes the protobuf form of `/api/v2/series`.
pub fn series_v2_protobuf(body: &[u8], builder: &mut MetricBatchBuilder<'_>) -> Result<()> {
    let mut fields = Fields::new(body);
    while let Some((number, value)) = fields.next().map_err(syntax)? {
        if number == 1
            && let Err(e) = series(value.bytes(), builder)
        {
            builder
                .reject(Reason::BadSyntax, 1, || format!("a series of {} bytes: {e}", value.bytes().len()));
        }
    }
    Ok(())
}

pub(super) fn syntax(e: Malformed) -> Error {
    Error::Syntax { format: "protobuf", detail: e.to_string() }
}

/// Names come before points, type and interval after them: two passes over the message.
fn series(message: &[u8], builder: &mut MetricBatchBuilder<'_>) -> std::result::Result<(), Malformed> {
    let mut names = Names::default();
    let (mut kind, mut interval_s, mut points) = (0, 0, 0);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => resource(value.bytes(), &mut names)?,
            2 => names.metric = text(value),
            3 => names.tags.push(text(value)),
            4 => points += 1,
            5 => kind = value.varint(),
            8 => interval_s = u32::try_from(value.int().max(0)).unwrap_or(u32::MAX),
            _ => {}
        }
    }
    let kind = match kind {
        0 | 3 => Kind::Gauge,
        1 => Kind::Count,
        2 => Kind::Rate,
        other => {
            builder.reject(Reason::UnsupportedType, points, || format!("{}: type {other}", names.metric));
            return Ok(());
        }
    };
    let raw = names.key(builder, kind, interval_s);
    let Some(ordinal) = builder.series(raw, kind, interval_s, || series_def(&names)) else { return Ok(()) };
    let mut room = builder.limits().points_per_series;
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        if number != 4 {
            continue;
        }
        if room == 0 {
            builder.reject(Reason::TooManyPoints, 1, || {
                format!("{}: too many points in a request", names.metric)
            });
            continue;
        }
        room -= 1;
        let (value, seconds) = point(value.bytes())?;
        match seconds.checked_mul(1000) {
            Some(time_ms) => builder.sample(ordinal, time_ms, value),
            None => builder.reject(Reason::BadTimestamp, 1, || format!("{}: {seconds} s", names.metric)),
        }
    }
    Ok(())
}

fn point(message: &[u8]) -> std::result::Result<(f64, i64), Malformed> {
    let (mut value, mut seconds) = (0.0, 0);
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => value = field.double(),
            2 => seconds = field.int(),
            _ => {}
        }
    }
    Ok((value, seconds))
}

fn resource<'a>(message: &'a [u8], names: &mut Names<'a>) -> std::result::Result<(), Malformed> {
    let (mut kind, mut name): (&[u8], _) = (&[], Cow::default());
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => kind = value.bytes(),
            2 => name = text(value),
            _ => {}
        }
    }
    match kind {
        b"host" => names.host = name,
        b"device" => names.device = name,
        _ => {}
    }
    Ok(())
}

/// Lossy: older agents passed on what clients sent.
pub(super) fn text(value: Value<'_>) -> Cow<'_, str> {
    String::from_utf8_lossy(value.bytes())
}
