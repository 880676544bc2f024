//! The protobuf DDSketch inside of trace statistics, with the mapping that the message names: two clients differ in it.
//!
//! `mapping 1 {gamma 1, indexOffset 2, interpolation 3}, positiveValues 2, negativeValues 3, zeroCount 4`; a store is
//! `binCounts 1 (map), contiguousBinCounts 2 (packed doubles), contiguousBinIndexOffset 3 (zigzag)`. Bin `i` covers
//! gamma^(i - indexOffset) to gamma^(i + 1 - indexOffset): its centre is half a bin above where ours of the same number is.

use crate::protobuf::{Fields, Malformed, Value, unzigzag};
use oriel_model::{Mapping, Sketch};

type Read<T> = std::result::Result<T, Malformed>;

/// Bins of one store: what the agent allows for a whole sketch, with room for padding.
const BINS_MAX: usize = 8192;

/// A sketch of nanoseconds. Its sum, least and greatest are those of its bins; an unreadable mapping makes it empty.
pub(super) fn ddsketch(message: &[u8]) -> Read<Sketch> {
    let (mut gamma, mut offset) = (0.0, 0.0);
    let (mut positive, mut zeros): (&[u8], f64) = (&[], 0.0);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => {
                let mut mapping = Fields::new(value.bytes());
                while let Some((number, value)) = mapping.next()? {
                    match number {
                        1 => gamma = value.double(),
                        2 => offset = value.double(),
                        _ => {}
                    }
                }
            }
            2 => positive = value.bytes(),
            // Durations are never negative.
            4 => zeros = value.double(),
            _ => {}
        }
    }
    if !(gamma > 1.0 && gamma < 2.0 && f64::is_finite(offset) && offset.abs() < 1e6) {
        return Ok(Sketch::default());
    }
    let mut sketch = Sketch::new(Mapping { gamma, offset: offset - 0.5 });
    for (bin, count) in store(positive)? {
        add(&mut sketch, bin, count);
    }
    add(&mut sketch, 0, zeros);
    Ok(sketch)
}

fn add(sketch: &mut Sketch, bin: i32, count: f64) {
    let count = count.round();
    if !(1.0..1e15).contains(&count) {
        return;
    }
    // Bins at and below 0 hold less than a nanosecond and have no place among ours.
    let bin = bin.max(0);
    let value = sketch.mapping.value(bin);
    if !value.is_finite() {
        return;
    }
    let count = count as u64;
    sketch.count += count;
    sketch.sum += value * count as f64;
    sketch.min = sketch.min.min(value);
    sketch.max = sketch.max.max(value);
    sketch.add_bin(bin, count);
}

fn store(message: &[u8]) -> Read<Vec<(i32, f64)>> {
    let mut bins = Vec::new();
    let (mut counts, mut first) = (Vec::new(), 0_i64);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, _) if bins.len() < BINS_MAX => bins.push(bin(value.bytes())?),
            (2, Value::Bytes(packed)) => {
                let doubles = packed.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b));
                counts.extend(doubles.take(BINS_MAX));
            }
            (2, one) => counts.push(one.double()),
            (3, _) => first = unzigzag(value.varint()),
            _ => {}
        }
    }
    let contiguous = counts.into_iter().take(BINS_MAX).zip(first..);
    bins.extend(contiguous.filter(|(n, _)| *n > 0.0).filter_map(|(n, i)| Some((i32::try_from(i).ok()?, n))));
    Ok(bins)
}

/// An entry of the map of bins.
fn bin(message: &[u8]) -> Read<(i32, f64)> {
    let (mut index, mut count) = (0, 0.0);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => index = i32::try_from(unzigzag(value.varint())).unwrap_or(0),
            2 => count = value.double(),
            _ => {}
        }
    }
    Ok((index, count))
}
