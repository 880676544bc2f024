//! Who stays, and that numbers stay right.

use super::super::run_rows;
use super::*;
use crate::file::wide::tests::{ORG, batches, read_rows, write_rows};
use crate::rows::policy::{RowPolicy, Thinning};
use oriel_model::{Row, Signal};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

const START_NS: i64 = 1_700_000_000_000_000_000;

/// A trace of three spans: a front, a service, its database.
fn trace(id: u128, resource: &str, duration_ns: i64, status: &str) -> Vec<Row> {
    let names = [("front", "http.request"), ("shop", "handle"), ("db", "query")];
    let span = |(i, (service, name)): (usize, &(&str, &str))| {
        let mut row = Row::new(START_NS + (id % 1000) as i64 * 1_000_000 + i as i64);
        row.set_text(Core::Service, *service);
        row.set_text(Core::Name, *name);
        row.set_text(Core::Resource, if i == 0 { resource } else { "inner" });
        row.set_text(Core::Status, if i == 2 { status } else { "ok" });
        row.trace_id = id;
        row.span_id = id as u64 * 3 + i as u64 + 1;
        row.parent_id = if i == 0 { 0 } else { id as u64 * 3 + i as u64 };
        row.duration_ns = duration_ns / (i as i64 + 1);
        row
    };
    names.iter().enumerate().map(span).collect()
}

fn traces() -> Vec<Row> {
    let mut rows = Vec::new();
    for id in 1..=4000u128 {
        let resource = if id % 1000 == 0 { "GET /rare" } else { ["GET /a", "GET /b"][(id % 2) as usize] };
        let duration_ns = if id % 100 == 7 { 90_000_000 } else { 1_000_000 };
        rows.extend(trace(id, resource, duration_ns, if id % 50 == 0 { "error" } else { "ok" }));
    }
    rows
}

fn sampled(rows: &[Row], keep: f64) -> Vec<Row> {
    let dir = tempfile::tempdir().unwrap();
    let halves: Vec<FileMeta> = rows
        .chunks(rows.len() / 2 + 1)
        .map(|half| write_rows(dir.path(), 0, &batches(Signal::Spans, half, 1)))
        .collect();
    let rule = TailSampling { keep, after_ms: 0, slow_quantile: 0.98 };
    let mut policy = RowPolicy::default();
    policy.default_ms.insert(Signal::Spans, i64::MAX);
    policy.thinning.insert(ORG, Thinning { rule, viewed: Arc::new(HashSet::from([5])) });
    let context =
        RowContext { policy: Arc::new(policy), now_ms: START_NS / 1_000_000 + 1, files: halves.clone() };
    let job = |inputs: &[FileMeta]| Job {
        inputs: inputs.to_vec(),
        content: Content::Spans,
        level: SAMPLED_LEVEL,
        complete_before: i64::MAX,
    };
    let made = run_rows(dir.path(), &job(&halves), &context).unwrap();
    assert!(made.iter().all(|m| m.wide.weighted == (keep < 1.0)));
    made.iter().flat_map(|meta| read_rows(&WideFile::open(dir.path(), meta).unwrap())).collect()
}

#[test]
fn what_is_remarkable_stays_and_counts_stay_right() {
    let rows = traces();
    let left = sampled(&rows, 0.1);
    assert!(left.len() < rows.len() / 4, "{}", left.len());
    let mut spans: BTreeMap<u128, usize> = BTreeMap::new();
    left.iter().for_each(|row| *spans.entry(row.trace_id).or_default() += 1);
    assert!(spans.values().all(|&n| n == 3), "whole traces");
    for id in 1..=4000u128 {
        let remarkable = id % 50 == 0 || id % 100 == 7 || id % 1000 == 0 || id == 5;
        assert!(!remarkable || spans.contains_key(&id), "{id}");
    }
    for service in ["front", "shop", "db"] {
        let weight: f64 =
            left.iter().filter(|r| r.text(Core::Service) == service).map(|r| f64::from(r.weight)).sum();
        assert!((weight - 4000.0).abs() < 1.0, "{weight} of {service}");
    }
    assert!(left.iter().filter(|r| r.text(Core::Status) == "error").all(|r| r.weight == 1.0));
}

#[test]
fn keeping_all_changes_nothing() {
    let rows = traces();
    assert_eq!(sampled(&rows, 1.0).len(), rows.len());
}

/// A trace whose spans lie in two files is judged by both.
#[test]
fn spans_of_a_trace_in_another_file_count() {
    let dir = tempfile::tempdir().unwrap();
    let rows = traces();
    let (errors, others): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|r| r.text(Core::Status) == "error");
    let ids: HashSet<u128> = errors.iter().map(|r| r.trace_id).collect();
    let write = |rows: &[Row]| write_rows(dir.path(), 1, &batches(Signal::Spans, rows, 1));
    let files = [write(&others), write(&errors)];
    let mut policy = RowPolicy::default();
    policy.default_ms.insert(Signal::Spans, i64::MAX);
    let rule = TailSampling { keep: 0.0, after_ms: 0, slow_quantile: 1.0 };
    policy.thinning.insert(ORG, Thinning { rule, viewed: Arc::default() });
    let context =
        RowContext { policy: Arc::new(policy), now_ms: START_NS / 1_000_000 + 1, files: files.to_vec() };
    let inputs = vec![files[0].clone()];
    let job = Job { inputs, content: Content::Spans, level: SAMPLED_LEVEL, complete_before: i64::MAX };
    let sampler = sampler(dir.path(), &job, &context).unwrap().unwrap();
    assert!(ids.iter().all(|&id| sampler.factor(id) == Some(1.0)));
    assert_eq!(sampler.factor(0xdead), None);
}
