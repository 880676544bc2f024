//! The planner over lists of files: live seals, imports, late rows, and the order of sequences under any of them.

use super::*;
use proptest::prelude::*;

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 20_000;

fn file(seq: u64, level: u8, (made_ms, first_ms, last_ms): (i64, i64, i64)) -> FileMeta {
    FileMeta {
        id: format!("{made_ms:012x}{seq:012x}"),
        dataset: Content::Samples.dataset(),
        content: Content::Samples,
        level,
        org_min: 1,
        org_max: 1,
        first_ms,
        last_ms,
        rows: 1,
        samples: 1000,
        bytes: 1000,
        crc32c: 0,
        begin_seq: seq,
        wide: crate::parts::WideMeta::default(),
    }
}

/// What ten-minute seals of a live store leave from `start_ms` on, named from 1.
fn live(start_ms: i64, seals: i64) -> Vec<FileMeta> {
    (0..seals)
        .map(|i| {
            let first = start_ms + i * 10 * MINUTE_MS;
            file(i as u64 + 1, 0, (first + 10 * MINUTE_MS, first, first + 10 * MINUTE_MS - 1))
        })
        .collect()
}

#[test]
fn store_15_a_step_goes_to_level_1_once_after_its_end() {
    let start = DAY * DAY_MS;
    let files = live(start + 5 * MINUTE_MS, 13);
    assert_eq!(plan(&files[..12], start + 2 * HOUR_MS + 14 * MINUTE_MS), None);
    let job = plan(&files, start + 2 * HOUR_MS + 16 * MINUTE_MS).unwrap();
    assert_eq!((job.level, job.inputs.len(), job.complete_before), (1, 12, start + 2 * HOUR_MS));
    // What is left over was made after the step's end and waits for the next.
    let rest = [file(12, 0, (start + 2 * HOUR_MS + 16 * MINUTE_MS, start + HOUR_MS, start + 2 * HOUR_MS))];
    assert_eq!(plan(&rest, start + 2 * HOUR_MS + 20 * MINUTE_MS), None);
    assert!(plan(&rest, start + 4 * HOUR_MS + 20 * MINUTE_MS).is_some());
}

#[test]
fn store_15_a_crowd_on_level_0_is_merged_before_its_time() {
    let start = DAY * DAY_MS;
    let crowd: Vec<FileMeta> =
        (0..12).map(|i| file(i + 1, 0, (start + i as i64, start + i as i64, start + 60_000))).collect();
    let job = plan(&crowd, start + MINUTE_MS).unwrap();
    assert_eq!((job.level, job.inputs.len()), (0, 12));
    let mut large = crowd.clone();
    large[0].samples = 1_000_000;
    assert_eq!(plan(&large, start + MINUTE_MS).unwrap().inputs.len(), 11);
}

#[test]
fn old_rows_in_many_files_go_straight_to_level_1() {
    let start = DAY * DAY_MS;
    let now = start + 30 * DAY_MS;
    let import: Vec<FileMeta> = (0..12).map(|i| file(i + 1, 0, (now, start, start + DAY_MS / 2))).collect();
    let job = plan(&import, now).unwrap();
    assert_eq!((job.level, job.inputs.len()), (1, 12));
    assert_eq!(plan(&import[..5], now), None);
}

#[test]
fn store_15_a_day_becomes_one_file_when_it_is_done() {
    let start = DAY * DAY_MS;
    let step =
        |i: i64| file(i as u64 + 1, 1, (start + (i + 1) * 2 * HOUR_MS, start + i * 2 * HOUR_MS, start));
    let steps: Vec<FileMeta> = (0..12).map(step).collect();
    assert_eq!(plan(&steps, start + DAY_MS + HOUR_MS), None);
    let job = plan(&steps, start + DAY_MS + 3 * HOUR_MS).unwrap();
    assert_eq!((job.level, job.inputs.len(), job.complete_before), (2, 12, TimeMs::MAX));
    let day = file(12, 2, (start + DAY_MS + 3 * HOUR_MS, start, start + DAY_MS - 1));
    assert_eq!(plan(std::slice::from_ref(&day), start + 9 * DAY_MS), None);
    // Late rows wait for company, then the day is written again with them.
    let late = file(13, 1, (start + 2 * DAY_MS, start, start));
    let both = [day, late];
    assert_eq!(plan(&both, start + 2 * DAY_MS + HOUR_MS), None);
    assert_eq!(plan(&both, start + 2 * DAY_MS + 7 * HOUR_MS).unwrap().inputs.len(), 2);
}

#[test]
fn compacting_all_ends_with_one_file_an_org_and_day() {
    let start = DAY * DAY_MS;
    let fresh = live(start, 3);
    assert_eq!(plan_all(&fresh, start).map(|j| (j.level, j.inputs.len())), Some((1, 3)));
    let one = [file(3, 1, (start, start, start + 1))];
    assert_eq!(plan_all(&one, start), None);
    let two = [one[0].clone(), file(2, 2, (start, start, start + 1))];
    assert_eq!(plan_all(&two, start).map(|j| (j.level, j.inputs.len())), Some((2, 2)));
}

proptest! {
    /// Level by level what is higher is older, whatever is sealed and whenever the loop looks (STORE 11).
    #[test]
    fn store_11_inputs_are_contiguous_in_sequence(
        steps in prop::collection::vec((0i64..40, 0i64..50, 1usize..4), 1..120),
    ) {
        let mut now = DAY * DAY_MS;
        let mut files: Vec<FileMeta> = Vec::new();
        let mut seq = 0;
        for (minutes, late_hours, seals) in steps {
            now += minutes * MINUTE_MS;
            for _ in 0..seals {
                seq += 1;
                let late = if late_hours > 40 { (late_hours - 40) * 5 * HOUR_MS } else { 0 };
                files.push(file(seq, 0, (now, now - late - 9 * MINUTE_MS, now)));
            }
            for _ in 0..20 {
                let Some(job) = plan(&files, now) else { break };
                let rank = |m: &FileMeta| m.begin_seq;
                let low = job.inputs.iter().map(rank).min().unwrap();
                let high = job.inputs.iter().map(rank).max().unwrap();
                let first = job.inputs.iter().map(|m| m.first_ms).min().unwrap();
                let last = job.inputs.iter().map(|m| m.last_ms).max().unwrap();
                for other in files.iter().filter(|f| !job.inputs.contains(f)) {
                    let overlaps = other.first_ms <= last && first <= other.last_ms;
                    let same_turn = |s: u64| job.inputs.iter().any(|m| m.begin_seq == s);
                    let apart = other.begin_seq < low || other.begin_seq > high || same_turn(other.begin_seq);
                    prop_assert!(apart || !overlaps, "{other:?} lies within {job:?}");
                }
                files.retain(|f| !job.inputs.contains(f));
                let mut at = first;
                while job.level > 0 && at < last.min(job.complete_before) {
                    let end = ((at.div_euclid(DAY_MS) + 1) * DAY_MS).min(last.min(job.complete_before));
                    files.push(file(high, job.level, (now, at, end - 1)));
                    at = end;
                }
                if job.level == 0 || last >= job.complete_before {
                    files.push(file(high, 0, (now, first.max(at), last)));
                }
            }
            let fresh = files.iter().filter(|f| f.level == 0).count();
            prop_assert!(fresh <= 2 * FILES_MAX, "{fresh} files on level 0");
        }
    }
}
