//! Figures of one machine, not a test of right and wrong:
//! `cargo test --release -p oriel-store speed -- --ignored --nocapture`, with the bench data unpacked at `ORIEL_BENCH_TEXT`.

use super::world::{ORG, World};
use crate::head::MetricHead;
use crate::record::{decode_metrics, encode_metrics};
use crate::{Aggregates, Cancel, Matcher, MetricReader, PieceHead, PieceSink, Want};
use oriel_model::{
    Kind, Limits, MetricBatch, MetricBatchBuilder, SeriesDef, SeriesKey, Tags, TimeMs, TimeRange,
};
use std::hint::black_box;
use std::time::Instant;

/// Samples of one host: name with labels, time, value.
type Lines = Vec<(String, TimeMs, f64)>;

fn lines() -> Lines {
    let path = std::env::var("ORIEL_BENCH_TEXT").expect("ORIEL_BENCH_TEXT names the unpacked bench data");
    let text = std::fs::read_to_string(path).unwrap();
    let parse = |line: &str| {
        let (rest, time) = line.rsplit_once(' ')?;
        let (name, value) = rest.rsplit_once(' ')?;
        Some((name.to_owned(), time.parse().ok()?, value.parse().ok()?))
    };
    text.lines().filter_map(parse).collect()
}

fn def(name: &str, host: usize) -> SeriesDef {
    let (metric, labels) = name.split_once('{').unwrap_or((name, ""));
    let tags = labels.trim_end_matches('}').split("\",").filter(|l| !l.is_empty());
    let tags = tags.map(|l| l.replace("=\"", ":").trim_end_matches('"').to_owned());
    SeriesDef { metric: metric.into(), host: format!("h-{host:03}").into(), tags: Tags::canonical(tags) }
}

/// Posts of one host, as the bench cuts them.
fn batches(world: &World, lines: &Lines, host: usize, posts: usize) -> Vec<MetricBatch> {
    let resolver = world.registry.resolver(ORG);
    let limits = Limits::default();
    let mut out = vec![];
    for post in lines.chunks(lines.len().div_ceil(posts)) {
        let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, TimeRange::all(), ("speed", ""));
        for (name, time, value) in post {
            let raw = builder.key_of(&[name.as_bytes(), &[host as u8]]);
            let series = builder.series(raw, Kind::Gauge, 0, || Ok(def(name, host))).unwrap();
            let value =
                if value.fract() == 0.0 { value + host as f64 } else { value * (1.0 + host as f64 / 100.0) };
            builder.sample(series, *time, value);
        }
        out.push(builder.finish().0);
    }
    out
}

/// Adds up what it gets, as a rollup would.
#[derive(Default)]
struct Sum {
    coarse: bool,
    pieces: u64,
    samples: u64,
    sum: f64,
}

impl PieceSink for Sum {
    fn piece(&mut self, _: &PieceHead, has_aggregates: bool) -> Want {
        self.pieces += 1;
        if self.coarse && has_aggregates { Want::Aggregates } else { Want::Samples }
    }

    fn aggregates(&mut self, _: &PieceHead, a: &Aggregates) {
        self.samples += a.count;
        self.sum += a.sum;
    }

    fn samples(&mut self, _: &PieceHead, _: &[TimeMs], values: &[f64]) {
        self.samples += values.len() as u64;
        self.sum += values.iter().sum::<f64>();
    }
}

/// Nanoseconds that this thread was on a core, so that other work on the machine does not count. Moves in ticks.
fn on_core_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// Runs it for many ticks and tells the mean.
fn mean(what: &str, of: u64, mut run: impl FnMut()) {
    run();
    let start = on_core_ns();
    let mut runs = 0;
    while on_core_ns() - start < 200e6 {
        run();
        runs += 1;
    }
    let ns = (on_core_ns() - start) / f64::from(runs);
    println!("{what:<50} {:>9.3} ms {:>8.2} ns each", ns / 1e6, ns / of.max(1) as f64);
}

#[test]
#[ignore = "a benchmark"]
fn speed_of_the_road_in() {
    let lines = lines();
    let world = World::new();
    let mut all = batches(&world, &lines, 0, 40);
    let samples = lines.len() as u64;
    let admit = |all: &mut [MetricBatch]| {
        all.iter_mut().map(|b| world.registry.admit(b, 1).unwrap()).collect::<Vec<_>>()
    };
    let admissions = admit(&mut all);
    mean("admit", samples, || drop(black_box(admit(&mut all))));
    let encode = || -> Vec<Vec<u8>> {
        all.iter().zip(&admissions).flat_map(|(b, a)| encode_metrics(b, &a.defs)).collect()
    };
    mean("encode", samples, || drop(black_box(encode())));
    let records = encode();
    let bytes: usize = records.iter().map(Vec::len).sum();
    println!("{} records, {:.3} bytes a sample", records.len(), bytes as f64 / samples as f64);
    mean("decode", samples, || {
        for record in &records {
            black_box(decode_metrics(record).unwrap());
        }
    });
    let insert = || {
        let head = MetricHead::new(1);
        for (n, (b, a)) in all.iter().zip(&admissions).enumerate() {
            head.insert(b, &a.defs, n as u64 + 1).unwrap();
        }
        head
    };
    mean("insert", samples, || {
        black_box(insert());
    });
    let head = insert();
    println!("head: {} bytes, {:.1} a sample", head.bytes(), head.bytes() as f64 / samples as f64);
    println!("{} chunks", head.chunks().count());
    mean("chunks", samples, || {
        black_box(head.chunks().count());
    });
}

