//! The store from its door: what was answered is in the next query, through seals, compactions and restarts.

mod rows;
mod rows_speed;
mod speed;

use super::*;
use crate::{Aggregates, Cancel, Matcher, PieceHead, PieceSink, Want};
use oriel_model::{
    Event, Kind, Limits, ManualClock, MetricBatchBuilder, SeriesDef, ServiceCheck, Sketch, Tags,
};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) const NOW: TimeMs = 1_790_000_000_000;
pub(super) const ORG: OrgId = OrgId(1);

pub(super) fn options(data: &Path) -> Options {
    Options {
        data: data.to_owned(),
        memory_bytes: 512 << 20,
        metrics_retention_ms: 400 * 86_400_000,
        events_retention_ms: 30 * 86_400_000,
        logs_retention_ms: 30 * 86_400_000,
        spans_retention_ms: 30 * 86_400_000,
        series_per_org: 100_000,
        future_ms: 600_000,
    }
}

pub(super) async fn open(data: &Path) -> Arc<Store> {
    Store::open(options(data), Arc::new(ManualClock::at(NOW))).await.unwrap()
}

/// Samples of series `m{n:<n>}` at these times.
pub(super) fn batch(store: &Store, samples: &[(u32, TimeMs, f64)]) -> MetricBatch {
    let limits = Limits::default();
    let resolver = store.resolver(ORG);
    let accepted = store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, accepted, ("test", ""));
    for &(n, time_ms, value) in samples {
        let raw = builder.key(format!("m/{n}").as_bytes());
        let define = || {
            Ok(SeriesDef { metric: "m".into(), host: "h".into(), tags: Tags::canonical([format!("n:{n}")]) })
        };
        let series = builder.series(raw, Kind::Gauge, 10, define).unwrap();
        builder.sample(series, time_ms, value);
    }
    let (batch, rejections) = builder.finish();
    assert!(rejections.is_empty(), "{rejections:?}");
    batch
}

#[derive(Default)]
struct Collect {
    pieces: Vec<(usize, TimeMs, f64)>,
}

impl PieceSink for Collect {
    fn piece(&mut self, _: &PieceHead, _: bool) -> Want {
        Want::Samples
    }

    fn aggregates(&mut self, _: &PieceHead, _: &Aggregates) {}

    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        self.pieces.extend(times.iter().zip(values).map(|(&t, &v)| (head.series, t, v)));
    }
}

/// Everything under `m`, by series number and time; panics when a sample comes twice.
pub(super) fn all(store: &Store) -> BTreeMap<(u32, TimeMs), f64> {
    let reader = store.metrics(ORG);
    let range = TimeRange::new(0, NOW * 2);
    let entries = reader.select("m", &Matcher::All, range).unwrap();
    let keys: Vec<_> = entries.iter().map(|e| e.key).collect();
    let mut sink = Collect::default();
    reader.scan(&keys, range, &Cancel::default(), &mut sink).unwrap();
    let mut out = BTreeMap::new();
    for (series, t, v) in sink.pieces {
        let n: u32 = entries[series].def.tags.value("n").unwrap().parse().unwrap();
        assert!(out.insert((n, t), v).is_none(), "series {n} has {t} twice");
    }
    out
}

#[tokio::test]
async fn what_was_answered_is_in_the_next_query_and_outlives_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let samples: Vec<_> = (0..100).map(|i| (i % 7, NOW - 1000 * i64::from(i), f64::from(i))).collect();
    let done = store.append(batch(&store, &samples), None).await.unwrap();
    assert!(done.rejections.is_empty() && !done.repeated);
    let expected: BTreeMap<_, _> = samples.iter().map(|&(n, t, v)| ((n, t), v)).collect();
    assert_eq!(all(&store), expected);
    // Known by its raw bytes now: no definition is parsed.
    assert!(batch(&store, &samples[..1]).series[0].def.is_none());
    drop(store);
    let store = open(dir.path()).await;
    assert_eq!(all(&store), expected, "replayed");
    store.append(batch(&store, &[(3, NOW + 1, 5.0)]), None).await.unwrap();
    assert_eq!(all(&store).len(), 101);
}

