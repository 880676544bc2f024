//! A merge holds the rows of its inputs and no others, whatever is taken away.

use super::super::{plan_rows, run_rows};
use super::*;
use crate::file::wide::tests::{ORG, assert_same, batches, random_rows, read_rows, rows_of, write_rows};
use crate::file::wide::{self};
use crate::parts::Content;
use oriel_model::{Field, Filter, Row, Test};
use proptest::prelude::*;

const NOW_MS: i64 = 1_700_000_600_000;

fn context(files: &[FileMeta]) -> RowContext {
    let mut policy = RowPolicy::default();
    policy.default_ms.insert(Signal::Logs, i64::MAX);
    RowContext { policy: Arc::new(policy), now_ms: NOW_MS, files: files.to_vec() }
}

/// Files of level 0, with sequences, and all their rows.
fn files(dir: &Path, seeds: &[u64], n: usize) -> (Vec<FileMeta>, Vec<Row>) {
    let mut rows = Vec::new();
    let made = seeds.iter().zip(1..).map(|(&seed, begin_seq)| {
        let batches = batches(Signal::Logs, &random_rows(seed, n), seed);
        rows.extend(rows_of(&batches));
        FileMeta { begin_seq, ..write_rows(dir, 0, &batches) }
    });
    (made.collect(), rows)
}

fn job(inputs: &[FileMeta]) -> Job {
    Job { inputs: inputs.to_vec(), content: Content::Logs, level: 1, complete_before: i64::MAX }
}

fn read_all(dir: &Path, files: &[FileMeta]) -> Vec<Row> {
    files.iter().flat_map(|meta| read_rows(&wide::WideFile::open(dir, meta).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn store_30_compaction_is_concatenation(seeds in prop::collection::vec(any::<u64>(), 1..5), n in 1usize..1500) {
        let dir = tempfile::tempdir().unwrap();
        let (files, rows) = files(dir.path(), &seeds, n);
        let made = run_rows(dir.path(), &job(&files), &context(&files)).unwrap();
        assert_same(&read_all(dir.path(), &made), &rows);
        for meta in &made {
            let read = read_all(dir.path(), std::slice::from_ref(meta));
            let order: Vec<(&str, i64)> = read.iter().map(|r| (r.text(Core::Service), r.time_ns)).collect();
            prop_assert!(order.is_sorted());
            prop_assert_eq!(meta.begin_seq, seeds.len() as u64);
            prop_assert_eq!(meta.first_ms.div_euclid(WINDOW_MS), meta.last_ms.div_euclid(WINDOW_MS));
        }
    }
}

#[test]
fn store_32_outputs_lie_in_one_window() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = random_rows(4, 2000);
    let start_ms = WINDOW_MS * 100;
    for (i, row) in rows.iter_mut().enumerate() {
        row.time_ns = (start_ms + i as i64 * 20_000) * NS_PER_MS;
    }
    let batches = batches(Signal::Logs, &rows, 4);
    let meta = write_rows(dir.path(), 0, &batches);
    let made = run_rows(dir.path(), &job(std::slice::from_ref(&meta)), &context(&[])).unwrap();
    assert_eq!(made.len(), 3);
    assert!(made.iter().all(|m| m.first_ms.div_euclid(WINDOW_MS) == m.last_ms.div_euclid(WINDOW_MS)));
    assert_same(&read_all(dir.path(), &made), &rows_of(&batches));
}

fn is_error() -> Filter {
    Filter::Is(Field::Core(Core::Status), Test::Equals("error".into()))
}

#[test]
fn store_29_deleted_rows_are_gone_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let (files, rows) = files(dir.path(), &[1, 2, 3], 1000);
    let mut context = context(&files);
    let range = NsRange { start: 1_700_000_000_000_000_000, end: 1_700_000_000_050_000_000 };
    let tombstone = Tombstone {
        id: 9,
        org: ORG,
        signal: Signal::Logs,
        range,
        query: "status:error".into(),
        filter: is_error(),
        sequence: 2,
        created_ms: NOW_MS,
        rows: 0,
    };
    Arc::make_mut(&mut context.policy).tombstones.push(Arc::new(tombstone));
    assert!(plan_rows(&context, false).is_some(), "a pending deletion is a job");
    let made = run_rows(dir.path(), &job(&files), &context).unwrap();
    // The third file is newer than the deletion.
    let gone = |at: usize, row: &Row| {
        at < 2000 && is_error().matches(row) && (range.start..range.end).contains(&row.time_ns)
    };
    let stays: Vec<Row> =
        rows.iter().enumerate().filter(|(at, row)| !gone(*at, row)).map(|(_, row)| row.clone()).collect();
    assert!(stays.len() < rows.len());
    assert_same(&read_all(dir.path(), &made), &stays);
    assert!(made.iter().all(|m| m.wide.tombstone == 9));
}

#[test]
fn store_28_classes_of_retention_get_files_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let (files, rows) = files(dir.path(), &[1, 2], 1000);
    let mut context = context(&files);
    let keep = KeepRules { version: 3, rules: vec![(is_error(), 1000 * 86_400_000)], default_ms: 86_400_000 };
    Arc::make_mut(&mut context.policy).keep.insert((ORG, Signal::Logs), Arc::new(keep));
    let made = run_rows(dir.path(), &job(&files), &context).unwrap();
    assert_same(&read_all(dir.path(), &made), &rows);
    for meta in &made {
        let read = read_all(dir.path(), std::slice::from_ref(meta));
        assert!(read.iter().all(|row| is_error().matches(row) == (meta.wide.class == 0)));
        assert_eq!(meta.wide.rules, 3);
    }
    // Two days later only errors are left.
    context.now_ms += 2 * 86_400_000;
    let made = run_rows(dir.path(), &job(&files), &context).unwrap();
    let errors: Vec<Row> = rows.iter().filter(|row| is_error().matches(row)).cloned().collect();
    assert_same(&read_all(dir.path(), &made), &errors);
}

#[test]
fn a_damaged_input_leaves_no_outputs() {
    let dir = tempfile::tempdir().unwrap();
    let (files, _) = files(dir.path(), &[1, 2], 300);
    let path = dir.path().join(files[1].file_name());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(run_rows(dir.path(), &job(&files), &context(&files)).is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}
