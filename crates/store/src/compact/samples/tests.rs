//! Compaction of real files against an oracle that keeps the newest of every sample in a map.

mod speed;

use super::*;
use crate::Error;
use crate::compact::{self, Job};
use crate::file::write_samples;
use crate::parts::Content;
use oriel_model::{MetricId, SeriesId};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DAY: i64 = 20_000 * DAY_MS;

type Samples = BTreeMap<TimeMs, (f64, u8, u32)>;
type Oracle = BTreeMap<(u32, SeriesKey, TimeMs), (u64, u8, u32)>;

#[derive(Clone, Debug)]
struct Piece {
    org: u32,
    series: u64,
    kind: u8,
    interval_s: u32,
    start_s: i64,
    values: Vec<i32>,
}

fn any_piece() -> impl Strategy<Value = Piece> {
    let intervals = prop_oneof![Just(0u32), Just(1), Just(10), Just(30), Just(300)];
    (1u32..3, 0u64..4, 0u8..2, intervals, 0i64..180_000, prop::collection::vec(0i32..100, 1..700)).prop_map(
        |(org, series, kind, interval_s, start_s, values)| Piece {
            org,
            series,
            kind,
            interval_s,
            start_s,
            values,
        },
    )
}

fn key(series: u64) -> SeriesKey {
    SeriesKey { metric: MetricId(series / 2), series: SeriesId(series) }
}

/// One sealed generation: each series' samples in windows, the later piece winning within it.
fn seal(dir: &Path, seq: u64, pieces: &[Piece], oracle: &mut Oracle) -> Option<FileMeta> {
    let mut samples: BTreeMap<(u32, SeriesKey), Samples> = BTreeMap::new();
    for p in pieces {
        let step = i64::from(p.interval_s.max(7)) * 1000;
        for (i, v) in p.values.iter().enumerate() {
            let t = DAY + p.start_s * 1000 + i as i64 * step;
            let value = f64::from(*v) / 4.0;
            samples.entry((p.org, key(p.series))).or_default().insert(t, (value, p.kind, p.interval_s));
            oracle.insert((p.org, key(p.series), t), (value.to_bits(), p.kind, p.interval_s));
        }
    }
    let mut chunks = Vec::new();
    for ((org, key), samples) in samples {
        let list: Vec<(TimeMs, (f64, u8, u32))> = samples.into_iter().collect();
        let same = |a: &(TimeMs, (f64, u8, u32)), b: &(TimeMs, (f64, u8, u32))| {
            let window = window_ms(a.1.2);
            (a.1.1, a.1.2) == (b.1.1, b.1.2) && window_start(a.0, window) == window_start(b.0, window)
        };
        for run in list.chunk_by(same) {
            for part in run.chunks(CHUNK_SAMPLES_MAX) {
                chunks.push(Chunk {
                    org: OrgId(org),
                    key,
                    kind: Kind::from_u8(part[0].1.1).unwrap(),
                    interval_s: part[0].1.2,
                    reset: false,
                    times: part.iter().map(|s| s.0).collect(),
                    values: part.iter().map(|s| s.1.0).collect(),
                });
            }
        }
    }
    let mut meta = write_samples(dir, 0, &mut chunks.into_iter()).unwrap()?;
    meta.begin_seq = seq;
    Some(meta)
}

/// What all files say, the higher sequence winning; and that files above level 0 are as they should be.
fn read_all(dir: &Path, files: &[FileMeta]) -> Oracle {
    let mut files = files.to_vec();
    files.sort_by_key(|m| m.begin_seq);
    let mut found = Oracle::new();
    for meta in &files {
        let file = Arc::new(SampleFile::open(dir, meta).unwrap());
        let orgs: BTreeSet<OrgId> = file.orgs().collect();
        if meta.level > 0 {
            assert_eq!((orgs.len(), day_of(meta.first_ms)), (1, day_of(meta.last_ms)));
        }
        let keys: Vec<SeriesKey> = (0..4).map(key).collect();
        for org in orgs {
            let mut last: Option<(usize, TimeMs)> = None;
            let (mut times, mut values) = (Vec::new(), Vec::new());
            file.visit(org, &keys, TimeRange::all(), &mut |at, row| {
                row.decode(&mut times, &mut values)?;
                if meta.level > 0 {
                    assert!(last.is_none_or(|l| l < (at, row.first_ms)), "pieces overlap");
                    last = Some((at, row.last_ms));
                    let expected = crate::file::aggregates::of(row.kind, &values);
                    assert_eq!(row.aggregates()?, expected);
                }
                for (t, v) in times.iter().zip(&values) {
                    let what = (v.to_bits(), row.kind as u8, row.interval_s);
                    found.insert((org.0, keys[at], *t), what);
                }
                Ok(())
            })
            .unwrap();
        }
    }
    found
}

