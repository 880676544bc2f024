//! Figures of one machine, not a test of right and wrong: bytes a sample by column, and the speed of writing, compacting and
//! reading. `cargo test --release -p oriel-store files_speed -- --ignored --nocapture`, with the bench data unpacked at
//! `ORIEL_BENCH_TEXT`.

use super::*;
use crate::file::write_series;
use crate::parts::SeriesRow;
use oriel_model::{SeriesDef, Tags};
use std::hint::black_box;
use xxhash_rust::xxh3::xxh3_64;

/// Pieces that one host's import of 12 h leaves on level 0.
const PIECES: usize = 8;

type Recorded = BTreeMap<String, (Vec<TimeMs>, Vec<f64>)>;

fn recorded() -> Recorded {
    let path = std::env::var("ORIEL_BENCH_TEXT").expect("ORIEL_BENCH_TEXT names the unpacked bench data");
    let mut series = Recorded::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let (rest, time) = line.rsplit_once(' ').unwrap();
        let (name, value) = rest.rsplit_once(' ').unwrap();
        let at = series.entry(name.to_owned()).or_default();
        at.0.push(time.parse().unwrap());
        at.1.push(value.parse().unwrap());
    }
    series
}

fn row(name: &str, host: usize, day: i32) -> SeriesRow {
    let (metric, labels) = name.split_once('{').unwrap_or((name, ""));
    let tags = labels.trim_end_matches('}').split("\",").filter(|l| !l.is_empty());
    let tags = Tags::canonical(tags.map(|l| l.replace("=\"", ":").trim_end_matches('"').to_owned()));
    let def = SeriesDef { metric: metric.into(), host: format!("h-{host:03}").into(), tags };
    let key = SeriesKey {
        metric: MetricId(xxh3_64(metric.as_bytes())),
        series: SeriesId(xxh3_64(format!("{name} {host}").as_bytes())),
    };
    SeriesRow { org: OrgId(1), key, def: Arc::new(def), day, kind: Kind::Gauge, interval_s: 0 }
}

/// Chunks of one piece of the hosts' series, as a head would seal them.
fn chunks(recorded: &Recorded, hosts: usize, piece: usize) -> Vec<Chunk> {
    let mut out = Vec::new();
    for (name, (times, values)) in recorded {
        for host in 0..hosts {
            let key = row(name, host, 0).key;
            let len = times.len().div_ceil(PIECES);
            let part = piece * len..((piece + 1) * len).min(times.len());
            let part: Vec<(TimeMs, f64)> = part
                .map(|i| {
                    let (v, h) = (values[i], host as f64);
                    (times[i], if v.fract() == 0.0 { v + h } else { v * (1.0 + h / 100.0) })
                })
                .collect();
            for run in part.chunk_by(|a, b| a.0 / 3_600_000 == b.0 / 3_600_000) {
                out.push(Chunk {
                    org: OrgId(1),
                    key,
                    kind: Kind::Gauge,
                    interval_s: 0,
                    reset: false,
                    times: run.iter().map(|s| s.0).collect(),
                    values: run.iter().map(|s| s.1).collect(),
                });
            }
        }
    }
    out.sort_by_key(|c| (c.key, c.times[0]));
    out
}

/// CPU seconds of this thread: other work on the machine does not count.
fn thread_s() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the struct outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// User and system time of the process.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

