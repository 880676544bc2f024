//! Any rows, in any batches, come back as they were; nothing that is wanted is pruned; damage is an error.

mod damage;
mod figures;
mod pruning;
mod round_trip;

use super::*;
use crate::NsRange;
use crate::rows::{BlockAsk, BlockRef, RowSource};
use oriel_model::{Field, Filter, Limits, Row, RowBatchBuilder, TimeRange, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub(crate) const ORG: OrgId = OrgId(7);
pub(crate) const ALL_TIME: NsRange = NsRange { start: i64::MIN, end: i64::MAX };

const WORDS: [&str; 12] = [
    "gateway",
    "timeout",
    "error",
    "Order",
    "placed",
    "user",
    "4711",
    "caf\u{e9}",
    "\u{4e2d}\u{6587}",
    "x_1",
    "10.0.3.4",
    "\"quoted\\\"",
];

/// Rows of every kind of value, dense and rare fields, fields of several types.
pub(crate) fn random_rows(seed: u64, n: usize) -> Vec<Row> {
    let mut random = StdRng::seed_from_u64(seed);
    let unit = [1, 1000, 1_000_000][random.random_range(0..3usize)];
    (0..n).map(|_| random_row(&mut random, unit)).collect()
}

fn random_row(random: &mut StdRng, unit: i64) -> Row {
    let mut row = Row::new(1_700_000_000_000_000_000 + random.random_range(0..100_000i64) * unit);
    let services = ["", "web", "db", "checkout"];
    row.set_text(Core::Service, services[random.random_range(0..4usize)]);
    if random.random_bool(0.9) {
        row.set_text(Core::Host, format!("h-{}", random.random_range(0..30)));
        row.set_text(Core::Status, ["info", "error"][usize::from(random.random_bool(0.05))]);
    }
    if random.random_bool(0.1) {
        row.set_text(Core::Resource, format!("GET /{}", random.random::<u32>()));
    }
    let words = random.random_range(0..6);
    let message: Vec<String> = (0..words)
        .map(|_| match random.random_bool(0.2) {
            true => random.random::<u32>().to_string(),
            false => WORDS[random.random_range(0..WORDS.len())].to_owned(),
        })
        .collect();
    row.set_text(Core::Message, message.join(" "));
    if random.random_bool(0.5) {
        row.trace_id = random.random();
        row.span_id = random.random();
    }
    if random.random_bool(0.3) {
        row.parent_id = random.random_range(0..50);
        row.duration_ns = random.random_range(-5..2_000_000_000);
    }
    for _ in 0..random.random_range(0..6) {
        let (field, value) = random_attribute(random);
        row.set_attribute(field, value);
    }
    row
}

fn random_attribute(random: &mut StdRng) -> (Field, Value) {
    let field = match random.random_range(0..10) {
        0..5 => Field::attr(
            ["http.status_code", "usr.id", "flag", "ratio", "mixed"][random.random_range(0..5usize)],
        ),
        5..8 => Field::tag(["team", "service", "tags"][random.random_range(0..3usize)]),
        _ => Field::attr(&format!("rare.{}", random.random_range(0..400))),
    };
    (field, random_value(random, 2))
}

fn random_value(random: &mut StdRng, depth: u32) -> Value {
    match random.random_range(0..12) {
        0..3 => Value::Int(random.random_range(-3..600)),
        3 => Value::Int(random.random()),
        4 => Value::Uint(random.random_range(i64::MAX as u64 + 1..=u64::MAX)),
        5 => Value::Float(random.random::<f64>() * 1e3),
        6 => Value::Float(f64::from(random.random_range(-2..3)) / 2.0),
        7 => Value::Bool(random.random()),
        8 => Value::Null,
        9 if depth > 0 => Value::List(
            (0..random.random_range(0..3))
                .map(|_| random_value(random, 0))
                .filter(|v| *v != Value::Null)
                .collect(),
        ),
        _ => Value::Text(WORDS[random.random_range(0..WORDS.len())].into()),
    }
}

/// The rows as batches of random lengths.
pub(crate) fn batches(signal: Signal, rows: &[Row], seed: u64) -> Vec<Arc<RowBatch>> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut out = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(random.random_range(1..=rest.len()));
        let accepted = TimeRange::new(i64::MIN, i64::MAX);
        let mut builder = RowBatchBuilder::new(ORG, signal, &Limits::default(), accepted);
        part.iter().for_each(|row| assert!(builder.push(row)));
        out.push(Arc::new(builder.finish().0));
        rest = after;
    }
    out
}

/// Writes rows as a file of a level.
pub(crate) fn write_rows(dir: &Path, level: u8, batches: &[Arc<RowBatch>]) -> FileMeta {
    let effort = Effort::of_level(level);
    write_as(dir, effort, (ORG, batches[0].signal), batches).unwrap().unwrap()
}

pub(crate) fn every_block(file: &WideFile) -> Vec<BlockRef> {
    let ask = BlockAsk { org: ORG, range: ALL_TIME, filter: &Filter::All };
    file.blocks(&ask).unwrap().blocks
}

/// Every row of a file, in its order.
pub(crate) fn read_rows(file: &WideFile) -> Vec<Row> {
    let mut out = Vec::new();
    for block in every_block(file) {
        let open = file.open(&block).unwrap();
        let all: Vec<u32> = (0..block.rows).collect();
        out.extend(open.whole(&all).unwrap());
        open.check().unwrap();
    }
    out
}

/// The rows of some batches.
pub(crate) fn rows_of(batches: &[Arc<RowBatch>]) -> Vec<Row> {
    batches.iter().flat_map(|batch| (0..batch.len()).map(|row| batch.row(row))).collect()
}

/// That both hold the same rows, in whatever order.
pub(crate) fn assert_same(found: &[Row], expected: &[Row]) {
    let (found, expected) = (canonical(found), canonical(expected));
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

/// Rows in one order, attributes in one order.
fn canonical(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.iter_mut().for_each(|row| row.attributes.sort_by(|a, b| a.0.cmp(&b.0)));
    rows.sort_by_cached_key(|row| (row.time_ns, format!("{row:?}")));
    rows
}
