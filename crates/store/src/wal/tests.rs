//! The log: order, groups, generations, tears and rot, full disks and failed syncs.

use super::recover::{Mark, recover};
use super::*;
use crate::parts::Dataset::{Events, Metrics};
use std::path::Path;

const SMALL: usize = 64 << 10;

/// A log over a folder, and what recovery found in it.
struct Rig {
    dir: tempfile::TempDir,
    faults: Faults,
}

/// What recovery gave for a frame: LSN, dataset, payload, covered by a mark.
type Found = (Lsn, Dataset, Vec<u8>, bool);

impl Rig {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), faults: Faults::default() }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn recover(&self, marks: [Mark; Dataset::COUNT]) -> Result<(Start, Vec<Found>)> {
        let mut found = Vec::new();
        let start = recover(self.path(), marks, SMALL, &mut |frame, covered| {
            found.push((frame.header.lsn, frame.header.dataset.unwrap(), frame.payload.to_vec(), covered));
            Ok(())
        })?;
        Ok((start, found))
    }

    fn open(&self) -> (Wal, Vec<Found>) {
        let (start, found) = self.recover([Mark::default(); Dataset::COUNT]).unwrap();
        (Wal::start(start, &self.faults).unwrap(), found)
    }

    /// The segment with the highest id that has frames.
    fn last_written(&self) -> (u64, std::path::PathBuf, Vec<u8>) {
        let list = segment::list(self.path()).unwrap();
        let mut all = list.into_iter().map(|(id, path)| (id, path.clone(), std::fs::read(path).unwrap()));
        all.rfind(|(_, path, bytes)| {
            let id = u64::from_str_radix(path.file_stem().unwrap().to_str().unwrap(), 16).unwrap();
            frame::read(id, bytes, segment::SEGMENT_HEADER_BYTES).is_some()
        })
        .unwrap()
    }
}

fn commit_of(wal: &Wal, dataset: Dataset, payloads: &[&[u8]]) -> Commit {
    let records = payloads.iter().map(|p| Record::new(0, p.to_vec())).collect();
    Commit { org: OrgId(1), dataset, generation: wal.generation(dataset), digest: 7, records }
}

async fn put(wal: &Wal, dataset: Dataset, payload: &[u8]) -> Lsn {
    match wal.commit(commit_of(wal, dataset, &[payload])).await.unwrap() {
        Outcome::Durable(stamp) => {
            let lsn = stamp.lsn;
            stamp.inserted();
            lsn
        }
        Outcome::Stale(_) => panic!("stale"),
    }
}

fn payloads(found: &[Found]) -> Vec<String> {
    found.iter().map(|f| String::from_utf8_lossy(&f.2).into_owned()).collect()
}

#[tokio::test]
async fn what_was_answered_is_found_again_in_order() {
    let rig = Rig::new();
    let (wal, found) = rig.open();
    assert!(found.is_empty());
    for i in 0..50 {
        let dataset = if i % 3 == 0 { Events } else { Metrics };
        assert_eq!(put(&wal, dataset, format!("record {i}").as_bytes()).await, i + 1);
    }
    drop(wal);
    let (wal, found) = rig.open();
    assert_eq!(payloads(&found), (0..50).map(|i| format!("record {i}")).collect::<Vec<_>>());
    assert_eq!(put(&wal, Metrics, b"next").await, 51);
    drop(wal);
    let (_, found) = rig.open();
    assert_eq!(found.len(), 51);
    assert_eq!(found[50].0, 51);
}

#[tokio::test]
async fn records_of_one_request_share_an_lsn_and_a_commit() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    let commit = commit_of(&wal, Metrics, &[b"one", b"two", b"three"]);
    let Outcome::Durable(stamp) = wal.commit(commit).await.unwrap() else { panic!("stale") };
    stamp.inserted();
    drop(wal);
    let (id, path, bytes) = rig.last_written();
    let scanned = scan::scan(&path, id, &bytes).unwrap();
    let lasts: Vec<bool> = scanned.frames.iter().map(|f| f.header.last_of_commit).collect();
    let digests: Vec<u128> = scanned.frames.iter().map(|f| f.header.digest).collect();
    assert_eq!((lasts, digests), (vec![false, false, true], vec![0, 0, 7]));
    assert!(scanned.frames.iter().all(|f| f.header.lsn == 1 && f.header.commit == 1));
}

