//! Definitions through a real file.

use super::*;
use oriel_model::{MetricId, OrgId, SeriesId, SeriesKey};
use proptest::prelude::*;

pub(crate) fn row(org: u32, id: u64, day: i32) -> SeriesRow {
    let tags = (0..id % 5).map(|t| format!("k{t}:värde-{id}"));
    SeriesRow {
        org: OrgId(org),
        key: SeriesKey {
            metric: MetricId(id / 10),
            series: SeriesId(id.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        },
        def: Arc::new(SeriesDef {
            metric: format!("metric.{}", id / 10).into(),
            host: if id.is_multiple_of(3) { "".into() } else { format!("h-{}", id % 7).into() },
            tags: Tags::canonical(tags),
        }),
        day,
        kind: Kind::from_u8((id % 5) as u8).unwrap(),
        interval_s: (id % 3) as u32 * 15,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn store_06_definitions_come_back_whole(ids in prop::collection::btree_set((1u32..3, 0u64..5000, -2i32..3), 1..600)) {
        let dir = tempfile::tempdir().unwrap();
        let rows: Vec<SeriesRow> = ids.iter().map(|&(org, id, day)| row(org, id, day)).collect();
        let meta = write_series(dir.path(), 0, &rows).unwrap().unwrap();
        prop_assert_eq!(meta.rows, rows.len() as u64);
        let mut expected = rows;
        expected.sort_by_key(|r| (r.org, r.key, r.day));
        prop_assert_eq!(read_series(dir.path(), &meta).unwrap(), expected);
    }
}

#[test]
fn a_day_is_the_span_of_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write_series(dir.path(), 0, &[row(1, 4, 10), row(1, 4, 11)]).unwrap().unwrap();
    assert_eq!((meta.first_ms, meta.last_ms), (10 * DAY_MS, 12 * DAY_MS - 1));
}
