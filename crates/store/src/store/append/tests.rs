//! Cutting a batch that is too large for one commit.

use super::*;
use oriel_model::{BatchSeries, Kind, MetricId, OrgId, SeriesId, SeriesKey, Sketch, SketchPoint};
use proptest::prelude::*;

fn batch(lens: &[u32], sketches: &[u32]) -> MetricBatch {
    let mut batch =
        MetricBatch { org: OrgId(3), series: vec![], ts: vec![], values: vec![], sketches: vec![] };
    for (i, &len) in lens.iter().enumerate() {
        let key = SeriesKey { metric: MetricId(1), series: SeriesId(i as u64) };
        let first = batch.ts.len() as u32;
        batch.series.push(BatchSeries {
            reset: false,
            key,
            raw: 0,
            slot: 0,
            kind: Kind::Gauge,
            interval_s: 0,
            def: None,
            first,
            len,
        });
        batch.ts.extend((0..len).map(|n| i64::from(n) * 10 + i as i64));
        batch.values.extend((0..len).map(f64::from));
    }
    for (i, &series) in sketches.iter().enumerate() {
        batch.sketches.push(SketchPoint { series, time_ms: i as i64, sketch: Sketch::default() });
    }
    batch
}

/// Series and samples, and series and sketch times.
type Rows = (Vec<(SeriesKey, i64, u64)>, Vec<(SeriesKey, i64)>);

fn rows(batch: &MetricBatch) -> Rows {
    let samples = batch.series.iter().flat_map(|s| {
        let (times, values) = batch.samples(s);
        times.iter().zip(values).map(|(&t, &v)| (s.key, t, v.to_bits())).collect::<Vec<_>>()
    });
    let sketches = batch.sketches.iter().map(|p| (batch.series[p.series as usize].key, p.time_ms));
    (samples.collect(), sketches.collect())
}

proptest! {
    #[test]
    fn halves_have_every_row_once(lens in prop::collection::vec(0..20u32, 1..8), picks in prop::collection::vec(any::<prop::sample::Index>(), 0..10)) {
        let sketches: Vec<u32> = picks.iter().map(|p| p.index(lens.len()) as u32).collect();
        let whole = batch(&lens, &sketches);
        let (mut samples, mut points) = rows(&whole);
        let (a, b) = halves(whole);
        let (mut got, mut got_points) = rows(&a);
        let (more, more_points) = rows(&b);
        got.extend(more);
        got_points.extend(more_points);
        samples.sort();
        got.sort();
        points.sort();
        got_points.sort();
        prop_assert_eq!(samples, got);
        prop_assert_eq!(points, got_points);
    }
}
