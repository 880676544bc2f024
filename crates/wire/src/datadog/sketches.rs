//! The agent's `SketchPayload`: `sketches 1 {metric 1, host 2, distributions 3 (old), tags 4, dogsketches 7 {ts 1, cnt 2, min 3,
//! max 4, avg 5, sum 6, k 7 (zigzag), n 8}}`. A key may be repeated, when its count is over what the agent keeps in a bin: add.

use super::names::{Names, series_def};
use super::series_protobuf::{syntax, text};
use crate::Result;
use crate::protobuf::{Fields, Malformed, repeated, unzigzag};
use oriel_model::{Kind, Mapping, MetricBatchBuilder, Reason, SeriesOrdinal, Sketch};

/// Decodes `/api/beta/sketches`.
pub fn sketches(body: &[u8], builder: &mut MetricBatchBuilder<'_>) -> Result<()> {
    let mut fields = Fields::new(body);
    while let Some((number, value)) = fields.next().map_err(syntax)? {
        if number == 1
            && let Err(e) = sketch_series(value.bytes(), builder)
        {
            builder
                .reject(Reason::BadSyntax, 1, || format!("a sketch of {} bytes: {e}", value.bytes().len()));
        }
    }
    Ok(())
}

fn sketch_series(message: &[u8], builder: &mut MetricBatchBuilder<'_>) -> std::result::Result<(), Malformed> {
    let mut names = Names::default();
    let mut old = 0;
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => names.metric = text(value),
            2 => names.host = text(value),
            3 => old += 1,
            4 => names.tags.push(text(value)),
            _ => {}
        }
    }
    builder.reject(Reason::UnsupportedType, old, || {
        format!("{}: GK summaries of agents before 6", names.metric)
    });
    let raw = names.key(builder, Kind::Distribution, 0);
    let Some(ordinal) = builder.series(raw, Kind::Distribution, 0, || series_def(&names)) else {
        return Ok(());
    };
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        if number == 7 {
            dogsketch(value.bytes(), ordinal, builder, &names.metric)?;
        }
    }
    Ok(())
}

fn dogsketch(
    message: &[u8],
    series: SeriesOrdinal,
    builder: &mut MetricBatchBuilder<'_>,
    metric: &str,
) -> std::result::Result<(), Malformed> {
    let mut sketch = Sketch { min: 0.0, max: 0.0, ..Sketch::new(Mapping::AGENT) };
    let (mut seconds, mut count) = (0_i64, 0);
    let (mut keys, mut counts) = (Vec::new(), Vec::new());
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => seconds = value.int(),
            2 => count = value.int(),
            3 => sketch.min = value.double(),
            4 => sketch.max = value.double(),
            6 => sketch.sum = value.double(),
            7 => repeated(value, &mut keys)?,
            8 => repeated(value, &mut counts)?,
            _ => {}
        }
    }
    let Some(time_ms) = seconds.checked_mul(1000) else {
        builder.reject(Reason::BadTimestamp, 1, || format!("{metric}: {seconds} s"));
        return Ok(());
    };
    let key = |n: &u64| i32::try_from(unzigzag(*n)).ok().filter(|k| k.abs() <= 32_767);
    let bins: Option<Vec<(i32, u64)>> =
        keys.iter().zip(&counts).map(|(k, n)| key(k).map(|k| (k, *n))).collect();
    match (bins, u64::try_from(count)) {
        (Some(bins), Ok(count)) if count > 0 && keys.len() == counts.len() => {
            sketch.count = count;
            sketch.bins = added_up(bins);
            builder.sketch(series, time_ms, sketch);
        }
        _ => builder.reject(Reason::BadSketch, 1, || {
            format!("{metric}: count {count}, {} keys, {} counts", keys.len(), counts.len())
        }),
    }
    Ok(())
}

/// Repeated keys as one, before the limit on bins is looked at.
fn added_up(mut bins: Vec<(i32, u64)>) -> Vec<(i32, u64)> {
    bins.sort_unstable_by_key(|&(k, _)| k);
    bins.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
    bins
}
