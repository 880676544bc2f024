//! What earlier versions wrote, and events on wide rows.

use super::*;
use crate::catalog::{Catalog, Sealed};
use crate::parts::Dataset;
use crate::rows::arbitrary;
use crate::wal::{Commit, Outcome, Record, SEGMENT_BYTES, Wal, recover};
use crate::{ListRequest, Order};
use oriel_model::{AlertType, Core, Field, Row, Value};

fn event(id: u64, time_ms: TimeMs) -> Event {
    Event {
        id,
        time_ms,
        title: format!("event {id}"),
        text: "what happened".into(),
        host: "h".into(),
        source: "jenkins".into(),
        aggregation_key: "deploys".into(),
        priority: Priority::Low,
        alert_type: AlertType::Warning,
        tags: vec!["team:a".into(), "urgent".into(), "team:b".into()],
    }
}

/// As it comes back: tags of one key stand together.
fn listed(event: &Event) -> Event {
    let tags = vec!["team:a".into(), "team:b".into(), "urgent".into()];
    Event { tags, ..event.clone() }
}

fn rows(store: &Store, signal: Signal) -> Vec<Row> {
    let range = NsRange { start: 0, end: i64::MAX };
    let request = ListRequest { range, filter: Filter::All, order: Order::Newest, limit: 1_000, after: None };
    let page = store.rows(ORG, signal).list(&request, &Cancel::default()).unwrap();
    page.rows.into_iter().map(|listed| listed.row).collect()
}

async fn events(store: &Store) -> Vec<Event> {
    store.events(ORG, TimeRange::new(0, NOW * 2), EventFilter::default()).await.unwrap()
}

#[tokio::test]
async fn an_event_is_a_wide_row_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let sent = event(1 << 40, NOW - 5);
    let batch = EventBatch { org: ORG, events: vec![sent.clone()], checks: vec![] };
    store.append_events(batch, None).await.unwrap();
    for _ in 0..2 {
        assert_eq!(events(&store).await, [listed(&sent)]);
        let row = rows(&store, Signal::Events).remove(0);
        assert_eq!(row.time_ns, (NOW - 5) * 1_000_000);
        assert_eq!((row.text(Core::Name), row.text(Core::Status)), ("event 1099511627776", "warning"));
        assert_eq!(row.attribute(&Field::attr("evt.id")), Some(&Value::Int(1 << 40)));
        assert_eq!(row.attribute(&Field::attr("priority")), Some(&Value::Text("low".into())));
        store.seal().await.unwrap();
    }
}

/// An event in a file of service checks, and another in a record of the log: as the first version kept them.
async fn write_old(data: &Path) -> [Event; 2] {
    let (sealed, logged) = (event(1, NOW - 2_000), event(2, NOW - 1_000));
    let dir = data.join("store");
    for folder in ["files", "wal"] {
        std::fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let file = crate::file::write_events(&dir.join("files"), 0, ORG, std::slice::from_ref(&sealed), &[]);
    let mut files: Vec<_> = file.unwrap().into_iter().collect();
    let (catalog, _) = Catalog::open(&dir).await.unwrap();
    let mark = recover::Mark { lsn: 1, generation: 1 };
    let dataset = Dataset::Events;
    catalog.seal(&mut Sealed { dataset, mark, files: &mut files, digests: vec![] }).await.unwrap();
    catalog.close().await.unwrap();
    let mut marks = [recover::Mark::default(); Dataset::COUNT];
    marks[dataset as usize] = mark;
    let start = recover::recover(&dir.join("wal"), marks, SEGMENT_BYTES, &mut |_, _| Ok(())).unwrap();
    let wal = Wal::start(start, &Faults::default()).unwrap();
    let generation = wal.generation(dataset);
    let batch = EventBatch { org: ORG, events: vec![logged.clone()], checks: vec![] };
    let payloads = crate::record::encode_events(&batch);
    let records = payloads.into_iter().map(|payload| Record::new(0, payload)).collect();
    match wal.commit(Commit { org: ORG, dataset, generation, digest: 0, records }).await.unwrap() {
        Outcome::Durable(stamp) => stamp.inserted(),
        Outcome::Stale(_) => panic!("stale"),
    }
    [sealed, logged]
}

#[tokio::test]
async fn events_of_earlier_versions_stay_readable() {
    let dir = tempfile::tempdir().unwrap();
    let [sealed, logged] = write_old(dir.path()).await;
    let store = open(dir.path()).await;
    for step in 0..3 {
        assert_eq!(events(&store).await, [listed(&logged), listed(&sealed)], "step {step}");
        assert_eq!(rows(&store, Signal::Events).len(), 2);
        match step {
            0 => store.seal().await.unwrap(),
            _ => drop(store.compact().await.unwrap()),
        }
    }
    assert_eq!(figure(&store, "oriel.store.quarantined.records"), 0.0);
}

#[tokio::test]
async fn store_27_orgs_do_not_see_each_others_rows() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    for org in 1..4_u32 {
        let mut batch = arbitrary::batch(Signal::Logs, &vec![Row::new(NOW * 1_000_000); org as usize]);
        batch.org = OrgId(org);
        store.append_rows(batch, None).await.unwrap();
    }
    let range = NsRange { start: 0, end: i64::MAX };
    for _ in 0..2 {
        for org in 1..5 {
            let snapshot = store.rows(OrgId(org), Signal::Logs);
            let count = snapshot.count(range, &Filter::All, &Cancel::default()).unwrap();
            assert_eq!(count, if org < 4 { f64::from(org) } else { 0.0 });
        }
        store.compact().await.unwrap();
    }
}