#[tokio::test]
async fn segments_rotate_and_go_below_the_marks() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    let payload = vec![9; 20 << 10];
    let mut last = 0;
    for _ in 0..20 {
        last = put(&wal, Metrics, &payload).await;
    }
    let event = put(&wal, Events, b"event").await;
    let before = segment::list(rig.path()).unwrap().len();
    assert!(before >= 7, "{before} segments");
    wal.release(Metrics, last);
    let after = segment::list(rig.path()).unwrap().len();
    assert!(after <= 3, "{after} segments");
    assert!(wal.bytes() > 0, "the event is not sealed");
    wal.release(Events, event);
    assert_eq!(wal.bytes(), 0);
    drop(wal);
    let marks = [
        Mark { lsn: last, generation: 1 },
        Mark { lsn: event, generation: 1 },
        Mark::default(),
        Mark::default(),
    ];
    let (start, found) = rig.recover(marks).unwrap();
    assert!(found.iter().all(|f| f.3), "all of it is covered");
    assert_eq!((start.next_lsn, start.kept.len()), (event + 1, 0));
}

#[tokio::test]
async fn store_19_a_record_of_an_ended_generation_is_stale_and_a_seal_waits_for_the_head() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    let wal = Arc::new(wal);
    let late = commit_of(&wal, Metrics, &[b"late"]);
    let Outcome::Durable(stamp) = wal.commit(commit_of(&wal, Metrics, &[b"a"])).await.unwrap() else {
        panic!("stale")
    };
    let ended = wal.rotate(Metrics);
    assert!(matches!(wal.commit(late).await.unwrap(), Outcome::Stale(_)));
    let settling = tokio::spawn({
        let wal = Arc::clone(&wal);
        async move { wal.settle(Metrics, ended).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!settling.is_finished(), "a record is on its way to the head");
    let lsn = stamp.lsn;
    stamp.inserted();
    assert_eq!(settling.await.unwrap(), lsn);
    assert_eq!(put(&wal, Metrics, b"b").await, lsn + 1);
}

#[tokio::test]
async fn store_20_a_torn_tail_is_cut_at_its_commit() {
    for cut in [1, 40, 70, 100] {
        let rig = Rig::new();
        let (wal, _) = rig.open();
        put(&wal, Metrics, b"whole").await;
        let commit = commit_of(&wal, Metrics, &[&[1; 30], &[2; 30]]);
        let Outcome::Durable(stamp) = wal.commit(commit).await.unwrap() else { panic!("stale") };
        stamp.inserted();
        drop(wal);
        let (id, path, mut bytes) = rig.last_written();
        let end = scan::scan(&path, id, &bytes).unwrap().end_at;
        bytes[end - cut..end].fill(0);
        std::fs::write(&path, &bytes).unwrap();
        for _ in 0..3 {
            let (wal, found) = rig.open();
            assert_eq!(payloads(&found), ["whole"], "cut {cut}: half a commit is none");
            drop(wal);
        }
    }
}

#[tokio::test]
async fn store_20_damage_before_a_later_commit_is_an_error() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    for record in [b"first ", b"second", b"third "] {
        put(&wal, Metrics, record).await;
    }
    drop(wal);
    let (_, path, mut bytes) = rig.last_written();
    let second = segment::SEGMENT_HEADER_BYTES + frame::HEADER_BYTES + 6;
    bytes[second + frame::HEADER_BYTES] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    match rig.recover([Mark::default(); Dataset::COUNT]) {
        Err(Error::Corrupt { what, .. }) => assert!(what.contains("later commit"), "{what}"),
        other => panic!("{:?}", other.map(|o| o.1)),
    }
}

#[tokio::test]
async fn store_20_damage_in_an_earlier_segment_is_an_error() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    for _ in 0..8 {
        put(&wal, Metrics, &vec![5; 20 << 10]).await;
    }
    drop(wal);
    let (id, path) = segment::list(rig.path()).unwrap().remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let end_at = scan::scan(&path, id, &bytes).unwrap().end_at;
    bytes[end_at - 5] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(rig.recover([Mark::default(); Dataset::COUNT]), Err(Error::Corrupt { .. })));
}

