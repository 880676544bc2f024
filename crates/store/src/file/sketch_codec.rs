//! Sketches as bytes: parallel pco columns for the points of a window, and one blob for their merge.
//!
//! Each column is a tag and numbers; floats are the values codec's. Bins are the number of bins of each point, then all
//! keys as distances within their point, then all counts.

use super::times::{self, put_varint};
use super::values::{self, Damage, Decoded, Effort, compress, decompress};
use crate::SketchSummary;
use oriel_model::{Mapping, Sketch, TimeMs};
use parquet::data_type::ByteArray;

/// Numbers in pco's wrapped format.
const NUMBERS: u8 = 1;
/// No numbers at all (a window of empty sketches has no bins).
const NONE: u8 = 0;

/// Bins of all points of a row; a header that says more is damage.
const BINS_MAX: u64 = 64 << 20;

/// Columns from `count` to `merged` for points of one mapping.
pub(crate) fn encode(run: &[(TimeMs, Sketch)], effort: Effort) -> Decoded<Vec<Vec<u8>>> {
    let floats = |of: fn(&Sketch) -> f64| {
        let numbers: Vec<f64> = run.iter().map(|(_, s)| of(s)).collect();
        let mut out = Vec::new();
        values::encode(&numbers, effort, &mut out).map(|()| out)
    };
    let counts: Vec<u64> = run.iter().map(|(_, s)| s.count).collect();
    let lens: Vec<u32> = run.iter().map(|(_, s)| s.bins.len() as u32).collect();
    let mut keys: Vec<i32> = Vec::new();
    let mut bin_counts: Vec<u64> = Vec::new();
    for (_, sketch) in run {
        let mut before = 0i32;
        for &(key, count) in &sketch.bins {
            keys.push(key.wrapping_sub(before));
            before = key;
            bin_counts.push(count);
        }
    }
    let mut merged = Sketch::new(run[0].1.mapping);
    run.iter().for_each(|(_, s)| merged.merge(s));
    Ok(vec![
        numbers(&counts, effort)?,
        floats(|s| s.sum)?,
        floats(|s| s.min)?,
        floats(|s| s.max)?,
        numbers(&lens, effort)?,
        numbers(&keys, effort)?,
        numbers(&bin_counts, effort)?,
        encode_one(&merged),
    ])
}

fn numbers<T: pco::data_types::Number>(list: &[T], effort: Effort) -> Decoded<Vec<u8>> {
    let mut out = Vec::new();
    if list.is_empty() {
        out.push(NONE);
    } else {
        compress(NUMBERS, list, effort, &mut out)?;
    }
    Ok(out)
}

fn take_numbers<T: pco::data_types::Number + Default>(blob: &[u8], n: usize) -> Decoded<Vec<T>> {
    let mut out = Vec::new();
    match blob.split_first() {
        Some((&NONE, _)) if n == 0 => {}
        Some((&NUMBERS, body)) if n > 0 => decompress(body, n, &mut out)?,
        _ => return Err(Damage::new("a sketch column of another kind")),
    }
    Ok(out)
}

/// The points of a row without their bins.
pub(crate) struct Points {
    times: Vec<TimeMs>,
    counts: Vec<u64>,
    sums: Vec<f64>,
    mins: Vec<f64>,
    maxs: Vec<f64>,
}

impl Points {
    /// From the times' blob with first time and number, and the blobs of count, sum, min and max.
    pub(crate) fn decode((ts, first, n): (&[u8], TimeMs, usize), blobs: &[ByteArray]) -> Decoded<Self> {
        let [count, sum, min, max] = blobs else { return Err(Damage::new("summary columns are missing")) };
        let floats = |blob: &ByteArray| {
            let mut out = Vec::new();
            values::decode(blob.data(), n, &mut out).map(|()| out)
        };
        let mut stamps = Vec::new();
        times::decode(ts, first, n, &mut stamps)?;
        Ok(Self {
            times: stamps,
            counts: take_numbers(count.data(), n)?,
            sums: floats(sum)?,
            mins: floats(min)?,
            maxs: floats(max)?,
        })
    }

    pub(crate) fn summaries(&self) -> impl Iterator<Item = (TimeMs, SketchSummary)> {
        (0..self.times.len()).map(|i| {
            let summary = SketchSummary {
                count: self.counts[i],
                sum: self.sums[i],
                min: self.mins[i],
                max: self.maxs[i],
            };
            (self.times[i], summary)
        })
    }

    /// Appends the points with the bins of these three blobs.
    pub(crate) fn with_bins(
        &self,
        mapping: Mapping,
        blobs: &[ByteArray],
        out: &mut Vec<(TimeMs, Sketch)>,
    ) -> Decoded<()> {
        let [lens, keys, counts] = blobs else { return Err(Damage::new("bin columns are missing")) };
        let lens: Vec<u32> = take_numbers(lens.data(), self.times.len())?;
        let total: u64 = lens.iter().map(|&n| u64::from(n)).sum();
        if total > BINS_MAX {
            return Err(Damage::new("more bins than a row can have"));
        }
        let keys: Vec<i32> = take_numbers(keys.data(), total as usize)?;
        let counts: Vec<u64> = take_numbers(counts.data(), total as usize)?;
        let mut at = 0;
        for ((time_ms, s), len) in self.summaries().zip(lens) {
            let end = at + len as usize;
            let mut key = 0i32;
            let bins = keys[at..end].iter().zip(&counts[at..end]).map(|(distance, &n)| {
                key = key.wrapping_add(*distance);
                (key, n)
            });
            let (count, sum, min, max) = (s.count, s.sum, s.min, s.max);
            out.push((time_ms, Sketch { mapping, count, sum, min, max, bins: bins.collect() }));
            at = end;
        }
        Ok(())
    }
}

/// One sketch: count, sum, min, max, then each bin's distance and count.
fn encode_one(sketch: &Sketch) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(sketch.count, &mut out);
    for float in [sketch.sum, sketch.min, sketch.max] {
        out.extend_from_slice(&float.to_le_bytes());
    }
    put_varint(sketch.bins.len() as u64, &mut out);
    let mut before = 0i64;
    for &(key, count) in &sketch.bins {
        let distance = i64::from(key) - before;
        before = i64::from(key);
        put_varint(((distance << 1) ^ (distance >> 63)) as u64, &mut out);
        put_varint(count, &mut out);
    }
    out
}

/// The reverse of [`encode_one`].
pub(crate) fn decode_one(mapping: Mapping, bytes: &[u8]) -> Decoded<Sketch> {
    use super::times::take_varint;

    fn float(bytes: &[u8]) -> Decoded<(f64, &[u8])> {
        let (head, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| Damage::new("a short sketch"))?;
        Ok((f64::from_le_bytes(*head), rest))
    }
    let (count, rest) = take_varint(bytes)?;
    let (sum, rest) = float(rest)?;
    let (min, rest) = float(rest)?;
    let (max, rest) = float(rest)?;
    let (len, mut rest) = take_varint(rest)?;
    let mut bins = Vec::new();
    let mut key = 0i64;
    for _ in 0..len {
        let (distance, after) = take_varint(rest)?;
        let (n, after) = take_varint(after)?;
        key = key.wrapping_add((distance >> 1) as i64 ^ -((distance & 1) as i64));
        if !bins.is_empty() && distance == 0 {
            return Err(Damage::new("a bin that comes twice"));
        }
        bins.push((i32::try_from(key).map_err(|_| Damage::new("a bin's key out of range"))?, n));
        rest = after;
    }
    Ok(Sketch { mapping, count, sum, min, max, bins })
}
