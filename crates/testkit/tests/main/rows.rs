//! Wide rows over their whole life: head, sealed and compacted files, deletions, retention, full disks.

use oriel_model::{Column, Core, Field, Filter, Row, Signal, Test, Value};
use oriel_store::{Block, Cancel, Error, NsRange, Order, RetentionRule, ScanRequest, Store, TailItem};
use oriel_testkit::row_cases::{self, ROW_STEP_NS};
use oriel_testkit::{
    ALL_TIME, NOW_MS, ORG, TempStore, append_rows, count_rows, list_all, read_rows, row_batch,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;

fn sample<T>(runner: &mut TestRunner, strategy: impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).expect("a case").current()
}

fn is(field: Field, text: &str) -> Filter {
    Filter::Is(field, Test::Equals(text.into()))
}

/// Rows in an order of their own, attributes sorted.
fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        row.attributes.sort_by(|a, b| a.0.cmp(&b.0));
    }
    rows.sort_by_key(|row| (row.time_ns, row.identity()));
    rows
}

/// What a scan gives of some fields, row by row.
fn scanned(store: &Store, signal: Signal, filter: &Filter, fields: &[Field]) -> Vec<(i64, Vec<Value>)> {
    let request = ScanRequest { range: ALL_TIME, filter: filter.clone(), fields: fields.to_vec() };
    let fold = |out: &mut Vec<(i64, Vec<Value>)>, block: &Block| {
        assert!(block.columns.iter().all(|c| !matches!(c, Column::Absent) || block.rows() > 0));
        for row in 0..block.rows() {
            let values = block.columns.iter().map(|column| column.value(row)).collect();
            out.push((block.time_ns[row], values));
        }
        Ok(())
    };
    let (parts, stats) =
        store.rows(ORG, signal).scan(&request, &Cancel::default(), Vec::new, fold).expect("a scan");
    let mut all: Vec<_> = parts.into_iter().flatten().collect();
    assert_eq!(stats.rows_matched, all.len() as u64);
    all.sort_by_key(|(time, values)| (*time, format!("{values:?}")));
    all
}

/// Everything that can be asked of the rows, compared with brute force.
fn check(store: &Store, signal: Signal, rows: &[Row], runner: &mut TestRunner) {
    assert_eq!(sorted(&read_rows(store, signal)), sorted(rows));
    for _ in 0..12 {
        let filter = sample(runner, row_cases::filter());
        let wanted: Vec<Row> = rows.iter().filter(|row| filter.matches(row)).cloned().collect();
        assert_eq!(count_rows(store, signal, &filter), wanted.len() as f64, "{filter:?}");
        let fields: Vec<Field> = (0..3).map(|_| sample(runner, row_cases::field())).collect();
        let value = |row: &Row, field: &Field| row.value(field).unwrap_or_default();
        let values = |row: &Row| (row.time_ns, fields.iter().map(|f| value(row, f)).collect::<Vec<_>>());
        let mut expected: Vec<_> = wanted.iter().map(values).collect();
        expected.sort_by_key(|(time, values)| (*time, format!("{values:?}")));
        assert_eq!(scanned(store, signal, &filter, &fields), expected, "{filter:?} {fields:?}");
        check_lists(store, signal, (&filter, &wanted), runner);
    }
}