#[tokio::test]
async fn a_frame_of_another_segment_is_not_taken() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    put(&wal, Metrics, b"mine").await;
    drop(wal);
    let (id, _, bytes) = rig.last_written();
    assert!(frame::read(id, &bytes, segment::SEGMENT_HEADER_BYTES).is_some());
    assert!(frame::read(id + 1, &bytes, segment::SEGMENT_HEADER_BYTES).is_none());
}

#[tokio::test]
async fn store_23_a_full_disk_is_met_at_rotation_and_passes() {
    let rig = Rig::new();
    rig.faults.set_quota(2 * SMALL as u64);
    let (wal, _) = rig.open();
    let payload = vec![3; 20 << 10];
    let mut stored = 0;
    let refused = loop {
        match wal.commit(commit_of(&wal, Metrics, &[&payload])).await {
            Ok(Outcome::Durable(stamp)) => stamp.inserted(),
            Ok(Outcome::Stale(_)) => panic!("stale"),
            Err(e) => break e,
        }
        stored += 1;
    };
    assert!(matches!(refused, Error::NoSpace { .. }), "{refused}");
    assert_eq!(stored, 6, "two segments of three records");
    assert!(wal.health().is_err());
    rig.faults.set_quota(u64::MAX);
    put(&wal, Metrics, &payload).await;
    assert!(wal.health().is_ok());
    drop(wal);
    assert_eq!(rig.open().1.len(), 7);
}

#[tokio::test]
async fn a_failed_sync_stops_the_log_for_good() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    put(&wal, Metrics, b"kept").await;
    rig.faults.fail_syncs_after(0);
    assert!(matches!(wal.commit(commit_of(&wal, Metrics, &[b"lost"])).await, Err(Error::Closed(_))));
    rig.faults.fail_syncs_after(-1);
    assert!(matches!(wal.commit(commit_of(&wal, Metrics, &[b"late"])).await, Err(Error::Closed(_))));
    assert!(wal.health().is_err());
    assert!(wal.failed().await.contains("restart"));
    drop(wal);
    let found = payloads(&rig.open().1);
    assert_eq!(found[0], "kept");
    assert!(!found.contains(&"late".to_owned()));
}

#[tokio::test]
async fn a_short_write_loses_nothing_that_was_answered() {
    for cut in [1, 63, 64, 65, 90, 200] {
        let rig = Rig::new();
        let (wal, _) = rig.open();
        put(&wal, Metrics, b"kept").await;
        rig.faults.cut_writes_after(cut);
        let commit = commit_of(&wal, Metrics, &[&[1; 50], &[2; 50]]);
        assert!(wal.commit(commit).await.is_err());
        drop(wal);
        rig.faults.cut_writes_after(-1);
        let (wal, found) = rig.open();
        assert_eq!(payloads(&found), ["kept"], "cut {cut}");
        put(&wal, Metrics, b"goes on").await;
        drop(wal);
        assert_eq!(payloads(&rig.open().1), ["kept", "goes on"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_commits_group_and_none_is_lost() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    let wal = Arc::new(wal);
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let wal = Arc::clone(&wal);
            tokio::spawn(async move {
                for i in 0..50 {
                    let dataset = if i % 2 == 0 { Metrics } else { Events };
                    put(&wal, dataset, format!("{task}/{i}").as_bytes()).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (records, commits) = wal.counts();
    assert_eq!(records, 800);
    assert!(commits < 800, "{commits} commits");
    drop(wal);
    let mut found = payloads(&rig.open().1);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 800);
}

#[tokio::test]
async fn blank_segments_are_taken_up_again() {
    let rig = Rig::new();
    let (wal, _) = rig.open();
    put(&wal, Metrics, b"x").await;
    // The spare is made by a thread of its own, which a busy machine may let wait.
    while segment::list(rig.path()).unwrap().len() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    drop(wal);
    let (start, _) = rig.recover([Mark::default(); Dataset::COUNT]).unwrap();
    assert_eq!((start.empty.len(), start.kept.len()), (1, 1));
    // Without any quota the blank segment lets the log go on.
    rig.faults.set_quota(0);
    let wal = Wal::start(start, &rig.faults).unwrap();
    put(&wal, Metrics, b"y").await;
}
