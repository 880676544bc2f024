//! The engine over a real store, fresh, sealed and compacted, against the same points in plain vectors: one answer.

use crate::memory::{Memory, Piece, Stored, definition};
use oriel_model::{
    Clock, Frame, HostTags, Kind, Limits, ManualClock, MetricBatchBuilder, OrgId, Signal, Sketch, TimeRange,
};
use oriel_query::{Engine, Request};
use oriel_store::{MetricReader, Options, Store};
use std::sync::Arc;

const ORG: OrgId = OrgId(1);
/// A day, two hours and some seconds after the epoch of the test's clock.
const START_MS: i64 = 1_760_000_000_000;
const POINTS: i64 = 800;
const STEP_MS: i64 = 10_000;

/// A number that looks random and is the same each run.
fn noise(seed: i64) -> i64 {
    let mixed = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) as i64 >> 40
}

/// Hosts with a series of each kind; a tenth of the points is missing.
fn data() -> Memory {
    let mut memory = Memory::default();
    for host in 0..4i64 {
        for (name, kind) in
            [("g", Kind::Gauge), ("c", Kind::Count), ("r", Kind::Rate), ("t", Kind::Cumulative)]
        {
            let mut total = 0;
            let points = (0..POINTS).filter(|i| noise(i * 7 + host) % 10 != 0).map(|i| {
                let value = noise(i * 31 + host * 17).rem_euclid(1000);
                total = if value < 5 { value } else { total + value };
                (START_MS + i * STEP_MS, if kind == Kind::Cumulative { total } else { value } as f64)
            });
            let piece = Piece { kind, interval_s: 10, reset: false, points: points.collect() };
            let env = if host % 2 == 0 { "prod" } else { "dev" };
            let def = definition(&format!("{name}{{host:h{host},env:{env}}}"));
            memory.series.push(Stored { def, pieces: vec![piece], sketches: Vec::new() });
        }
        let sketches = (0..POINTS).step_by(3).map(|i| {
            let mut sketch = Sketch::default();
            (0..8).for_each(|k| sketch.insert(1.0 + noise(i * 13 + k).rem_euclid(500) as f64, 1));
            (START_MS + i * STEP_MS, sketch)
        });
        let def = definition(&format!("d{{host:h{host}}}"));
        memory.series.push(Stored { def, pieces: Vec::new(), sketches: sketches.collect() });
    }
    memory
}

/// Appends the points of these indexes, as one request would bring them.
async fn append(store: &Store, memory: &Memory, part: std::ops::Range<i64>) {
    let resolver = store.resolver(ORG);
    let limits = Limits::default();
    let accepted = store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, accepted, ("test", ""));
    let span = TimeRange::new(START_MS + part.start * STEP_MS, START_MS + part.end * STEP_MS);
    for (i, stored) in memory.series.iter().enumerate() {
        let raw = builder.key(&i.to_le_bytes());
        for piece in &stored.pieces {
            let series =
                builder.series(raw, piece.kind, piece.interval_s, || Ok(stored.def.clone())).expect("taken");
            for (time, value) in piece.points.iter().filter(|p| span.contains(p.0)) {
                builder.sample(series, *time, *value);
            }
        }
        if !stored.sketches.is_empty() {
            let series =
                builder.series(raw, Kind::Distribution, 30, || Ok(stored.def.clone())).expect("taken");
            for (time, sketch) in stored.sketches.iter().filter(|s| span.contains(s.0)) {
                builder.sketch(series, *time, sketch.clone());
            }
        }
    }
    let (batch, refused) = builder.finish();
    assert!(refused.is_empty(), "every point is taken");
    store.append(batch, None).await.expect("stored");
}