#[test]
#[ignore = "prints figures; run it by hand"]
fn files_speed() {
    let recorded = recorded();
    let hosts: usize = std::env::var("ORIEL_BENCH_HOSTS").ok().map_or(1, |h| h.parse().unwrap());
    let samples = (recorded.values().map(|v| v.0.len()).sum::<usize>() * hosts) as f64;
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut cpu = 0.0;
    for piece in 0..PIECES {
        let mut chunks = chunks(&recorded, hosts, piece).into_iter();
        let start = cpu_s();
        let mut meta = write_samples(dir.path(), 0, &mut chunks).unwrap().unwrap();
        cpu += cpu_s() - start;
        meta.begin_seq = piece as u64 + 1;
        files.push(meta);
    }
    let bytes = files.iter().map(|m| m.bytes).sum::<u64>() as f64;
    println!("level 0: {:.3} B/sample, {:.1} M samples/s of CPU", bytes / samples, samples / cpu / 1e6);
    while let Some(job) = compact::plan_all(&files, i64::MAX / 4) {
        let start = cpu_s();
        let made = compact::run(dir.path(), &job).unwrap();
        let cpu = cpu_s() - start;
        println!(
            "compaction of {} files to {} of level {}: {:.1} M samples/s of CPU",
            job.inputs.len(),
            made.len(),
            job.level,
            samples / cpu / 1e6
        );
        files.retain(|f| !job.inputs.contains(f));
        files.extend(made);
    }
    let days: BTreeSet<i32> = files.iter().map(|f| day_of(f.first_ms)).collect();
    let mut rows: Vec<SeriesRow> = Vec::new();
    for name in recorded.keys() {
        for host in 0..hosts {
            rows.extend(days.iter().map(|&day| row(name, host, day)));
        }
    }
    let series = write_series(dir.path(), 2, &rows).unwrap().unwrap();
    println!("series file: {:.4} B/sample", series.bytes as f64 / samples);
    for meta in &files {
        let file = SampleFile::open(dir.path(), meta).unwrap();
        println!("{} rows, {:.4} B/sample in all", meta.rows, meta.bytes as f64 / meta.samples as f64);
        for (name, bytes) in file.column_bytes() {
            println!(
                "  {name:10} {:8.5} B/sample {:6.2} B/row",
                bytes as f64 / meta.samples as f64,
                bytes as f64 / meta.rows as f64
            );
        }
        let other = meta.bytes - file.column_bytes().iter().map(|c| c.1).sum::<u64>();
        println!("  footer     {:8.5} B/sample, {other} bytes", other as f64 / meta.samples as f64);
    }
    let keys: Vec<SeriesKey> = {
        let mut keys: Vec<SeriesKey> = rows.iter().map(|r| r.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let largest = files.iter().max_by_key(|m| m.samples).unwrap();
    reads(dir.path(), largest, &keys);
}

/// Latency of reading one series and many, cold (a fresh handle each time) and warm.
fn reads(dir: &Path, meta: &FileMeta, keys: &[SeriesKey]) {
    for wanted in [1, 320, keys.len()] {
        let asked: Vec<SeriesKey> = keys.iter().skip(keys.len() / 3).take(wanted).copied().collect();
        let spread: Vec<SeriesKey> = keys.iter().step_by((keys.len() / wanted).max(1)).copied().collect();
        for (what, asked) in [("neighbours", asked), ("spread", spread)] {
            let file = Arc::new(SampleFile::open(dir, meta).unwrap());
            let mut best = [f64::MAX; 4];
            for round in 0..9 {
                let start = thread_s();
                let fresh = Arc::new(SampleFile::open(dir, meta).unwrap());
                best[0] = best[0].min(thread_s() - start);
                for (way, file) in [(1, &fresh), (2, &file), (3, &file)] {
                    let start = thread_s();
                    black_box(read(file, &asked, way == 3));
                    if round > 0 || way == 1 {
                        best[way] = best[way].min(thread_s() - start);
                    }
                }
            }
            let [open, cold, warm, aggregates] = best.map(|s| s * 1e3);
            println!(
                "{} series ({what}): open {open:.3} ms, cold {cold:.3} ms, warm {warm:.3} ms, aggregates {aggregates:.3} ms",
                asked.len()
            );
        }
    }
}

fn read(file: &Arc<SampleFile>, keys: &[SeriesKey], aggregates: bool) -> f64 {
    let (mut times, mut values) = (Vec::new(), Vec::new());
    let mut sum = 0.0;
    file.visit(OrgId(1), keys, TimeRange::all(), &mut |_, row| {
        if aggregates {
            sum += row.aggregates()?.map_or(0.0, |a| a.sum);
            return Ok(());
        }
        row.decode(&mut times, &mut values)?;
        sum += values.iter().sum::<f64>();
        Ok(())
    })
    .unwrap();
    sum
}
