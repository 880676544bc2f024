//! Damaged and full disks.

use oriel_store::Error;
use oriel_testkit::{NOW_MS, TempStore, append, count_all, cut_tail, flip_bit, newest_segment, read_all};

#[tokio::test]
async fn store_20_a_torn_tail_costs_only_what_was_never_told() {
    for cut in [1, 30, 64, 90] {
        let mut temp = TempStore::new().await;
        append(temp.store(), &[(1, NOW_MS - 2000, 1.0)], 0).await.unwrap();
        append(temp.store(), &[(1, NOW_MS - 1000, 2.0)], 0).await.unwrap();
        temp.crash();
        // The sync of the last commit did not reach the disk: a machine that lost power before the answer.
        cut_tail(&newest_segment(temp.path()), cut);
        let report = oriel_store::check(temp.path()).await.unwrap();
        assert!(report.log_is_torn && report.problems.is_empty(), "{report:?}");
        temp.open().await.unwrap();
        assert_eq!(read_all(temp.store()).into_values().collect::<Vec<_>>(), [1.0], "cut {cut}");
        append(temp.store(), &[(1, NOW_MS, 3.0)], 0).await.unwrap();
        temp.crash();
        temp.open().await.unwrap();
        assert_eq!(read_all(temp.store()).into_values().collect::<Vec<_>>(), [1.0, 3.0], "cut {cut}");
    }
}

#[tokio::test]
async fn store_20_rot_is_an_error_and_is_said() {
    let mut temp = TempStore::new().await;
    for i in 0..3 {
        append(temp.store(), &[(1, NOW_MS - i, 1.0)], 0).await.unwrap();
    }
    temp.crash();
    flip_bit(&newest_segment(temp.path()), 32 + 64 + 3);
    let report = oriel_store::check(temp.path()).await.unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(matches!(temp.open().await, Err(Error::Corrupt { .. })));
}

#[tokio::test]
async fn a_damaged_file_is_found_by_the_check() {
    let mut temp = TempStore::new().await;
    append(temp.store(), &[(1, NOW_MS, 1.0)], 0).await.unwrap();
    temp.store().close().await.unwrap();
    temp.crash();
    let files = std::fs::read_dir(temp.path().join("store/files")).unwrap();
    let file = files.map(|e| e.unwrap().path()).next().unwrap();
    flip_bit(&file, 40);
    let report = oriel_store::check(temp.path()).await.unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(report.problems[0].contains(file.file_stem().unwrap().to_str().unwrap()), "{report:?}");
}

/// 200 KB of samples that do not compress.
fn bulk(request: u32) -> Vec<(u32, i64, f64)> {
    (0..25_000u32)
        .map(|i| {
            let value = f64::from_bits(
                u64::from(i.wrapping_mul(2_654_435_761) ^ request) << 20 | 0x3ff0_0000_0000_0000,
            );
            (i % 10, NOW_MS - i64::from(request) * 100_000 - i64::from(i / 10), value)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_23_a_full_disk_refuses_keeps_answering_and_recovers() {
    let mut temp = TempStore::unopened();
    temp.faults.set_quota(2 * (16 << 20));
    temp.open().await.unwrap();
    let mut stored = 0;
    let error = loop {
        match append(temp.store(), &bulk(stored), 0).await {
            Ok(()) => stored += 1,
            Err(e) => break e,
        }
        assert!(stored < 1000, "the quota is never met");
    };
    assert!(matches!(error, Error::NoSpace { .. }), "{error}");
    assert!(error.code().is_retryable());
    assert!(temp.store().health().is_err());
    assert_eq!(count_all(temp.store()), stored as usize * 25_000, "queries go on");
    // Sealing frees the log, and what it frees lets appends go on once the disk has room.
    temp.faults.set_quota(u64::MAX);
    append(temp.store(), &bulk(stored), 0).await.unwrap();
    assert!(temp.store().health().is_ok());
    temp.crash();
    temp.open().await.unwrap();
    assert_eq!(count_all(temp.store()), (stored as usize + 1) * 25_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_23_a_file_system_that_is_full_refuses_keeps_answering_and_recovers() {
    let Some(mut temp) = TempStore::on_small_disk(44) else {
        println!("no right to mount a small file system: not run");
        return;
    };
    temp.open().await.unwrap();
    let mut stored = 0;
    let refused = loop {
        match append(temp.store(), &bulk(stored), 0).await {
            Ok(()) => stored += 1,
            Err(e) => break e,
        }
        if stored % 60 == 59 {
            // Files take the room that is left; a seal that meets the end of it leaves the head as it is.
            let _ = temp.store().seal().await;
        }
        assert!(stored < 2000, "44 MiB are never full");
    };
    println!("{stored} requests, then: {refused}");
    assert!(refused.code().is_retryable(), "{refused}");
    assert!(temp.store().health().is_err());
    assert_eq!(count_all(temp.store()), stored as usize * 25_000, "queries go on");
    temp.crash();
    temp.open().await.expect("it starts on a full disk");
    assert_eq!(count_all(temp.store()), stored as usize * 25_000);
    temp.resize_disk(300);
    let mut tries = 0;
    while let Err(e) = append(temp.store(), &bulk(stored), 0).await {
        assert!(e.code().is_retryable() && tries < 100, "{e}");
        tries += 1;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(temp.store().health().is_ok());
    temp.store().compact().await.unwrap();
    assert_eq!(count_all(temp.store()), (stored as usize + 1) * 25_000);
    temp.store().close().await.unwrap();
    temp.crash();
    let report = oriel_store::check(temp.path()).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    assert_eq!(report.samples, u64::from(stored + 1) * 25_000);
}

#[tokio::test]
async fn a_failed_sync_stops_writes_and_a_restart_has_what_was_told() {
    let mut temp = TempStore::new().await;
    append(temp.store(), &[(1, NOW_MS, 1.0)], 0).await.unwrap();
    temp.faults.fail_syncs_after(0);
    let error = append(temp.store(), &[(1, NOW_MS - 1000, 2.0)], 0).await.unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error}");
    temp.faults.fail_syncs_after(-1);
    assert!(append(temp.store(), &[(1, NOW_MS - 2000, 3.0)], 0).await.is_err(), "it stays closed");
    assert!(temp.store().health().is_err());
    assert!(temp.store().failed().await.contains("restart"));
    assert_eq!(read_all(temp.store()).len(), 1, "queries go on");
    temp.crash();
    temp.open().await.unwrap();
    let all: Vec<f64> = read_all(temp.store()).into_values().collect();
    assert!(all.contains(&1.0) && !all.contains(&3.0), "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writers_of_one_series_lose_nothing() {
    let mut temp = TempStore::new().await;
    let tasks: Vec<_> = (0..8i64)
        .map(|writer| {
            let store = temp.store().clone();
            tokio::spawn(async move {
                for i in 0..100i64 {
                    append(&store, &[(1, NOW_MS - writer * 1000 - i, i as f64)], 0).await.unwrap();
                    if i % 25 == writer {
                        store.seal().await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(read_all(temp.store()).len(), 800);
    temp.crash();
    temp.open().await.unwrap();
    assert_eq!(read_all(temp.store()).len(), 800);
    temp.store().compact().await.unwrap();
    assert_eq!(read_all(temp.store()).len(), 800);
}
