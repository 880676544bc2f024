//! What is merged when, from nothing but what the catalog says.

use super::*;
use crate::parts::WideMeta;
use std::sync::Arc;

const NOW_MS: TimeMs = 1_700_000_000_000;

fn file(n: u64, level: u8, rows: u64, first_ms: TimeMs) -> FileMeta {
    FileMeta {
        id: format!("{:012x}0000{n:08x}", NOW_MS - 1000),
        dataset: Content::Logs.dataset(),
        content: Content::Logs,
        level,
        org_min: 1,
        org_max: 1,
        first_ms,
        last_ms: first_ms + 1000,
        rows,
        samples: rows,
        bytes: rows * 45,
        crc32c: 0,
        begin_seq: n,
        wide: WideMeta::default(),
    }
}

fn planned(files: &[FileMeta], now_ms: TimeMs, full: bool) -> Option<(usize, u8)> {
    let context = RowContext { policy: Arc::default(), now_ms, files: files.to_vec() };
    plan(&context, full).map(|job| (job.inputs.len(), job.level))
}

#[test]
fn level_0_waits_for_a_full_file() {
    let few: Vec<FileMeta> = (0..4).map(|n| file(n, 0, 100_000, NOW_MS)).collect();
    assert_eq!(planned(&few, NOW_MS, false), None);
    assert_eq!(planned(&few, NOW_MS, true), Some((4, 1)));
    assert_eq!(planned(&few, NOW_MS + FRESH_AGE_MS, false), Some((4, 1)));
    let many: Vec<FileMeta> = (0..7).map(|n| file(n, 0, 10, NOW_MS)).collect();
    assert_eq!(planned(&many, NOW_MS, false), Some((7, 1)));
    let large: Vec<FileMeta> = (0..8).map(|n| file(n, 0, 400_000, NOW_MS)).collect();
    assert_eq!(planned(&large, NOW_MS, false), Some((3, 1)));
}

#[test]
fn small_files_of_a_window_that_is_over_are_merged() {
    let window = NOW_MS.div_euclid(WINDOW_MS) * WINDOW_MS;
    let small: Vec<FileMeta> = (0..3).map(|n| file(n, 1, 9000, window)).collect();
    assert_eq!(planned(&small, window + 1, false), None);
    assert_eq!(planned(&small, window + WINDOW_MS + GRACE_MS, false), Some((3, 2)));
    let full = file(9, 1, FULL_ROWS, window);
    assert_eq!(planned(&[full, small[0].clone()], window + WINDOW_MS + GRACE_MS, true), None);
    let apart = [file(1, 1, 9000, window), file(2, 1, 9000, window + WINDOW_MS)];
    assert_eq!(planned(&apart, window + 3 * WINDOW_MS, true), None);
}

/// However a month of files came, few overlap any instant in the end (STORE 15).
#[test]
fn store_15_plans_end_with_few_files() {
    let mut files: Vec<FileMeta> =
        (0..400).map(|n| file(n, 0, 3000 * (n % 70), NOW_MS + n as i64 * 600_000)).collect();
    let now_ms = NOW_MS + 401 * 600_000;
    for step in 0.. {
        assert!(step < 1000, "it never ends");
        let context = RowContext { policy: Arc::default(), now_ms, files: files.clone() };
        let Some(job) = plan(&context, false) else { break };
        files.retain(|m| !job.inputs.iter().any(|input| input.id == m.id));
        // As the merge does: one output for each window.
        let mut windows: BTreeMap<i64, FileMeta> = BTreeMap::new();
        for input in &job.inputs {
            let window = input.first_ms.div_euclid(WINDOW_MS);
            let empty = FileMeta { rows: 0, bytes: 0, level: job.level, ..input.clone() };
            let output = windows.entry(window).or_insert(empty);
            output.id = format!("{:012x}0001{:08x}", now_ms, step * 100 + window % 100);
            output.rows += input.rows;
            output.bytes += input.bytes;
        }
        files.extend(windows.into_values());
    }
    let mut by_window: BTreeMap<i64, usize> = BTreeMap::new();
    files.iter().for_each(|m| *by_window.entry(m.first_ms.div_euclid(WINDOW_MS)).or_default() += 1);
    assert!(by_window.values().all(|&n| n <= 12), "{by_window:?}");
    assert!(files.iter().filter(|m| m.level == 0).count() <= FRESH_MAX);
}
