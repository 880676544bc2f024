//! Sample files: any rows come back, wrong ones are refused, damaged ones are an error.

use super::super::samples::SampleFile;
use super::*;
use oriel_model::{Kind, MetricId, SeriesId, TimeRange};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(crate) fn key(metric: u64, series: u64) -> SeriesKey {
    SeriesKey { metric: MetricId(metric), series: SeriesId(series) }
}

pub(crate) fn chunk(org: u32, key: SeriesKey, times: &[TimeMs], values: &[f64]) -> Chunk {
    Chunk {
        org: OrgId(org),
        key,
        kind: Kind::Gauge,
        interval_s: 15,
        reset: false,
        times: times.into(),
        values: values.to_vec(),
    }
}

type Samples = BTreeMap<(u32, SeriesKey), Vec<(TimeMs, u64)>>;

fn everything(file: &Arc<SampleFile>, keys: &[SeriesKey], range: TimeRange) -> Samples {
    let mut found = Samples::new();
    let mut orgs: Vec<OrgId> = file.orgs().collect();
    orgs.dedup();
    for org in orgs {
        let (mut times, mut values) = (Vec::new(), Vec::new());
        file.visit(org, keys, range, &mut |at, row| {
            row.decode(&mut times, &mut values)?;
            let at = found.entry((org.0, keys[at])).or_default();
            at.extend(times.iter().zip(&values).map(|(t, v)| (*t, v.to_bits())));
            assert_eq!((row.first_ms, row.last_ms, row.n), (times[0], times[times.len() - 1], times.len()));
            let expected = if row.has_aggregates() { of(row.kind, &values) } else { None };
            assert_eq!(row.aggregates()?, expected);
            Ok(())
        })
        .unwrap();
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_of_any_keys_come_back(
        level in 0u8..2,
        series in prop::collection::btree_map((1u32..4, 0u64..6, 0u64..400), 1usize..30, 1..400),
        asked in prop::collection::btree_set((0u64..6, 0u64..400), 1..60),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut chunks = Vec::new();
        let mut expected = Samples::new();
        for (&(org, metric, id), &n) in &series {
            for window in 0..(n % 4) as i64 + 1 {
                let first = window * 3_600_000 + (id as i64 % 7);
                let times: Vec<i64> = (0..n as i64).map(|i| first + i * 15_000 + (i * id as i64) % 3).collect();
                let values: Vec<f64> = (0..n).map(|i| (i * id as usize) as f64 / (metric + 1) as f64).collect();
                if asked.contains(&(metric, id)) {
                    let at = expected.entry((org, key(metric, id))).or_default();
                    at.extend(times.iter().zip(&values).map(|(t, v)| (*t, v.to_bits())));
                }
                chunks.push(chunk(org, key(metric, id), &times, &values));
            }
        }
        let meta = write_samples(dir.path(), level, &mut chunks.into_iter()).unwrap().unwrap();
        super::super::verify(dir.path(), &meta).unwrap();
        let file = Arc::new(SampleFile::open(dir.path(), &meta).unwrap());
        let keys: Vec<SeriesKey> = asked.iter().map(|&(m, s)| key(m, s)).collect();
        prop_assert_eq!(everything(&file, &keys, TimeRange::all()), expected);
    }

    #[test]
    fn aggregates_survive_packing(values in prop::collection::vec(-4i32..5, 1..40), cumulative: bool) {
        let kind = if cumulative { Kind::Cumulative } else { Kind::Gauge };
        let values: Vec<f64> = values.into_iter().map(|v| f64::from(v) / 2.0).collect();
        let a = of(kind, &values).unwrap();
        let (flags, packed) = pack(&a);
        prop_assert_eq!(unpack(flags, packed, a.count), a);
    }
}

#[test]
fn a_series_over_many_pages_and_groups_is_found_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut chunks = Vec::new();
    for series in [3u64, 5, 9] {
        for window in 0..2600i64 {
            chunks.push(chunk(1, key(7, series), &[window * 3_600_000], &[window as f64]));
        }
    }
    let meta = write_samples(dir.path(), 1, &mut chunks.into_iter()).unwrap().unwrap();
    let file = Arc::new(SampleFile::open(dir.path(), &meta).unwrap());
    let keys = [key(7, 2), key(7, 3), key(7, 4), key(7, 9), key(8, 0)];
    let found = everything(&file, &keys, TimeRange::all());
    assert_eq!(found[&(1, key(7, 3))].len(), 2600);
    assert_eq!(found[&(1, key(7, 9))].len(), 2600);
    assert_eq!(found.len(), 2);
    let range = TimeRange::new(1000 * 3_600_000, 1003 * 3_600_000);
    assert_eq!(everything(&file, &keys, range)[&(1, key(7, 9))].len(), 3);
}

#[test]
fn store_27_no_row_group_spans_two_orgs() {
    let dir = tempfile::tempdir().unwrap();
    let chunks = [1u32, 1, 2, 5].map(|org| chunk(org, key(1, 1), &[0], &[1.0]));
    let meta = write_samples(dir.path(), 0, &mut chunks.into_iter()).unwrap().unwrap();
    assert_eq!((meta.org_min, meta.org_max), (1, 5));
    let file = SampleFile::open(dir.path(), &meta).unwrap();
    assert_eq!(file.orgs().map(|o| o.0).collect::<Vec<_>>(), [1, 2, 5]);
}

#[test]
fn no_rows_leave_no_file() {
    let dir = tempfile::tempdir().unwrap();
    assert!(write_samples(dir.path(), 1, &mut std::iter::empty()).unwrap().is_none());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn rows_out_of_order_are_refused_and_leave_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let chunks = [2u64, 1].map(|series| chunk(1, key(1, series), &[0], &[1.0]));
    assert!(write_samples(dir.path(), 1, &mut chunks.into_iter()).is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn store_24_a_damaged_file_is_an_error_never_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let chunks = (0..300u64).map(|i| {
        let times: Vec<i64> = (0..20).map(|t| t * 15_000 + (t * i as i64) % 5).collect();
        let values: Vec<f64> = (0..20).map(|v| (v * i) as f64 / 3.0).collect();
        chunk(1, key(i / 10, i), &times, &values)
    });
    let meta = write_samples(dir.path(), 1, &mut chunks.into_iter()).unwrap().unwrap();
    let path = dir.path().join(meta.file_name());
    let good = std::fs::read(&path).unwrap();
    let keys: Vec<SeriesKey> = (0..300u64).map(|i| key(i / 10, i)).collect();
    for at in (0..good.len()).step_by(good.len() / 700 + 1) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        std::fs::write(&path, &bad).unwrap();
        assert!(matches!(super::super::verify(dir.path(), &meta), Err(Error::Corrupt { .. })));
        let Ok(file) = SampleFile::open(dir.path(), &meta) else { continue };
        let file = Arc::new(file);
        let (mut times, mut values) = (Vec::new(), Vec::new());
        let all = TimeRange::all();
        let _ = file.visit(OrgId(1), &keys, all, &mut |_, row| {
            let _ = row.aggregates();
            let _ = row.decode(&mut times, &mut values);
            Ok(())
        });
    }
    std::fs::write(&path, &good[..good.len() / 2]).unwrap();
    assert!(matches!(SampleFile::open(dir.path(), &meta), Err(Error::Corrupt { .. })));
}