#[tokio::test]
async fn sealing_and_compacting_change_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut expected = BTreeMap::new();
    for round in 0..4 {
        let samples: Vec<_> =
            (0..300).map(|i| (i % 5, NOW - 10_000 * i64::from(i) - round, f64::from(i) + 0.5)).collect();
        store.append(batch(&store, &samples), None).await.unwrap();
        expected.extend(samples.iter().map(|&(n, t, v)| ((n, t), v)));
        store.seal().await.unwrap();
        assert_eq!(all(&store), expected, "sealed {round}");
    }
    let held = store.metrics(ORG);
    let report = store.compact().await.unwrap();
    assert!(report.files_after < report.files_before, "{report:?}");
    assert_eq!(report.samples, 1200);
    assert_eq!(all(&store), expected, "compacted");
    let select = held.select("m", &Matcher::All, TimeRange::new(0, NOW * 2)).unwrap();
    let keys: Vec<_> = select.iter().map(|e| e.key).collect();
    let mut sink = Collect::default();
    held.scan(&keys, TimeRange::new(0, NOW * 2), &Cancel::default(), &mut sink).unwrap();
    assert_eq!(sink.pieces.len(), 1200, "a query keeps the files it began with");
    drop(held);
    store.close().await.unwrap();
    let found = check(dir.path()).await.unwrap();
    assert!(found.problems.is_empty(), "{found:?}");
    assert_eq!((found.samples, found.log_records), (1200, 0));
    let store = open(dir.path()).await;
    assert_eq!(all(&store), expected, "opened again");
    let on_disk = std::fs::read_dir(dir.path().join("store/files")).unwrap().count();
    assert_eq!(on_disk, report.files_after, "what compaction replaced is unlinked");
}

#[tokio::test]
async fn store_11_the_later_write_wins_over_seals_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.append(batch(&store, &[(1, NOW, 1.0), (1, NOW - 10_000, 9.0)]), None).await.unwrap();
    store.seal().await.unwrap();
    store.append(batch(&store, &[(1, NOW, 2.0)]), None).await.unwrap();
    assert_eq!(all(&store)[&(1, NOW)], 2.0);
    store.seal().await.unwrap();
    assert_eq!(all(&store)[&(1, NOW)], 2.0);
    store.append(batch(&store, &[(1, NOW, 3.0)]), None).await.unwrap();
    drop(store);
    let store = open(dir.path()).await;
    assert_eq!(all(&store)[&(1, NOW)], 3.0);
    store.compact().await.unwrap();
    assert_eq!(all(&store), BTreeMap::from([((1, NOW), 3.0), ((1, NOW - 10_000), 9.0)]));
}

#[tokio::test]
async fn store_12_a_repeat_is_answered_and_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let reopen = async || Store::open(options(dir.path()), clock.clone()).await.unwrap();
    let store = reopen().await;
    let digest = Some(RequestDigest(42));
    let send = async |store: &Store, digest| {
        store.append(batch(store, &[(1, NOW, 1.0)]), digest).await.unwrap().repeated
    };
    assert!(!send(&store, digest).await);
    assert!(send(&store, digest).await, "in memory");
    drop(store);
    let store = reopen().await;
    assert!(send(&store, digest).await, "from the log");
    store.close().await.unwrap();
    let store = reopen().await;
    assert!(send(&store, digest).await, "from the catalog");
    assert!(!send(&store, Some(RequestDigest(43))).await);
    clock.advance(digests::MEMORY_MS + 1);
    assert!(!send(&store, digest).await, "forgotten after ten minutes");
}

#[tokio::test]
async fn store_22_a_folder_has_one_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let second = Store::open(options(dir.path()), Arc::new(ManualClock::at(NOW))).await;
    assert!(matches!(second, Err(Error::Closed(what)) if what.contains("locked")));
    drop(store);
    open(dir.path()).await;
}

#[tokio::test]
async fn a_closed_store_refuses_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    assert!(store.health().is_ok());
    store.append(batch(&store, &[(1, NOW, 1.0)]), None).await.unwrap();
    store.close().await.unwrap();
    assert!(store.health().is_err());
    let late = store.append(batch(&store, &[(1, NOW, 2.0)]), None).await;
    assert!(matches!(late, Err(Error::Closed(_))));
    assert_eq!(all(&store).len(), 1, "queries go on");
}

