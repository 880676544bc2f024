//! Totals over a real store.

use super::*;
use oriel_model::{
    Clock, Limits, Mapping, MetricBatchBuilder, OrgId, Series, SketchSeries, Submission, SystemClock,
};
use oriel_store::Store;
use oriel_testkit::TempStore;

const ORG: OrgId = OrgId(1);

/// Times count from `base_ms`.
fn series(base_ms: i64, service: &str, points: &[(i64, f64)]) -> Series {
    Series {
        metric: "hits".into(),
        host: String::new(),
        tags: vec![format!("service:{service}"), "env:prod".into()],
        kind: Kind::Count,
        interval_s: 10,
        points: points.iter().map(|&(t, v)| (base_ms + t, v)).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_by_service_in_the_range_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(TempStore::options(dir.path()), std::sync::Arc::new(SystemClock)).await.unwrap();
    let base_ms = SystemClock.now_ms() / 100_000 * 100_000 - 3_600_000;
    let mut fast = Sketch::new(Mapping::AGENT);
    (1..=100).for_each(|i| fast.insert(f64::from(i), 1));
    let submission = Submission {
        series: vec![
            series(base_ms, "a", &[(10_000, 1.0), (20_000, 0.0), (30_000, 5.0), (90_000, 7.0)]),
            series(base_ms, "b", &[(10_000, 2.0)]),
        ],
        sketches: vec![SketchSeries {
            metric: "lat".into(),
            host: String::new(),
            tags: vec!["service:a".into()],
            interval_s: 10,
            points: vec![(base_ms + 10_000, fast.clone()), (base_ms + 20_000, fast)],
        }],
        ..Submission::default()
    };
    let resolver = store.resolver(ORG);
    let limits = Limits::default();
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, TimeRange::all(), ("test", ""));
    submission.build(&mut builder);
    store.append(builder.finish().0, None).await.unwrap();
    totals_are(&store, base_ms).await;
    // Whole windows come merged from a file, parts of one point by point.
    store.compact().await.unwrap();
    totals_are(&store, base_ms).await;
}

async fn totals_are(store: &Store, base_ms: i64) {
    let reader = store.metrics(ORG);
    let range = TimeRange::new(base_ms, base_ms + 60_000);
    let request = TotalsRequest { metric: "hits", matcher: &Matcher::All, by: &["service"], range };
    let found = tokio::task::spawn_blocking(move || {
        let counts = count_totals(&*reader, &request, &Cancel::default()).unwrap();
        let sketches =
            sketch_totals(&*reader, &TotalsRequest { metric: "lat", ..request }, &Cancel::default()).unwrap();
        (counts, sketches)
    });
    let (counts, sketches) = found.await.unwrap();
    let a = counts[&vec!["a".to_owned()]];
    assert_eq!((a.count, a.first_ms, a.last_ms), (6.0, base_ms + 10_000, base_ms + 30_000));
    assert_eq!(counts[&vec!["b".to_owned()]].count, 2.0);
    let a = &sketches[&vec!["a".to_owned()]];
    assert_eq!((a.count, a.sum), (200, 10_100.0));
    assert!((a.sketch.quantile(0.5) - 50.0).abs() < 1.5);
    let reader = store.metrics(ORG);
    let half = TimeRange::new(base_ms, base_ms + 15_000);
    let request = TotalsRequest { metric: "lat", matcher: &Matcher::All, by: &[], range: half };
    let part = tokio::task::spawn_blocking(move || sketch_totals(&*reader, &request, &Cancel::default()));
    assert_eq!(part.await.unwrap().unwrap()[&Vec::new()].count, 100);
}
