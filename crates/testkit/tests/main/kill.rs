//! kill -9 in a loop under load: what was told is there exactly once (STORE 5, 11, 12, 19 to 25).
//!
//! The test starts itself again as the child that writes. Each child goes on where the last one was told it was, so that the
//! request that the kill cut off is sent again with the same digest.

use oriel_testkit::{Acked, Oracle, TempStore, WRITERS, resume_text, work};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const CHILD: &str = "ORIEL_CRASH_CHILD";
const RESUME: &str = "ORIEL_CRASH_RESUME";
const SEED: &str = "ORIEL_CRASH_SEED";

/// What the child runs; a pass by itself when it is not one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(data) = std::env::var_os(CHILD) else { return };
    let from: Acked = std::env::var(RESUME).unwrap().parse().unwrap();
    let seed = std::env::var(SEED).unwrap().parse().unwrap();
    let clock = std::sync::Arc::new(oriel_model::ManualClock::at(oriel_testkit::NOW_MS));
    let options = TempStore::options(std::path::Path::new(&data));
    let store = oriel_store::Store::open(options, clock).await.unwrap();
    println!("\nready");
    work(store, from, seed).await;
}

fn spawn(data: &std::path::Path, acked: &Acked, seed: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "kill::child", "--nocapture", "--test-threads=1"]);
    command.env(CHILD, data).env(RESUME, resume_text(acked)).env(SEED, seed.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// Lets a child live for `life` after it is ready, kills it, and gives what it said.
fn run_and_kill(mut child: Child, life: Duration) -> String {
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.ends_with("ready\n") {
        assert!(stdout.read_line(&mut said).unwrap() > 0, "the child ended before it was ready: {said}");
    }
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        stdout.read_to_string(&mut said).unwrap();
        said
    });
    std::thread::sleep(life);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    let said = reader.join().unwrap();
    assert!(status.code().is_none(), "the child ended by itself: {status}; it said {said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_by_kill_9() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let seed = number(SEED).unwrap_or_else(|| std::process::id().into());
    let rounds = number("ORIEL_CRASH_ROUNDS").unwrap_or(6);
    println!("{SEED}={seed} with {rounds} rounds");
    let mut temp = TempStore::unopened();
    let mut oracle = Oracle::default();
    let mut state = seed;
    for round in 0..rounds {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let life = Duration::from_millis(20 + (state >> 33) % 700);
        let child = spawn(temp.path(), &oracle.acked, state);
        let said = tokio::task::spawn_blocking(move || run_and_kill(child, life)).await.unwrap();
        oracle.hear(&said);
        let report = oriel_store::check(temp.path()).await.unwrap();
        assert!(report.problems.is_empty(), "round {round}: {report:?}");
        temp.open().await.unwrap();
        let samples = oracle.check(temp.store()).await;
        println!("round {round}, {life:?}: {samples} samples, told {:?}, {report:?}", oracle.acked);
        if state.is_multiple_of(3) {
            temp.store().close().await.unwrap();
        }
        temp.crash();
    }
    let told: u64 = oracle.acked.0.iter().sum();
    assert!(told >= WRITERS as u64, "the children wrote: {told}");
}