#[tokio::test]
async fn events_and_checks_are_listed_from_heads_and_files() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let event = |id: u64, time_ms, tag: &str| Event {
        id,
        time_ms,
        title: format!("event {id}"),
        host: "h".into(),
        tags: vec![tag.into()],
        ..Event::default()
    };
    let check = |time_ms, status| ServiceCheck {
        time_ms,
        check: "up".into(),
        host: "h".into(),
        status,
        message: String::new(),
        tags: vec![],
    };
    use oriel_model::CheckStatus::{Critical, Ok};
    let first = EventBatch {
        org: ORG,
        events: vec![event(1, NOW - 3000, "a:1"), event(2, NOW - 2000, "a:2")],
        checks: vec![check(NOW - 3000, Critical)],
    };
    store.append_events(first, None).await.unwrap();
    store.seal().await.unwrap();
    let second =
        EventBatch { org: ORG, events: vec![event(3, NOW - 1000, "a:1")], checks: vec![check(NOW, Ok)] };
    store.append_events(second, None).await.unwrap();
    let range = TimeRange::new(0, NOW + 1);
    let ids = async |store: &Store, filter| -> Vec<u64> {
        store.events(ORG, range, filter).await.unwrap().iter().map(|e| e.id).collect()
    };
    for restart in [false, true] {
        let store = if restart { drop_and_open(&dir).await } else { Arc::clone(&store) };
        assert_eq!(ids(&store, EventFilter::default()).await, [3, 2, 1]);
        let tagged = EventFilter { tags: vec!["a:1".into(), "host:h".into()], ..EventFilter::default() };
        assert_eq!(ids(&store, tagged).await, [3, 1]);
        assert_eq!(ids(&store, EventFilter { limit: 1, ..EventFilter::default() }).await, [3]);
        assert_eq!(ids(&store, EventFilter { id: Some(2), ..EventFilter::default() }).await, [2]);
        let checks = store.checks(ORG, range, Some("h")).await.unwrap();
        assert_eq!(checks.iter().map(|c| c.status).collect::<Vec<_>>(), [Ok]);
        let runs = |check: &str, range| store.check_runs(ORG, check, range).unwrap();
        assert_eq!(runs("up", range).iter().map(|c| c.status).collect::<Vec<_>>(), [Critical, Ok]);
        assert_eq!(runs("up", TimeRange::new(0, NOW)).len(), 1, "the end is outside");
        assert!(runs("down", range).is_empty());
        assert!(store.events(OrgId(2), range, EventFilter::default()).await.unwrap().is_empty());
        if !restart {
            store.close().await.unwrap();
        }
    }
}

/// Another store on the same folder, once the first has been closed.
async fn drop_and_open(dir: &tempfile::TempDir) -> Arc<Store> {
    let copy = tempfile::tempdir().unwrap();
    let status =
        std::process::Command::new("cp").arg("-r").arg(dir.path().join("store")).arg(copy.path()).status();
    assert!(status.unwrap().success());
    let store = open(copy.path()).await;
    // The copy outlives the test; it is small.
    std::mem::forget(copy);
    store
}

#[tokio::test]
async fn event_ids_rise_and_fit_json() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let ids: Vec<u64> = (0..5000).map(|_| store.event_id()).collect();
    assert!(ids.windows(2).all(|w| w[0] < w[1]));
    assert!(ids.iter().all(|id| *id > 0 && *id < 1 << 53));
}

#[tokio::test]
async fn host_tags_join_and_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.append(batch(&store, &[(1, NOW, 1.0)]), None).await.unwrap();
    let tags = HostTags {
        host: "h".into(),
        source: "users".into(),
        tags: vec!["team:red".into()],
        from_ms: NOW - 1000,
        to_ms: 0,
    };
    store.set_host_tags(ORG, tags.clone()).await.unwrap();
    store.set_host_tags(ORG, HostTags { from_ms: NOW, ..tags }).await.unwrap();
    let red = Matcher::Equals { key: "team".into(), value: "red".into() };
    let range = TimeRange::new(NOW - 5000, NOW + 1);
    let selected = |store: &Store| store.metrics(ORG).select("m", &red, range).unwrap().len();
    assert_eq!(selected(&store), 1);
    assert_eq!(store.metrics(ORG).host_tags(range).len(), 1, "the same tags again are no new row");
    drop(store);
    assert_eq!(selected(&*open(dir.path()).await), 1);
}