const QUERIES: [&str; 16] = [
    "avg:g{*} by {host}.rollup(avg, 60)",
    "sum:g{env:prod}.rollup(max, 3600)",
    "min:g{!env:prod} by {env}.rollup(min, 600)",
    "avg:g{*}.rollup(count, 3600)",
    "sum:c{*}.as_count().rollup(sum, 3600)",
    "sum:c{*} by {host}.as_rate().rollup(sum, 300)",
    "sum:r{*}.as_count().rollup(sum, 3600)",
    "avg:r{host:h1}",
    "sum:t{*} by {env}.as_count().rollup(sum, 3600)",
    "sum:t{*}.as_count().rollup(sum, 60)",
    "per_second(sum:t{*} by {host}.rollup(avg, 600))",
    "avg:d{*}.rollup(avg, 600)",
    "count:d{*} by {host}.rollup(avg, 3600)",
    "p95:d{*}.rollup(avg, 600)",
    "sum:g{*} by {zone}.rollup(avg, 600)",
    "anomalies(avg:g{zone:b}.rollup(avg, 60), 'basic', 2)",
];

fn run(reader: &Arc<dyn MetricReader>, now_ms: i64) -> Vec<Frame> {
    let range = TimeRange::new(START_MS + 90_000, START_MS + POINTS * STEP_MS);
    let request = QUERIES.iter().fold(Request::new(range, now_ms), |r, q| r.query(*q, *q));
    let outcomes = Engine::new(2).run(reader, &request).expect("runs");
    outcomes.into_iter().map(|o| o.result.unwrap_or_else(|e| panic!("{}: {e}", o.text))).collect()
}

fn same(state: &str, expected: &[Frame], actual: &[Frame]) {
    let close = |a: &f64, b: &f64| a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * (1.0 + a.abs());
    for ((query, e), a) in QUERIES.iter().zip(expected).zip(actual) {
        assert_eq!(e.times, a.times, "{state}: {query}");
        let groups = |f: &Frame| f.series.iter().map(|s| s.scope.clone()).collect::<Vec<_>>();
        assert_eq!(groups(e), groups(a), "{state}: {query}");
        assert!(!e.series.is_empty(), "{query} finds something");
        for (e, a) in e.series.iter().zip(&a.series) {
            for (i, (x, y)) in e.values.iter().zip(&a.values).enumerate() {
                assert!(close(x, y), "{state}: {query} {} bucket {i}: expected {x}, got {y}", e.scope);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_store_answers_as_plain_vectors_do() {
    let now_ms = START_MS + POINTS * STEP_MS;
    let folder = tempfile::tempdir().expect("a folder");
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(now_ms));
    let options = Options {
        data: folder.path().to_owned(),
        memory_bytes: 256 << 20,
        metrics_retention_ms: 400 * 86_400_000,
        events_retention_ms: 86_400_000,
        logs_retention_ms: 86_400_000,
        spans_retention_ms: 86_400_000,
        series_per_org: 1000,
        future_ms: 600_000,
    };
    let store = Store::open(options, clock).await.expect("opens");
    let mut memory = data();
    for (host, from, zone) in [("h0", 0, "a"), ("h1", 0, "b"), ("h0", 300, "b")] {
        let from_ms = START_MS + from * STEP_MS;
        for earlier in memory.host_tags.iter_mut().filter(|t| t.host == host) {
            earlier.to_ms = from_ms;
        }
        let (host, source, tags) = (host.to_owned(), "users".to_owned(), vec![format!("zone:{zone}")]);
        let tags = HostTags { host, source, tags, from_ms, to_ms: i64::MAX };
        store.set_host_tags(ORG, tags.clone()).await.expect("kept");
        memory.host_tags.push(tags);
    }
    let expected = run(&(Arc::new(memory.clone()) as Arc<dyn MetricReader>), now_ms);

    append(&store, &memory, 0..500).await;
    store.seal().await.expect("sealed");
    // Late points among sealed ones, then newer ones; the last part stays in the head.
    append(&store, &memory, 650..800).await;
    append(&store, &memory, 500..650).await;
    same("head and file", &expected, &run(&store.metrics(ORG), now_ms));
    store.seal().await.expect("sealed");
    same("files", &expected, &run(&store.metrics(ORG), now_ms));
    store.compact().await.expect("compacted");
    same("compacted", &expected, &run(&store.metrics(ORG), now_ms));
    // The same points again change nothing.
    append(&store, &memory, 200..400).await;
    let again = run(&store.metrics(ORG), now_ms);
    same("written twice", &expected[..11], &again[..11]);
    store.close().await.expect("closes");
}
