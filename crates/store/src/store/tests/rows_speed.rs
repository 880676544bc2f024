//! Figures of one machine for wide rows, not a test of right and wrong: the bench logs through the store's own parts.
//! `ORIEL_BENCH_LOGS=lines.json cargo test --release -p oriel-store rows_speed -- --ignored --nocapture`.

use super::speed::process_s;
use super::*;
use crate::head::RowHead;
use crate::parts::Dataset;
use crate::record::{decode_rows, encode_rows, parts};
use crate::{ListRequest, Order, ScanRequest};
use oriel_model::{Core, Field, RowBatchBuilder, Test, ValueRef, Words};
use serde_json::Value as Json;
use std::time::Instant;

/// Rows of one request.
const REQUEST_ROWS: usize = 2_000;

fn batches(path: &str) -> Vec<Arc<RowBatch>> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    lines.chunks(REQUEST_ROWS).map(|lines| Arc::new(batch_of(lines))).collect()
}

fn batch_of(lines: &[&str]) -> RowBatch {
    let mut builder = RowBatchBuilder::new(ORG, Signal::Logs, &Limits::default(), TimeRange::all());
    for line in lines {
        let Json::Object(fields) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
        builder.begin(fields["timestamp"].as_i64().unwrap() * 1_000_000);
        for (name, value) in &fields {
            match (name.as_str(), value) {
                ("timestamp", _) => {}
                ("hostname", Json::String(text)) => builder.set_text(Core::Host, text),
                ("env", Json::String(text)) => builder.set_text(Core::Env, text),
                ("service", Json::String(text)) => builder.set_text(Core::Service, text),
                ("status", Json::String(text)) => builder.set_text(Core::Status, text),
                ("version", Json::String(text)) => builder.set_text(Core::Version, text),
                ("message", Json::String(text)) => builder.set_text(Core::Message, text),
                ("dd", Json::Object(ids)) => {
                    let hex = |name: &str| u128::from_str_radix(ids[name].as_str().unwrap(), 16).unwrap();
                    builder.set_trace_id(hex("trace_id"));
                    builder.set_span_id(hex("span_id") as u64);
                }
                _ => attribute(&mut builder, name, value),
            }
        }
        assert!(builder.end());
    }
    builder.finish().0
}

fn attribute(builder: &mut RowBatchBuilder, path: &str, value: &Json) {
    if let Json::Object(fields) = value {
        fields.iter().for_each(|(name, value)| attribute(builder, &format!("{path}.{name}"), value));
        return;
    }
    let key = builder.attr_key(path);
    match value {
        Json::String(text) => builder.attr(key, ValueRef::Text(text)),
        Json::Number(n) if n.is_i64() => builder.attr(key, ValueRef::Int(n.as_i64().unwrap())),
        Json::Number(n) => builder.attr(key, ValueRef::Float(n.as_f64().unwrap())),
        _ => {}
    }
}

fn cpu<T>(what: &str, rows: usize, work: impl FnOnce() -> T) -> T {
    let (start, wall) = (process_s(), Instant::now());
    let out = work();
    let (cpu, wall) = (process_s() - start, wall.elapsed().as_secs_f64());
    println!(
        "{what:>32}: {:8.1} ms CPU, {:8.1} ms, {:6.2} s CPU a million",
        cpu * 1e3,
        wall * 1e3,
        cpu / rows as f64 * 1e6
    );
    out
}

#[test]
#[ignore = "a measurement"]
fn parts_of_the_road() {
    let Ok(path) = std::env::var("ORIEL_BENCH_LOGS") else { return };
    let batches = batches(&path);
    let rows: usize = batches.iter().map(|b| b.len()).sum();
    let heap: usize = batches.iter().map(|b| b.heap_bytes()).sum();
    println!("{rows} rows, {heap} bytes in memory");
    cpu("cutting", rows, || batches.iter().for_each(|b| drop(parts(b))));
    let records: Vec<Vec<u8>> =
        cpu("encoding", rows, || batches.iter().map(|b| encode_rows(b, 0..b.len())).collect());
    let bytes: usize = records.iter().map(Vec::len).sum();
    println!("{:>32}  {bytes} bytes, {:.1} a row", "", bytes as f64 / rows as f64);
    cpu("checksum", rows, || records.iter().map(|r| crc32c::crc32c(r)).fold(0, |a, b| a ^ b));
    cpu("decoding", rows, || records.iter().for_each(|r| drop(decode_rows(r).unwrap())));
    let head = RowHead::new(Dataset::Logs, 1);
    cpu("inserting", rows, || batches.iter().for_each(|b| drop(head.insert(Arc::clone(b), 1))));
    let dir = tempfile::tempdir().unwrap();
    let file = cpu("writing a file of level 0", rows, || {
        crate::file::wide::write(dir.path(), ORG, Signal::Logs, &batches).unwrap().unwrap()
    });
    println!("{:>32}  {} bytes", "", file.bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn the_whole_store() {
    let Ok(path) = std::env::var("ORIEL_BENCH_LOGS") else { return };
    let batches = batches(&path);
    let rows: usize = batches.iter().map(|b| b.len()).sum();
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    options.memory_bytes = 2 << 30;
    let now = batches.last().unwrap().time_ns.last().unwrap() / 1_000_000;
    let store = Store::open(options, Arc::new(ManualClock::at(now))).await.unwrap();
    let (start, wall) = (process_s(), Instant::now());
    for batch in &batches {
        while store.append_rows(RowBatch::clone(batch), None).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    println!("appended {rows} rows: {:.2} s CPU, {:.2} s", process_s() - start, wall.elapsed().as_secs_f64());
    queries(&store, "with a head");
    let start = process_s();
    let report = store.compact().await.unwrap();
    println!(
        "compacted: {:.2} s CPU, {} bytes in {} files",
        process_s() - start,
        report.bytes_after,
        report.files_after
    );
    queries(&store, "compacted");
}

fn queries(store: &Store, what: &str) {
    let range = NsRange { start: 0, end: i64::MAX };
    let cancel = Cancel::default();
    let is = |core, text: &str| Filter::Is(Field::Core(core), Test::Equals(text.into()));
    let words = |text: &str| {
        let tokens = oriel_model::text::tokens(text);
        Filter::Words(Words(tokens.into_iter().map(oriel_model::Word::Token).collect()))
    };
    let snapshot = store.rows(ORG, Signal::Logs);
    println!("-- {what}");
    for _ in 0..2 {
        cpu("count all", 1, || snapshot.count(range, &Filter::All, &cancel).unwrap());
        cpu("count a phrase", 1, || snapshot.count(range, &words("gateway timeout"), &cancel).unwrap());
        cpu("count an attribute", 1, || {
            let status = Filter::Is(Field::attr("http.status_code"), Test::Equals("500".into()));
            snapshot.count(range, &status, &cancel).unwrap()
        });
        cpu("newest 100 errors", 1, || {
            let filter = is(Core::Status, "error");
            let request = ListRequest { range, filter, order: Order::Newest, limit: 100, after: None };
            assert_eq!(snapshot.list(&request, &cancel).unwrap().rows.len(), 100);
        });
        cpu("scan of two words", 1, || {
            let fields = vec![Field::Core(Core::Service), Field::Core(Core::Status)];
            let request = ScanRequest { range, filter: Filter::All, fields };
            snapshot
                .scan(
                    &request,
                    &cancel,
                    || 0,
                    |sum, block| {
                        *sum += block.rows();
                        Ok(())
                    },
                )
                .unwrap();
        });
        cpu("fields", 1, || snapshot.fields(range).unwrap().len());
    }
}