#[tokio::test]
async fn usage_counts_series_samples_and_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let samples: Vec<_> = (0..100).map(|i| (i % 4, NOW - 1000 * i64::from(i), f64::from(i))).collect();
    store.append(batch(&store, &samples[..50]), None).await.unwrap();
    store.seal().await.unwrap();
    store.append(batch(&store, &samples[50..]), None).await.unwrap();
    let usage = store.usage(ORG).await.unwrap();
    assert_eq!(usage.len(), 1);
    let m = &usage[0];
    assert_eq!((m.metric.as_str(), m.series, m.samples), ("m", 4, 100));
    assert_eq!((m.first_ms, m.last_ms), (NOW - 99_000, NOW));
    assert!(m.bytes > 0);
}

#[tokio::test]
async fn a_request_larger_than_a_commit_goes_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let limits = Limits::default();
    let resolver = store.resolver(ORG);
    let accepted = store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, accepted, ("test", ""));
    let series: Vec<_> = (0..3)
        .map(|n| {
            let tags = Tags::canonical([format!("n:{n}")]);
            let define = || Ok(SeriesDef { metric: "m".into(), host: "h".into(), tags });
            builder.series(n, Kind::Gauge, 10, define).unwrap()
        })
        .collect();
    const EACH: i64 = 600_000;
    for i in 0..EACH {
        for (n, series) in series.iter().enumerate() {
            builder.sample(*series, NOW - i * 1000, (i as f64).sin() * (n + 1) as f64);
        }
    }
    let (batch, _) = builder.finish();
    store.append(batch, Some(RequestDigest(5))).await.unwrap();
    assert_eq!(all(&store).len() as i64, EACH * 3);
    drop(store);
    let store = open(dir.path()).await;
    assert_eq!(all(&store).len() as i64, EACH * 3);
    let _ = Sketch::default();
}

/// Puts a record into the log that no decoder takes.
async fn put_garbage(data: &Path) {
    use crate::wal::{Commit, Outcome, Record, SEGMENT_BYTES, Wal, recover};
    let marks = [recover::Mark::default(); crate::parts::Dataset::COUNT];
    let start = recover::recover(&data.join("store/wal"), marks, SEGMENT_BYTES, &mut |_, _| Ok(())).unwrap();
    let wal = Wal::start(start, &Faults::default()).unwrap();
    let dataset = crate::parts::Dataset::Metrics;
    let generation = wal.generation(dataset);
    let records = vec![Record::new(0, b"not a record".to_vec())];
    match wal.commit(Commit { org: ORG, dataset, generation, digest: 0, records }).await.unwrap() {
        Outcome::Durable(stamp) => stamp.inserted(),
        Outcome::Stale(_) => panic!("stale"),
    }
}

fn figure(store: &Store, name: &str) -> f64 {
    store.figures().iter().filter(|(n, ..)| *n == name).map(|(.., value)| value).sum()
}

#[tokio::test]
async fn store_21_a_record_that_fails_replay_is_kept_aside_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.append(batch(&store, &[(1, NOW - 1000, 1.0)]), None).await.unwrap();
    drop(store);
    put_garbage(dir.path()).await;
    let store = open(dir.path()).await;
    store.append(batch(&store, &[(1, NOW, 2.0)]), None).await.unwrap();
    drop(store);
    let store = open(dir.path()).await;
    assert_eq!(all(&store).into_values().collect::<Vec<_>>(), [1.0, 2.0]);
    assert_eq!(figure(&store, "oriel.store.quarantined.records"), 1.0);
    let kept: Vec<_> = std::fs::read_dir(dir.path().join("store/quarantine")).unwrap().collect();
    assert_eq!(kept.len(), 1, "once, though two starts met it");
    store.close().await.unwrap();
    assert_eq!(check(dir.path()).await.unwrap().quarantined_records, 1);
}

#[tokio::test]
async fn store_21_a_generation_that_does_not_seal_is_kept_aside_at_the_third_try() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store.append(batch(&store, &[(1, NOW - 1000, 1.0)]), None).await.unwrap();
    let files = dir.path().join("store/files");
    std::fs::remove_dir(&files).unwrap();
    std::fs::write(&files, "in the way").unwrap();
    for _ in 0..2 {
        assert!(store.seal().await.is_err());
        assert_eq!(all(&store).len(), 1, "queries still see it");
    }
    store.seal().await.unwrap();
    assert_eq!(all(&store).len(), 0);
    assert_eq!(figure(&store, "oriel.store.quarantined.records"), 1.0);
    std::fs::remove_file(&files).unwrap();
    std::fs::create_dir(&files).unwrap();
    store.append(batch(&store, &[(1, NOW, 2.0)]), None).await.unwrap();
    store.seal().await.unwrap();
    drop(store);
    let store = open(dir.path()).await;
    assert_eq!(all(&store).into_values().collect::<Vec<_>>(), [2.0]);
}

