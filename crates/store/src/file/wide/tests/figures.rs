//! Figures of the bench rows, by hand: write them with `bench/genlogs.py 1000000 FILE 7`, then
//! `ORIEL_BENCH_LOGS=FILE cargo test --release -p oriel-store wide_figures -- --ignored --nocapture`. `ORIEL_BENCH_DIR` keeps the files.

use super::*;
use crate::compact::{Job, RowContext, run_rows};
use crate::parts::Content;
use crate::rows::policy::RowPolicy;
use oriel_model::{Columns, Pattern, Test, Word, Words, text};
use serde_json::Value as Json;
use std::io::BufRead;
use std::time::Instant;

/// Rows of a head of 64 MiB, about.
const HEAD_ROWS: usize = 160_000;

fn cpu_s() -> f64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    let s = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    s(usage.ru_utime) + s(usage.ru_stime)
}

fn flatten(path: &str, json: &Json, row: &mut Row) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&path, value, row);
            }
        }
        value => row.attributes.push((Field::attr(path), Value::from_json(value))),
    }
}

fn row(line: &str) -> Row {
    let Json::Object(mut json) = serde_json::from_str(line).unwrap() else { panic!("no object") };
    let mut take =
        |key: &str| json.remove(key).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let texts = [
        (Core::Host, take("hostname")),
        (Core::Env, take("env")),
        (Core::Service, take("service")),
        (Core::Status, take("status")),
        (Core::Message, take("message")),
        (Core::Version, take("version")),
    ];
    let mut row = Row::new(json.remove("timestamp").unwrap().as_i64().unwrap() * 1_000_000);
    texts.into_iter().for_each(|(core, text)| row.set_text(core, text));
    if let Some(Json::Object(ids)) = json.remove("dd") {
        row.trace_id = u128::from_str_radix(ids["trace_id"].as_str().unwrap(), 16).unwrap();
        row.span_id = u64::from_str_radix(ids["span_id"].as_str().unwrap(), 16).unwrap();
    }
    flatten("", &Json::Object(json), &mut row);
    row
}

/// The lines as heads, one after the other.
fn heads(path: &str) -> impl Iterator<Item = Vec<Arc<RowBatch>>> {
    let mut lines = std::io::BufReader::new(std::fs::File::open(path).unwrap()).lines();
    let all_time = TimeRange::new(i64::MIN, i64::MAX);
    let batch = move |rows: &[Row]| {
        let mut builder = RowBatchBuilder::new(ORG, Signal::Logs, &Limits::default(), all_time);
        rows.iter().for_each(|row| assert!(builder.push(row)));
        Arc::new(builder.finish().0)
    };
    std::iter::from_fn(move || {
        let rows: Vec<Row> = lines.by_ref().take(HEAD_ROWS).map(|line| row(&line.unwrap())).collect();
        (!rows.is_empty()).then(|| rows.chunks(5000).map(batch).collect())
    })
}

fn print_columns(file: &WideFile, meta: &FileMeta) {
    let head = &file.head;
    for (column, spec) in head.schema.columns.iter().enumerate() {
        let chunks = || head.groups.iter().map(move |g| &g.chunks[column]);
        let bytes: u64 = chunks().map(head::ChunkPlace::bytes).sum();
        let kinds: Vec<u32> = chunks().map(|c| c.dictionary).collect();
        println!("{:>9} {:<28} dictionaries {kinds:?}", bytes, spec.name());
    }
    let filters = |of: fn(&head::BlockPlace) -> bloom::BloomPlace| -> u64 {
        head.blocks.iter().map(|b| u64::from(of(b).bits) / 8).sum()
    };
    let terms: u64 = head.term_pages.iter().map(|p| u64::from(p.bytes)).sum();
    println!("{terms:>9} dictionary of terms in {} pages", head.term_pages.len());
    println!("{:>9} filters of terms, {} of ids", filters(|b| b.terms), filters(|b| b.ids));
    println!("{:>9} head, {} in memory", head.encode().len(), head.heap_bytes());
    println!("{:>9} in all, {} rows", meta.bytes, meta.rows);
}

