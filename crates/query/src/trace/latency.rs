//! How long the spans of a search took: counts over durations that grow by a tenth of a decade, a tail as visible as the bulk.

use super::trace_filter;
use crate::Result;
use oriel_model::{Column, Core, Field, Filter};
use oriel_store::{Block, Cancel, NsRange, RowSnapshot, ScanRequest};

/// Bounds a decade: bars of 26 % width, as fine as a page can show over six decades.
const PER_DECADE: f64 = 10.0;
/// From a microsecond to about three hours.
const BINS: usize = 100;
const FIRST_NS: f64 = 1_000.0;
/// Traces whose size is looked at.
const TRACES_SAMPLED: usize = 20;

/// Counts by duration, by weight. Bar `i` lies between `bounds_ns[i]` and `bounds_ns[i + 1]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DurationHistogram {
    pub bounds_ns: Vec<f64>,
    pub counts: Vec<f64>,
    pub errors: Vec<f64>,
    /// Spans of the traces that these belong to, of a sample; absent when there is none.
    pub spans_per_trace: Option<f64>,
}

struct Bins {
    counts: [f64; BINS],
    errors: [f64; BINS],
    traces: Vec<u128>,
}

/// See the module's head.
pub fn duration_histogram(
    snapshot: &RowSnapshot,
    range: NsRange,
    filter: &Filter,
    cancel: &Cancel,
) -> Result<DurationHistogram> {
    let request = ScanRequest {
        range,
        filter: filter.clone(),
        fields: [Core::Duration, Core::Status, Core::TraceId].map(Field::Core).to_vec(),
    };
    let make = || Bins { counts: [0.0; BINS], errors: [0.0; BINS], traces: Vec::new() };
    let (parts, _) = snapshot.scan(&request, cancel, make, |bins, block| {
        count(bins, block);
        Ok(())
    })?;
    let mut all = make();
    for part in parts {
        all.counts.iter_mut().zip(part.counts).for_each(|(a, b)| *a += b);
        all.errors.iter_mut().zip(part.errors).for_each(|(a, b)| *a += b);
        all.traces.extend(part.traces);
    }
    all.traces.truncate(TRACES_SAMPLED);
    let mut spans = 0.0;
    for &trace in &all.traces {
        spans += snapshot.count(range, &trace_filter(trace), cancel)?;
    }
    let spans_per_trace = (!all.traces.is_empty()).then(|| spans / all.traces.len() as f64);
    Ok(trimmed(&all, spans_per_trace))
}

fn count(bins: &mut Bins, block: &Block) {
    let is_error = crate::trace::error_rows(&block.columns[1], block.rows());
    for row in 0..block.rows() {
        let Column::Ints(durations) = &block.columns[0] else { return };
        let at = bin(durations.value(row));
        bins.counts[at] += block.weight(row);
        if is_error[row] {
            bins.errors[at] += block.weight(row);
        }
        if let Column::TraceIds(ids) = &block.columns[2]
            && bins.traces.len() < TRACES_SAMPLED
            && !bins.traces.contains(&ids[row])
        {
            bins.traces.push(ids[row]);
        }
    }
}

fn bin(duration_ns: i64) -> usize {
    let decades = (duration_ns.max(1) as f64 / FIRST_NS).log10();
    (decades * PER_DECADE).floor().clamp(0.0, (BINS - 1) as f64) as usize
}

fn trimmed(all: &Bins, spans_per_trace: Option<f64>) -> DurationHistogram {
    let (Some(first), Some(last)) =
        (all.counts.iter().position(|&n| n > 0.0), all.counts.iter().rposition(|&n| n > 0.0))
    else {
        return DurationHistogram::default();
    };
    let bound = |i: usize| (FIRST_NS * 10_f64.powf(i as f64 / PER_DECADE)).round();
    DurationHistogram {
        bounds_ns: (first..=last + 1).map(bound).collect(),
        counts: all.counts[first..=last].to_vec(),
        errors: all.errors[first..=last].to_vec(),
        spans_per_trace,
    }
}
