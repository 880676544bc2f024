//! Figures of one machine, not a test of right and wrong: the bench data through the whole store.
//! `ORIEL_BENCH_TEXT=… cargo test --release -p oriel-store store::tests::speed -- --ignored --nocapture`.

use super::*;
use std::time::Instant;

fn cpu_s(who: libc::clockid_t) -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of ours that lives over the call.
    unsafe { libc::clock_gettime(who, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

pub(super) fn process_s() -> f64 {
    cpu_s(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn folder_bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap().map(std::result::Result::unwrap);
    entries
        .filter(|e| !["wal", "reserve"].contains(&e.file_name().to_str().unwrap()))
        .map(|e| if e.path().is_dir() { folder_bytes(&e.path()) } else { e.metadata().unwrap().len() })
        .sum()
}

/// One post of host number `host`, whose values differ a little from the recording's.
fn build(store: &Store, post: &[(String, TimeMs, f64)], host: usize) -> MetricBatch {
    let limits = Limits::default();
    let resolver = store.resolver(ORG);
    let accepted = store.accepted(Signal::Metrics);
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, accepted, ("speed", ""));
    for (name, time_ms, value) in post {
        let raw = builder.key_of(&[name.as_bytes(), &[host as u8]]);
        let define = || {
            let (metric, labels) = name.split_once('{').unwrap_or((name, ""));
            let tags = labels.trim_end_matches('}').split("\",").filter(|l| !l.is_empty());
            let tags = tags.map(|l| l.replace("=\"", ":").trim_end_matches('"').to_owned());
            Ok(SeriesDef {
                metric: metric.into(),
                host: format!("h-{host:03}").into(),
                tags: Tags::canonical(tags),
            })
        };
        let series = builder.series(raw, Kind::Gauge, 0, define).unwrap();
        let moved =
            if value.fract() == 0.0 { value + host as f64 } else { value * (1.0 + host as f64 / 100.0) };
        builder.sample(series, *time_ms, moved);
    }
    builder.finish().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed_of_the_whole_store() {
    let path = std::env::var("ORIEL_BENCH_TEXT").expect("ORIEL_BENCH_TEXT names the unpacked bench data");
    let text = std::fs::read_to_string(path).unwrap();
    let parse = |line: &str| {
        let (rest, time) = line.rsplit_once(' ')?;
        let (name, value) = rest.rsplit_once(' ')?;
        Some((name.to_owned(), time.parse().ok()?, value.parse().ok()?))
    };
    let lines: Vec<(String, TimeMs, f64)> = text.lines().filter_map(parse).collect();
    drop(text);
    let dir = tempfile::tempdir_in(std::env::var("ORIEL_BENCH_DIR").unwrap_or("/tmp".into())).unwrap();
    let clock = Arc::new(ManualClock::at(lines.last().unwrap().1));
    let store = Store::open(options(dir.path()), clock.clone()).await.unwrap();
    let empty = folder_bytes(&dir.path().join("store"));
    let hosts: usize = std::env::var("ORIEL_BENCH_HOSTS").map_or(1, |v| v.parse().unwrap());
    let n = (lines.len() * hosts) as f64;
    let (mut building, mut wall, mut slowest) = (0.0, 0.0, 0.0f64);
    let start = process_s();
    let posts = lines.chunks(lines.len().div_ceil(40));
    for (host, post) in (0..hosts).flat_map(|host| posts.clone().map(move |post| (host, post))) {
        let before = process_s();
        let batch = build(&store, post, host);
        building += process_s() - before;
        let sent = Instant::now();
        store.append(batch, None).await.unwrap();
        wall += sent.elapsed().as_secs_f64();
        slowest = slowest.max(sent.elapsed().as_secs_f64());
    }
    let appended = process_s() - start - building;
    println!(
        "append: {:.0} ns a sample of CPU, {:.1} ms a post, slowest {:.1} ms",
        appended / n * 1e9,
        wall / 40.0 / hosts as f64 * 1e3,
        slowest * 1e3
    );
    let start = process_s();
    store.seal().await.unwrap();
    let sealed = process_s() - start;
    let start = process_s();
    let report = store.compact().await.unwrap();
    let compacted = process_s() - start;
    println!("seal {:.0}, compact {:.0} ns a sample; {report:?}", sealed / n * 1e9, compacted / n * 1e9);
    let all = appended + sealed + compacted;
    println!("all: {:.2} million samples a CPU second without parsing", n / all / 1e6);
    let grown = folder_bytes(&dir.path().join("store")) - empty;
    println!("disk: {grown} bytes, {:.4} a sample", grown as f64 / n);
    for file in &store.core.view.load().files {
        println!("  {:?}", file.meta);
    }
    store.close().await.unwrap();
    drop(store);
    let start = Instant::now();
    let _started = Store::open(options(dir.path()), clock).await.unwrap();
    println!("start: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let replay = tempfile::tempdir_in(std::env::var("ORIEL_BENCH_DIR").unwrap_or("/tmp".into())).unwrap();
    let clock = Arc::new(ManualClock::at(lines.last().unwrap().1));
    let store = Store::open(options(replay.path()), clock.clone()).await.unwrap();
    for post in lines.chunks(lines.len().div_ceil(40)) {
        store.append(build(&store, post, 0), None).await.unwrap();
    }
    let log = figure(&store, "oriel.store.wal.unsealed_bytes");
    drop(store);
    let one = lines.len() as f64;
    let start = Instant::now();
    let store = Store::open(options(replay.path()), clock).await.unwrap();
    let took = start.elapsed().as_secs_f64();
    println!("replay of {log} bytes: {:.1} ms, {:.1} million samples a second", took * 1e3, one / took / 1e6);
    assert_eq!(figure(&store, "oriel.store.head.samples"), one);
    drop(store);
}
