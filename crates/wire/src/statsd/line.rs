//! One metric line cut into borrowed pieces: `name:value[:value…]|type[|@rate][|#tags][|T…][|…]`, fields in any order.

use memchr::{memchr, memchr_iter};
use oriel_model::{Reason, SampleKind};

/// The type letter of a metric line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricType {
    Count,
    Gauge,
    Timing,
    Histogram,
    Set,
    Distribution,
}

impl MetricType {
    fn parse(letter: &[u8]) -> Option<Self> {
        match letter {
            b"c" => Some(Self::Count),
            b"g" => Some(Self::Gauge),
            b"ms" => Some(Self::Timing),
            b"h" => Some(Self::Histogram),
            b"s" => Some(Self::Set),
            b"d" => Some(Self::Distribution),
            _ => None,
        }
    }

    /// What the aggregator makes of it.
    pub fn sample_kind(self) -> SampleKind {
        match self {
            Self::Count => SampleKind::Count,
            Self::Gauge => SampleKind::Gauge,
            Self::Timing | Self::Histogram => SampleKind::Histogram,
            Self::Set => SampleKind::Set,
            Self::Distribution => SampleKind::Distribution,
        }
    }
}

/// A metric line, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricLine<'a> {
    pub name: &'a [u8],
    /// Packed values between the first `:` and the first `|`; for a set the one member.
    pub values: &'a [u8],
    pub kind: MetricType,
    /// 1 over the sample rate.
    pub weight: f64,
    /// Comma-separated, without `#`.
    pub tags: &'a [u8],
    /// `T`: seconds since the epoch.
    pub time_s: Option<i64>,
}

/// Cuts a line; the reason when it is none.
pub(super) fn parse(line: &[u8]) -> Result<MetricLine<'_>, Reason> {
    let colon = memchr(b':', line).ok_or(Reason::BadSyntax)?;
    let (name, rest) = (&line[..colon], &line[colon + 1..]);
    if name.is_empty() {
        return Err(Reason::BadName);
    }
    let bar = memchr(b'|', rest).ok_or(Reason::BadSyntax)?;
    let (values, mut fields) = (&rest[..bar], &rest[bar + 1..]);
    let kind =
        MetricType::parse(next_field(&mut fields).unwrap_or_default()).ok_or(Reason::UnsupportedType)?;
    let mut parsed = MetricLine { name, values, kind, weight: 1.0, tags: &[], time_s: None };
    while let Some(field) = next_field(&mut fields) {
        match field.first() {
            Some(b'#') => parsed.tags = &field[1..],
            Some(b'@') => parsed.weight = weight(&field[1..])?,
            Some(b'T') => parsed.time_s = Some(time_s(&field[1..])?),
            _ => {}
        }
    }
    Ok(parsed)
}

/// Cuts off what comes before the next `|`; `None` at the end.
pub(super) fn next_field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let (field, after) = match memchr(b'|', rest) {
        Some(bar) => (&rest[..bar], &rest[bar + 1..]),
        None => (*rest, &rest[rest.len()..]),
    };
    *rest = after;
    Some(field)
}

impl<'a> MetricLine<'a> {
    /// A count that bears its own time still stands for 1 over its rate.
    pub(super) fn timed_weight(&self) -> f64 {
        if self.kind == MetricType::Count { self.weight } else { 1.0 }
    }

    /// The packed values that are there: empty ones are passed over.
    pub(super) fn each_value(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let values = self.values;
        let ends = memchr_iter(b':', values).chain(std::iter::once(values.len()));
        let mut from = 0;
        ends.filter_map(move |end| {
            let value = &values[from..end];
            from = end + 1;
            (!value.is_empty()).then_some(value)
        })
    }
}

/// A number as clients write it: `1`, `-1e-09`, `+3`, `nan`.
pub(super) fn number(text: &[u8]) -> Result<f64, Reason> {
    let unsigned = match text.split_first() {
        Some((b'+', rest)) if rest.first().is_some_and(|b| *b != b'-' && *b != b'+') => rest,
        _ => text,
    };
    fast_float2::parse(unsigned).map_err(|_| Reason::BadValue)
}

fn weight(rate: &[u8]) -> Result<f64, Reason> {
    let rate = number(rate)?;
    if rate > 0.0 && rate.is_finite() { Ok(1.0 / rate.min(1.0)) } else { Err(Reason::BadValue) }
}

fn time_s(text: &[u8]) -> Result<i64, Reason> {
    let digits = std::str::from_utf8(text).map_err(|_| Reason::BadTimestamp)?;
    match digits.parse::<i64>() {
        Ok(seconds) if seconds > 0 && seconds < i64::MAX / 1000 => Ok(seconds),
        _ => Err(Reason::BadTimestamp),
    }
}