#[tokio::test]
async fn store_21_a_row_record_that_no_decoder_takes_goes_to_quarantine() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let rows_of = |n: i64| arbitrary::batch(Signal::Logs, &[Row::new(NOW * 1_000_000 + n)]);
    store.append_rows(rows_of(0), None).await.unwrap();
    drop(store);
    let wal_dir = dir.path().join("store/wal");
    let marks = [recover::Mark::default(); Dataset::COUNT];
    let start = recover::recover(&wal_dir, marks, SEGMENT_BYTES, &mut |_, _| Ok(())).unwrap();
    let wal = Wal::start(start, &Faults::default()).unwrap();
    let spans = crate::record::encode_rows(&arbitrary::batch(Signal::Spans, &[Row::new(1)]), 0..1);
    for (codec, payload) in [(1, b"\x01\x00garbage".to_vec()), (1, spans), (7, vec![1])] {
        let dataset = Dataset::Logs;
        let generation = wal.generation(dataset);
        let records = vec![Record::new(codec, payload)];
        match wal.commit(Commit { org: ORG, dataset, generation, digest: 0, records }).await.unwrap() {
            Outcome::Durable(stamp) => stamp.inserted(),
            Outcome::Stale(_) => panic!("stale"),
        }
    }
    drop(wal);
    let store = open(dir.path()).await;
    assert_eq!(figure(&store, "oriel.store.quarantined.records"), 3.0);
    assert_eq!(rows(&store, Signal::Logs).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_ends_in_busy_and_not_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    options.memory_bytes = 16 << 20;
    let store = Store::open(options, Arc::new(ManualClock::at(NOW))).await.unwrap();
    let text = "a line of some length that says nothing in particular ".repeat(10);
    let mut row = Row::new(NOW * 1_000_000);
    row.set_text(Core::Message, text);
    let batch = arbitrary::batch(Signal::Logs, &vec![row; 500]);
    let writers: Vec<_> = (0..6)
        .map(|_| {
            let (store, batch) = (Arc::clone(&store), batch.clone());
            tokio::spawn(async move {
                let (mut stored, mut busy) = (0, 0);
                for _ in 0..60 {
                    match store.append_rows(batch.clone(), None).await {
                        Ok(_) => stored += batch.len(),
                        Err(e) => {
                            assert!(matches!(e, Error::Busy { .. }), "{e}");
                            busy += 1;
                        }
                    }
                    let heads = store.core.view.load().head_bytes();
                    assert!(heads < 16 << 20, "{heads} bytes in heads");
                }
                (stored, busy)
            })
        })
        .collect();
    let (mut stored, mut busy) = (0, 0);
    for writer in writers {
        let (s, b) = writer.await.unwrap();
        stored += s;
        busy += b;
    }
    assert!(busy > 0 && stored > 0, "{stored} rows stored, {busy} requests busy");
    let range = NsRange { start: 0, end: i64::MAX };
    let count = store.rows(ORG, Signal::Logs).count(range, &Filter::All, &Cancel::default()).unwrap();
    assert_eq!(count, stored as f64);
}
