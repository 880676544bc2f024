//! Sketches through a real file, with their bins and without.

use super::*;
use oriel_model::{MetricId, SeriesId};
use proptest::prelude::*;

fn key(series: u64) -> SeriesKey {
    SeriesKey { metric: MetricId(3), series: SeriesId(series) }
}

fn any_sketch() -> impl Strategy<Value = Sketch> {
    let mappings = prop_oneof![Just(Mapping::AGENT), Just(Mapping { gamma: 1.02, offset: 0.0 })];
    (mappings, prop::collection::vec((-1e6f64..1e6, 1u64..50), 0..20)).prop_map(|(mapping, values)| {
        let mut sketch = Sketch::new(mapping);
        values.into_iter().for_each(|(v, n)| sketch.insert(v, n));
        sketch
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn store_18_sketches_come_back_with_and_without_bins(
        series in prop::collection::vec(prop::collection::btree_map(0i64..3_600_000, any_sketch(), 1..20), 1..12),
        level in 0u8..2,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let chunks: Vec<SketchChunk> = series
            .into_iter()
            .enumerate()
            .map(|(i, points)| {
                let points = points.into_iter().collect();
                SketchChunk { org: OrgId(1), key: key(i as u64), interval_s: 10, points }
            })
            .collect();
        let meta = write_sketches(dir.path(), level, &mut chunks.clone().into_iter()).unwrap().unwrap();
        let file = SketchFile::open(dir.path(), &meta).unwrap();
        for chunk in &chunks {
            let (mut summaries, mut sketches) = (Vec::new(), Vec::new());
            let mut merged = 0;
            file.rows(OrgId(1), (&[chunk.key], TimeRange::all()), &Cancel::default(), &mut |row| {
                row.summaries(&mut summaries)?;
                row.sketches(&mut sketches)?;
                merged += row.merged()?.count;
                Ok(())
            })
            .unwrap();
            prop_assert_eq!(&sketches, &chunk.points);
            prop_assert_eq!(merged, chunk.points.iter().map(|(_, s)| s.count).sum::<u64>());
            for ((t, s), (at, sketch)) in summaries.iter().zip(&chunk.points) {
                prop_assert_eq!(
                    (*t, s.count, s.sum, s.min, s.max),
                    (*at, sketch.count, sketch.sum, sketch.min, sketch.max)
                );
            }
        }
        let mut scan = SketchScan::open(dir.path(), &meta).unwrap();
        let mut points = 0;
        while let Some(chunk) = scan.next().unwrap() {
            points += chunk.points.len();
        }
        prop_assert_eq!(points as u64, meta.samples);
    }
}