fn replace(dir: &Path, files: &mut Vec<FileMeta>, job: &Job) {
    let made = compact::run(dir, job).unwrap();
    files.retain(|f| !job.inputs.contains(f));
    files.extend(made);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn store_11_compaction_keeps_the_newest_of_every_sample(
        generations in prop::collection::vec(prop::collection::vec(any_piece(), 1..5), 1..16),
        cut_hours in 0i64..60,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut oracle = Oracle::new();
        let mut files = Vec::new();
        for (seq, pieces) in generations.iter().enumerate() {
            files.extend(seal(dir.path(), seq as u64 + 1, pieces, &mut oracle));
            if seq == generations.len() / 2 {
                // A job in the middle of the day: what is not complete yet stays on level 0.
                let complete_before = DAY + cut_hours * 3_600_000;
                let fresh: Vec<FileMeta> = files.iter().filter(|m| m.level == 0).cloned().collect();
                let job = Job { inputs: fresh, content: Content::Samples, level: 1, complete_before };
                replace(dir.path(), &mut files, &job);
                for m in &files {
                    prop_assert!(m.level == 0 || m.last_ms < complete_before);
                }
                prop_assert_eq!(&read_all(dir.path(), &files), &oracle);
            }
        }
        let now = DAY + 30 * DAY_MS;
        while let Some(job) = compact::plan(&files, now) {
            replace(dir.path(), &mut files, &job);
            prop_assert_eq!(&read_all(dir.path(), &files), &oracle);
        }
        while let Some(job) = compact::plan_all(&files, now) {
            replace(dir.path(), &mut files, &job);
        }
        prop_assert_eq!(&read_all(dir.path(), &files), &oracle);
        let days: BTreeSet<(u32, i32)> = oracle.keys().map(|(org, _, t)| (*org, day_of(*t))).collect();
        prop_assert_eq!(files.len(), days.len());
    }
}

fn regular(series: u64, start_s: i64, n: usize) -> Piece {
    Piece { org: 1, series, kind: 0, interval_s: 15, start_s, values: (0..n as i32).collect() }
}

#[test]
fn store_08_pieces_of_an_hour_become_one_whole_window_and_are_then_copied() {
    let dir = tempfile::tempdir().unwrap();
    let mut oracle = Oracle::new();
    let mut files: Vec<FileMeta> = (0..12i64)
        .filter_map(|i| seal(dir.path(), i as u64 + 1, &[regular(1, i * 600, 40)], &mut oracle))
        .collect();
    let job = Job { inputs: files.clone(), content: Content::Samples, level: 1, complete_before: i64::MAX };
    replace(dir.path(), &mut files, &job);
    assert_eq!((files.len(), files[0].rows, files[0].samples), (1, 2, 480));
    let more = seal(dir.path(), 13, &[regular(1, 7200, 240)], &mut oracle).unwrap();
    let other = Job { inputs: vec![more], content: Content::Samples, level: 1, complete_before: i64::MAX };
    files.extend(compact::run(dir.path(), &other).unwrap());
    let day = Job { inputs: files.clone(), content: Content::Samples, level: 2, complete_before: i64::MAX };
    replace(dir.path(), &mut files, &day);
    assert_eq!((files.len(), files[0].rows, files[0].begin_seq, files[0].level), (1, 3, 13, 2));
    assert_eq!(read_all(dir.path(), &files), oracle);
}

#[test]
fn store_24_a_damaged_input_stops_the_job_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut oracle = Oracle::new();
    let good = seal(dir.path(), 1, &[regular(1, 0, 40)], &mut oracle).unwrap();
    let bad = seal(dir.path(), 2, &[regular(2, 0, 40)], &mut oracle).unwrap();
    let path = dir.path().join(bad.file_name());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let job = Job { inputs: vec![good, bad], content: Content::Samples, level: 1, complete_before: i64::MAX };
    assert!(matches!(compact::run(dir.path(), &job), Err(Error::Corrupt { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}