#[tokio::test]
async fn a_head_is_sealed_by_age() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let store = Store::open(options(dir.path()), clock.clone()).await.unwrap();
    store.append(batch(&store, &[(1, NOW, 1.0)]), None).await.unwrap();
    // The loop has seen the head once it has looked at it a second after the append.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(figure(&store, "oriel.store.seals"), 0.0);
    clock.advance(601_000);
    for _ in 0..100 {
        if figure(&store, "oriel.store.seals") == 1.0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(figure(&store, "oriel.store.seals"), 1.0);
    assert_eq!(all(&store).len(), 1);
    assert_eq!(figure(&store, "oriel.store.head.samples"), 0.0);
}

#[tokio::test]
async fn memory_past_the_hard_limit_is_busy_and_sealing_frees_it() {
    let dir = tempfile::tempdir().unwrap();
    let small = Options { memory_bytes: 4 << 20, ..options(dir.path()) };
    let store = Store::open(small, Arc::new(ManualClock::at(NOW))).await.unwrap();
    let (mut busy, mut stored) = (0, 0usize);
    for round in 0..60 {
        let samples: Vec<_> =
            (0..2000).map(|i| (i % 10, NOW - i64::from(round * 2000 + i), f64::from(i))).collect();
        loop {
            match store.append(batch(&store, &samples), None).await {
                Ok(_) => break,
                Err(Error::Busy { .. }) => busy += 1,
                Err(e) => panic!("{e}"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            assert!(busy < 5000, "it never recovers");
        }
        stored += samples.len();
    }
    assert_eq!(all(&store).len(), stored);
    assert!(figure(&store, "oriel.store.seals") >= 1.0);
}

#[tokio::test]
async fn retention_drops_files_and_unlinks_them() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let store = Store::open(options(dir.path()), clock.clone()).await.unwrap();
    store.append(batch(&store, &[(1, NOW - 5000, 1.0)]), None).await.unwrap();
    store.seal().await.unwrap();
    let year = 400 * 86_400_000;
    clock.advance(year);
    store.append(batch(&store, &[(1, NOW + year, 2.0)]), None).await.unwrap();
    assert_eq!(all(&store).len(), 1, "expired at read at once");
    store.seal().await.unwrap();
    let on_disk = || std::fs::read_dir(dir.path().join("store/files")).unwrap().count();
    let live = || store.core.view.load().files.iter().map(|f| f.meta.last_ms).collect::<Vec<_>>();
    assert!(live().contains(&(NOW - 5000)), "{:?}", live());
    clock.advance(3 * 86_400_000);
    retaining::expire(&store.core).await.unwrap();
    assert!(live().iter().all(|last_ms| *last_ms > NOW), "{:?}", live());
    assert!(figure(&store, "oriel.store.expired.files") >= 2.0, "samples and definitions");
    assert_eq!(all(&store).into_values().collect::<Vec<_>>(), [2.0]);
    store.close().await.unwrap();
    assert_eq!(on_disk(), live().len());
}

#[tokio::test]
async fn events_larger_than_a_commit_go_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut state = 7u64;
    let mut text = || -> String {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'!' + ((state >> 33) % 90) as u8)
        };
        (0..40_000).map(|_| next()).collect()
    };
    let events: Vec<Event> = (0..600)
        .map(|i| Event { id: i + 1, time_ms: NOW - i as i64, text: text(), ..Event::default() })
        .collect();
    let batch = EventBatch { org: ORG, events, checks: vec![] };
    store.append_events(batch, Some(RequestDigest(3))).await.unwrap();
    drop(store);
    let store = open(dir.path()).await;
    let found = store.events(ORG, TimeRange::new(0, NOW + 1), EventFilter::default()).await.unwrap();
    assert_eq!(found.iter().map(|e| e.id).collect::<Vec<_>>(), (1..=600).collect::<Vec<_>>());
}