fn check_lists(store: &Store, signal: Signal, (filter, wanted): (&Filter, &[Row]), runner: &mut TestRunner) {
    let snapshot = store.rows(ORG, signal);
    let page_rows = sample(runner, 1_usize..40);
    for order in [Order::Newest, Order::Oldest] {
        let listed = list_all(&snapshot, filter, &order, page_rows);
        let times: Vec<i64> = listed.iter().map(|row| row.time_ns).collect();
        let is_newest = order == Order::Newest;
        assert!(times.is_sorted_by(|a, b| if is_newest { a >= b } else { a <= b }), "{times:?}");
        assert_eq!(sorted(&listed), sorted(wanted), "{filter:?} {order:?}, {page_rows} a page");
    }
    let field = sample(runner, row_cases::field());
    let descending = sample(runner, any::<bool>());
    let listed = list_all(&snapshot, filter, &Order::By { field: field.clone(), descending }, page_rows);
    assert_eq!(sorted(&listed), sorted(wanted), "{filter:?} by {field}, {page_rows} a page");
    let ranks: Vec<u8> = listed.iter().map(|row| rank(row.value(&field))).collect();
    assert!(ranks.is_sorted(), "numbers, texts, none: {ranks:?}");
    let numbers = listed.iter().filter(|row| rank(row.value(&field)) == 0);
    let numbers: Vec<f64> = numbers.filter_map(|row| row.value(&field).and_then(|v| v.number())).collect();
    assert!(numbers.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{numbers:?}");
}

fn rank(value: Option<Value>) -> u8 {
    match value {
        Some(Value::Int(_) | Value::Uint(_) | Value::Float(_)) => 0,
        None | Some(Value::Null) => 2,
        Some(_) => 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_30_answers_equal_brute_force_in_head_files_and_compacted_files() {
    let mut runner = TestRunner::deterministic();
    for round in 0..6 {
        let signal = Signal::WIDE[round % 3];
        let temp = TempStore::new().await;
        let mut rows: Vec<Row> = Vec::new();
        for step in 0..6 {
            let fresh = sample(&mut runner, row_cases::rows(120));
            append_rows(temp.store(), signal, &fresh, 0).await.unwrap();
            rows.extend(fresh);
            match (round + step) % 4 {
                1 => temp.store().seal().await.unwrap(),
                3 => drop(temp.store().compact().await.unwrap()),
                _ => {}
            }
            check(temp.store(), signal, &rows, &mut runner);
        }
        temp.store().compact().await.unwrap();
        check(temp.store(), signal, &rows, &mut runner);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_25_counts_hold_while_seals_and_compactions_run() {
    let mut runner = TestRunner::deterministic();
    let temp = TempStore::new().await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (store, stopped) = (temp.store().clone(), stop.clone());
    let mover = tokio::spawn(async move {
        let mut moves = 0;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            moves += 1;
            match moves % 3 {
                0 => drop(store.compact().await.unwrap()),
                _ => store.seal().await.unwrap(),
            }
        }
        moves
    });
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..40 {
        let fresh = sample(&mut runner, row_cases::rows(60));
        append_rows(temp.store(), Signal::Logs, &fresh, 0).await.unwrap();
        rows.extend(fresh);
        for _ in 0..8 {
            let filter = sample(&mut runner, row_cases::filter());
            let wanted = rows.iter().filter(|row| filter.matches(row)).count();
            assert_eq!(count_rows(temp.store(), Signal::Logs, &filter), wanted as f64, "{filter:?}");
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(mover.await.unwrap() >= 3);
    assert_eq!(sorted(&read_rows(temp.store(), Signal::Logs)), sorted(&rows));
}

#[tokio::test]
async fn equal_rows_are_listed_as_often_as_they_are_there() {
    let temp = TempStore::new().await;
    let mut rows = vec![Row::new(NOW_MS * 1_000_000 - 5); 7];
    rows.push(Row::new(NOW_MS * 1_000_000 - 6));
    for part in rows.chunks(3) {
        append_rows(temp.store(), Signal::Spans, part, 0).await.unwrap();
    }
    for page_rows in 1..10 {
        let snapshot = temp.store().rows(ORG, Signal::Spans);
        let by = Order::By { field: Field::Core(Core::Duration), descending: false };
        for order in [Order::Newest, Order::Oldest, by] {
            let listed = list_all(&snapshot, &Filter::All, &order, page_rows);
            assert_eq!(sorted(&listed), sorted(&rows), "{order:?}, {page_rows} a page");
        }
    }
}

#[tokio::test]
async fn store_12_a_repeated_request_is_stored_once_also_after_a_restart() {
    let mut temp = TempStore::new().await;
    let rows = [Row::new(NOW_MS * 1_000_000)];
    append_rows(temp.store(), Signal::Logs, &rows, 77).await.unwrap();
    append_rows(temp.store(), Signal::Logs, &rows, 77).await.unwrap();
    temp.crash();
    temp.open().await.unwrap();
    append_rows(temp.store(), Signal::Logs, &rows, 77).await.unwrap();
    temp.store().seal().await.unwrap();
    append_rows(temp.store(), Signal::Logs, &rows, 77).await.unwrap();
    append_rows(temp.store(), Signal::Logs, &rows, 78).await.unwrap();
    assert_eq!(read_rows(temp.store(), Signal::Logs).len(), 2);
}

#[tokio::test]
async fn a_row_is_found_by_its_id_wherever_it_is() {
    let mut runner = TestRunner::deterministic();
    let temp = TempStore::new().await;
    let rows = sample(&mut runner, prop::collection::vec(row_cases::row_at(NOW_MS * 1_000_000), 50));
    append_rows(temp.store(), Signal::Logs, &rows, 0).await.unwrap();
    for step in 0..3 {
        let snapshot = temp.store().rows(ORG, Signal::Logs);
        for row in &rows {
            let id = oriel_store::RowId { time_ns: row.time_ns, hash: row.identity() };
            let found = snapshot.row(id, &Cancel::default()).unwrap().expect("the row");
            assert_eq!(found.identity(), row.identity());
        }
        let id = oriel_store::RowId { time_ns: NOW_MS * 1_000_000, hash: 1 };
        assert!(snapshot.row(id, &Cancel::default()).unwrap().is_none());
        match step {
            0 => temp.store().seal().await.unwrap(),
            _ => drop(temp.store().compact().await.unwrap()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_29_what_is_deleted_is_gone_at_once_and_for_good() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let mut temp = TempStore::new().await;
        let mut rows = sample(&mut runner, row_cases::rows(200));
        let (first, second) = rows.split_at(rows.len() / 2);
        append_rows(temp.store(), Signal::Logs, first, 0).await.unwrap();
        temp.store().compact().await.unwrap();
        append_rows(temp.store(), Signal::Logs, second, 0).await.unwrap();
        let filter = sample(&mut runner, row_cases::filter());
        let start = NOW_MS * 1_000_000 - 150 * ROW_STEP_NS;
        let range = NsRange { start, end: i64::MAX };
        let goes = |row: &Row| row.time_ns >= start && filter.matches(row);
        let gone = rows.iter().filter(|row| goes(row)).count();
        let store = temp.store().clone();
        let what = ("service:web".to_owned(), filter.clone());
        let receipt = store.delete_rows(ORG, Signal::Logs, range, what).await.unwrap();
        assert_eq!(receipt.rows, gone as u64, "{filter:?}");
        assert!(receipt.files_left >= 1 && receipt.derived_metrics_remain);
        drop(store);
        // Rows of the same kind that come later stay.
        let later = rows.last().cloned().unwrap_or_else(|| Row::new(NOW_MS * 1_000_000));
        rows.retain(|row| !goes(row));
        append_rows(temp.store(), Signal::Logs, std::slice::from_ref(&later), 0).await.unwrap();
        rows.push(later);
        for step in 0..4 {
            check(temp.store(), Signal::Logs, &rows, &mut runner);
            match step {
                0 => {
                    temp.crash();
                    temp.open().await.unwrap();
                }
                1 => temp.store().seal().await.unwrap(),
                2 => drop(temp.store().compact().await.unwrap()),
                _ => {}
            }
        }
        let receipts = temp.store().deletions(ORG).await.unwrap();
        assert_eq!((receipts.len(), receipts[0].files_left, receipts[0].rows), (1, 0, gone as u64));
        assert_eq!(receipts[0].query, "service:web");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_28_a_shorter_rule_filters_at_once_and_compaction_drops() {
    let mut temp = TempStore::new().await;
    let row = |days: i64, status: &str| {
        let mut row = Row::new((NOW_MS - days * DAY_MS) * 1_000_000);
        row.set_text(Core::Status, status);
        row
    };
    let rows: Vec<Row> =
        (0..10).flat_map(|day| [row(day, "error"), row(day, "info"), row(day, "debug")]).collect();
    append_rows(temp.store(), Signal::Logs, &rows, 0).await.unwrap();
    temp.store().seal().await.unwrap();
    let rule = |name: &str, status: &str, days: i64| RetentionRule {
        name: name.into(),
        signal: Signal::Logs,
        filter: is(Field::Core(Core::Status), status),
        query: format!("status:{status}"),
        keep_ms: days * DAY_MS + 1,
    };
    temp.store().set_retention(ORG, vec![rule("a", "info", 2), rule("b", "debug", 5)]).await.unwrap();
    let days_of = |store: &Store| {
        let mut days: BTreeMap<String, usize> = BTreeMap::new();
        for row in read_rows(store, Signal::Logs) {
            *days.entry(row.text(Core::Status).to_owned()).or_default() += 1;
        }
        ["error", "info", "debug"].map(|status| days.get(status).copied().unwrap_or(0))
    };
    for step in 0..4 {
        assert_eq!(days_of(temp.store()), [10, 3, 6], "step {step}");
        let info = count_rows(temp.store(), Signal::Logs, &is(Field::Core(Core::Status), "info"));
        assert_eq!(info, 3.0);
        match step {
            0 => drop(temp.store().compact().await.unwrap()),
            1 => {
                temp.crash();
                temp.open().await.unwrap();
            }
            // What came before the rules were made is of no class; rows in the head never are.
            _ => append_rows(temp.store(), Signal::Logs, &[row(9, "info")], 0).await.unwrap(),
        }
    }
    temp.clock.advance(3 * DAY_MS);
    assert_eq!(days_of(temp.store()), [10, 0, 3]);
    temp.store().set_retention(ORG, Vec::new()).await.unwrap();
    assert_eq!(days_of(temp.store())[0], 10);
    let nine = (0..9).map(|_| rule("x", "info", 1)).collect();
    assert!(matches!(temp.store().set_retention(ORG, nine).await, Err(Error::Refused(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_23_a_full_disk_refuses_rows_and_recovers() {
    let mut temp = TempStore::unopened();
    temp.faults.set_quota(2 * (16 << 20));
    temp.open().await.unwrap();
    let noise = |request: u64| -> Vec<Row> {
        let row = |i: u64| {
            let mut row = Row::new(NOW_MS * 1_000_000 - (request * 1_000 + i) as i64);
            let bytes =
                (0..60).map(|k| (request * 7_919 + i * 104_729 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            row.set_text(Core::Message, bytes.map(|n| format!("{n:x}")).collect::<String>());
            row
        };
        (0..1_000).map(row).collect()
    };
    let mut stored = 0;
    let error = loop {
        match append_rows(temp.store(), Signal::Spans, &noise(stored), 0).await {
            Ok(()) => stored += 1,
            Err(e) => break e,
        }
        assert!(stored < 1000, "the quota is never met");
    };
    assert!(matches!(error, Error::NoSpace { .. }) && error.code().is_retryable(), "{error}");
    assert_eq!(count_rows(temp.store(), Signal::Spans, &Filter::All), stored as f64 * 1_000.0);
    temp.faults.set_quota(u64::MAX);
    append_rows(temp.store(), Signal::Spans, &noise(stored), 0).await.unwrap();
    temp.crash();
    temp.open().await.unwrap();
    assert_eq!(count_rows(temp.store(), Signal::Spans, &Filter::All), (stored + 1) as f64 * 1_000.0);
}

#[tokio::test]
async fn store_34_a_tail_shows_what_comes_and_says_what_it_dropped() {
    let temp = TempStore::new().await;
    let web = is(Field::Core(Core::Service), "web");
    let mut tail = temp.store().tail(ORG, Signal::Logs, web).unwrap();
    let row = |i: i64, service: &str| {
        let mut row = Row::new(NOW_MS * 1_000_000 + i);
        row.set_text(Core::Service, service);
        row
    };
    append_rows(temp.store(), Signal::Logs, &[row(1, "web"), row(2, "db"), row(3, "web")], 0).await.unwrap();
    append_rows(temp.store(), Signal::Spans, &[row(4, "web")], 0).await.unwrap();
    match tail.recv().await {
        Some(TailItem::Rows(rows)) => assert_eq!(rows, [row(1, "web"), row(3, "web")]),
        other => panic!("{other:?}"),
    }
    for request in 0..5 {
        let rows: Vec<Row> = (0..1_000).map(|i| row(request * 1_000 + i, "web")).collect();
        append_rows(temp.store(), Signal::Logs, &rows, 0).await.unwrap();
    }
    let (mut shown, mut dropped, mut last) = (0, 0, 0);
    while shown + dropped < 5_000 {
        match tail.recv().await.expect("an item") {
            TailItem::Rows(rows) => {
                shown += rows.len() as u64;
                last = rows.last().unwrap().time_ns;
            }
            TailItem::Dropped(n) => dropped += n,
        }
    }
    assert!(dropped > 0 && last == NOW_MS * 1_000_000 + 4_999, "{shown} shown, {dropped} dropped");
    let all: Vec<_> = (0..60).map_while(|_| temp.store().tail(ORG, Signal::Logs, Filter::All).ok()).collect();
    assert_eq!(all.len(), 49);
    drop(all);
    assert!(temp.store().tail(ORG, Signal::Logs, Filter::All).is_ok(), "readers that left make room");
}

#[tokio::test]
async fn a_batch_of_many_commits_is_stored_whole() {
    let mut temp = TempStore::new().await;
    let row = |i: i64| {
        let mut row = Row::new(NOW_MS * 1_000_000 - i);
        let noise = (0..2_000).map(|k| ((i * 2_000 + k) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        row.set_text(Core::Message, noise.map(|n| format!("{n:016x}")).collect::<String>());
        row
    };
    let rows: Vec<Row> = (0..600).map(row).collect();
    let batch = row_batch(temp.store(), Signal::Logs, &rows);
    temp.store().append_rows(batch, Some(oriel_store::RequestDigest(5))).await.unwrap();
    temp.crash();
    temp.open().await.unwrap();
    assert_eq!(sorted(&read_rows(temp.store(), Signal::Logs)), sorted(&rows));
}