fn words(text: &str) -> Filter {
    Filter::Words(Words(text::tokens(text).into_iter().map(Word::Token).collect()))
}

/// A count by one thread, as a scan does it; the median of nine.
fn count(file: &WideFile, name: &str, filter: &Filter, fields: &[Field]) {
    let mut times = Vec::new();
    let mut found = (0, 0);
    for _ in 0..9 {
        let begin = Instant::now();
        let ask = BlockAsk { org: ORG, range: ALL_TIME, filter };
        let blocks = file.blocks(&ask).unwrap().blocks;
        found = (0, blocks.len());
        for block in blocks {
            if let (Some(exact), true) = (block.exact, fields.is_empty()) {
                found.0 += exact as usize;
                continue;
            }
            let open = file.open(&block).unwrap();
            let columns: &dyn Columns = &*open;
            found.0 +=
                if block.all_match { block.rows as usize } else { filter.select(columns).true_count() };
            fields.iter().for_each(|field| drop(open.column(field)));
        }
        times.push(begin.elapsed());
    }
    times.sort();
    println!("{:>9.2} ms {name}: {} rows, {} blocks", times[4].as_secs_f64() * 1e3, found.0, found.1);
}

#[test]
#[ignore = "prints figures; run it by hand"]
fn wide_figures() {
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var("ORIEL_BENCH_DIR").ok();
    let dir = kept.as_deref().map_or(temporary.path(), Path::new);
    let (mut sealed, mut seal_s) = (Vec::new(), 0.0);
    for head in heads(&std::env::var("ORIEL_BENCH_LOGS").unwrap()) {
        let begin = cpu_s();
        sealed.push(write(dir, ORG, Signal::Logs, &head).unwrap().unwrap());
        seal_s += cpu_s() - begin;
    }
    let bytes: u64 = sealed.iter().map(|m| m.bytes).sum();
    println!("{seal_s:>9.2} s sealing into {} files, {bytes} bytes", sealed.len());
    let mut policy = RowPolicy::default();
    policy.default_ms.insert(Signal::Logs, i64::MAX);
    let context = RowContext { policy: Arc::new(policy), now_ms: 1_763_700_000_000, files: sealed.clone() };
    let job = Job { inputs: sealed, content: Content::Logs, level: 1, complete_before: i64::MAX };
    let begin = cpu_s();
    let made = run_rows(dir, &job, &context).unwrap();
    println!("{:>9.2} s compaction into {} files", cpu_s() - begin, made.len());
    let regex = Pattern(Arc::new(regex::Regex::new("length 4[0-9]$").unwrap()));
    let regex = Filter::Is(Field::Core(Core::Message), Test::Regex(regex));
    for meta in &made {
        let begin = Instant::now();
        let file = WideFile::open(dir, meta).unwrap();
        println!("{:>9.3} ms opening", begin.elapsed().as_secs_f64() * 1e3);
        print_columns(&file, meta);
        let is = |field: Field, text: &str| Filter::Is(field, Test::Equals(text.into()));
        let core = |core: Core| Field::Core(core);
        let first = file.open(&every_block(&file)[0]).unwrap().whole(&[100]).unwrap().remove(0);
        let nginx = is(core(Core::Service), "nginx");
        let app = Filter::And(vec![Filter::Not(Box::new(nginx.clone())), regex.clone()]);
        count(&file, "one token", &words("gateway"), &[]);
        count(&file, "phrase", &words("gateway timeout"), &[]);
        count(&file, "needle", &words("neverseenatall"), &[]);
        count(&file, "status:error", &is(core(Core::Status), "error"), &[]);
        count(&file, "by minute", &Filter::All, &[core(Core::Time)]);
        count(&file, "by service and status", &Filter::All, &[core(Core::Service), core(Core::Status)]);
        let id = oriel_model::format_trace_id(first.trace_id);
        count(&file, "one trace", &is(core(Core::TraceId), &id), &[]);
        count(
            &file,
            "durations by code",
            &nginx,
            &[Field::attr("duration"), Field::attr("http.status_code")],
        );
        count(&file, "regular expression", &app, &[]);
    }
}
