//! Grouping, limits and refusal.

use super::*;
use crate::{RawHasher, SeriesId, SeriesRef, Tags};

struct NoCache(RawHasher);

impl SeriesResolver for NoCache {
    fn hasher(&self) -> &RawHasher {
        &self.0
    }

    fn lookup(&self, _: RawKey) -> Option<SeriesRef> {
        None
    }

    fn identify(&self, def: &SeriesDef) -> SeriesKey {
        SeriesKey {
            metric: crate::MetricId(def.metric.len() as u64),
            series: SeriesId(def.tags.len() as u64),
        }
    }
}

fn def(metric: &str, tags: &[&str]) -> Result<SeriesDef, Reason> {
    Ok(SeriesDef { metric: metric.into(), host: "".into(), tags: Tags::canonical(tags.iter().copied()) })
}

#[test]
fn samples_are_grouped_by_series_in_arrival_order() {
    let resolver = NoCache(RawHasher::new([7; 192]));
    let limits = Limits::default();
    let mut b = MetricBatchBuilder::new(OrgId(1), &resolver, &limits, TimeRange::new(0, 100), ("test", ""));
    for (t, v) in [(1, 1.0), (2, 2.0)] {
        for name in ["a", "bb"] {
            let raw = b.key(name.as_bytes());
            let s = b.series(raw, Kind::Gauge, 0, || def(name, &[])).unwrap();
            b.sample(s, t, v);
        }
    }
    let s = b.series(b.key(b"a"), Kind::Gauge, 0, || unreachable!("known by then")).unwrap();
    b.sample(s, 100, 3.0);
    b.sample(s, -1, 3.0);
    b.sample(s, 5, f64::NAN);
    let (batch, refused) = b.finish();
    assert_eq!(batch.samples(&batch.series[0]), ([1, 2].as_slice(), [1.0, 2.0].as_slice()));
    assert_eq!(batch.samples(&batch.series[1]), ([1, 2].as_slice(), [1.0, 2.0].as_slice()));
    assert_eq!(
        refused.counts(),
        [(Reason::TooFarAhead, 1), (Reason::OlderThanRetention, 1), (Reason::NotFinite, 1)]
    );
}

#[test]
fn a_series_over_a_limit_costs_its_neighbours_nothing() {
    let resolver = NoCache(RawHasher::new([7; 192]));
    let limits = Limits { tags_per_series: 1, ..Limits::default() };
    let mut b = MetricBatchBuilder::new(OrgId(1), &resolver, &limits, TimeRange::all(), ("test", ""));
    assert!(b.series(1, Kind::Gauge, 0, || def("m", &["a:1", "b:2"])).is_none());
    let good = b.series(2, Kind::Gauge, 0, || def("m", &["a:1"])).unwrap();
    b.sample(good, 1, 1.0);
    let (batch, refused) = b.finish();
    assert_eq!((batch.rows(), refused.counts()), (1, [(Reason::TooManyTags, 1)].as_slice()));
}