fn ask(world: &World, metric: &str, range: TimeRange) {
    let reader = world.snapshot();
    let keys = || -> Vec<SeriesKey> {
        let list = reader.select(metric, &Matcher::All, range).unwrap();
        list.iter().map(|e| e.key).collect()
    };
    let found = keys();
    mean(&format!("select {metric} ({} series)", found.len()), found.len() as u64, || {
        drop(black_box(keys()))
    });
    for coarse in [false, true] {
        let scan = || {
            let mut sink = Sum { coarse, ..Sum::default() };
            reader.scan(&found, range, &Cancel::default(), &mut sink).unwrap();
            sink
        };
        let sum = scan();
        let what = format!("scan, {} pieces{}", sum.pieces, if coarse { ", aggregates" } else { "" });
        mean(&what, sum.samples, || {
            black_box(scan());
        });
    }
}

#[test]
#[ignore = "a benchmark"]
fn speed_of_the_road_out() {
    let hosts: usize = std::env::var("ORIEL_BENCH_HOSTS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let lines = lines();
    let mut world = World::new();
    let start = Instant::now();
    for host in 0..hosts {
        for mut batch in batches(&world, &lines, host, 40) {
            world.insert_batch(&mut batch);
        }
        world.seal();
    }
    println!("filled in {:.1} s", start.elapsed().as_secs_f64());
    let (first, last) = (lines[0].1, lines[lines.len() - 1].1);
    let whole = TimeRange::new(first, last + 1);
    for state in ["level 0", "compacted"] {
        if state == "compacted" {
            let start = Instant::now();
            world.compact();
            println!("compacted in {:.1} s", start.elapsed().as_secs_f64());
        }
        println!("-- {state}, {} files, {} bytes", world.files(), world.file_bytes());
        for metric in ["node_load1", "node_cpu_seconds_total", "node_memory_MemAvailable_bytes"] {
            ask(&world, metric, whole);
        }
        ask(&world, "node_cpu_seconds_total", TimeRange::new(last - 3_600_000, last + 1));
    }
}

/// Resident memory of the process.
fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
#[ignore = "a benchmark"]
fn speed_at_a_million_series() {
    const HOSTS: usize = 1000;
    const SERIES_PER_HOST: usize = 1000;
    let all = (HOSTS * SERIES_PER_HOST) as f64;
    let mut world = World::with_series(2_000_000);
    let resolver = world.registry.resolver(ORG);
    let limits = Limits::default();
    let begun = (resident_bytes(), on_core_ns());
    for round in 0..3 {
        let start = on_core_ns();
        for host in 0..HOSTS {
            let mut builder =
                MetricBatchBuilder::new(ORG, &*resolver, &limits, TimeRange::all(), ("speed", ""));
            for n in 0..SERIES_PER_HOST {
                let raw = builder.key_of(&[&(host as u64).to_le_bytes(), &(n as u64).to_le_bytes()]);
                let name = || format!("metric.{}{{device=\"d{}\",mode=\"m{}\"}}", n % 100, n / 100, n % 7);
                let series = builder.series(raw, Kind::Gauge, 15, || Ok(def(&name(), host))).unwrap();
                builder.sample(series, 1_000_000_000 + round * 15_000, n as f64);
            }
            let mut batch = builder.finish().0;
            world.insert_batch(&mut batch);
        }
        println!("round {round}: {:.0} ns a sample", (on_core_ns() - start) / all);
    }
    let head = std::sync::Arc::clone(&world.view.load().metric_heads[0]);
    println!("resident memory: {:.0} bytes a series", (resident_bytes() - begun.0) as f64 / all);
    println!(
        "head {:.0}, registry {:.0} a series",
        head.bytes() as f64 / all,
        world.registry.bytes() as f64 / all
    );
    let reader = world.snapshot();
    let one = Matcher::And(vec![
        Matcher::Equals { key: "host".into(), value: "h-500".into() },
        Matcher::Equals { key: "device".into(), value: "d3".into() },
    ]);
    let start = on_core_ns();
    let found = reader.select("metric.7", &one, TimeRange::all()).unwrap();
    println!("first select: {:.0} ms, {} series", (on_core_ns() - start) / 1e6, found.len());
    println!("with the index: {:.0} bytes a series", world.registry.bytes() as f64 / all);
    println!("resident memory: {:.0} bytes a series", (resident_bytes() - begun.0) as f64 / all);
    mean("select one of a million", 1, || {
        black_box(reader.select("metric.7", &one, TimeRange::all()).unwrap());
    });
    let keys = [found[0].key];
    mean("scan one of a million", 1, || {
        let mut sink = Sum::default();
        reader.scan(&keys, TimeRange::all(), &Cancel::default(), &mut sink).unwrap();
        black_box(sink);
    });
}
