//! Rows at random for tests of this room: few names and values each, with every kind of value and every empty one.

use oriel_model::{Core, Field, Limits, OrgId, Row, RowBatch, RowBatchBuilder, Signal, TimeRange, Value};
use proptest::prelude::*;

const WORDS: [&str; 6] = ["", "web", "db", "error", "Straße", "a much longer word than the others have"];
const TEXTS: [&str; 5] = ["", "GET /a?b=1 200", "Connection refused", "漢字 and more", "x"];
const PATHS: [&str; 4] = ["http.status_code", "user.id", "ok", "mixed"];
const TAGS: [&str; 3] = ["team", "zone", Field::BARE];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (0_i64..5).prop_map(Value::Int),
        (i64::MAX as u64 + 1..=u64::MAX).prop_map(Value::Uint),
        prop::sample::select(vec![0.5, -0.0, 1e300, 200.0]).prop_map(Value::Float),
        any::<bool>().prop_map(Value::Bool),
        prop::sample::select(WORDS.to_vec()).prop_map(|t| Value::Text(t.into())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => scalar(),
        1 => Just(Value::Null),
        1 => prop::collection::vec(scalar(), 0..3).prop_map(Value::List),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<(Field, Value)>> {
    let field = prop_oneof![
        prop::sample::select(PATHS.to_vec()).prop_map(Field::attr),
        prop::sample::select(TAGS.to_vec()).prop_map(Field::tag),
    ];
    prop::collection::btree_map(field, value(), 0..4).prop_map(|map| map.into_iter().collect())
}

/// A row whose time is one of few.
pub(crate) fn row() -> impl Strategy<Value = Row> {
    let words = prop::array::uniform9(prop::sample::select(WORDS.to_vec()));
    let ids = (0_u128..3, 0_u64..3, 0_u64..2, -1_i64..3);
    let text = prop::sample::select(TEXTS.to_vec());
    (0_i64..40, words, text, ids, attributes()).prop_map(|(time, words, text, ids, attributes)| {
        let mut row = Row::new(time * 50_000_000);
        for (core, word) in Core::ALL.into_iter().zip(words) {
            row.set_text(core, word);
        }
        row.set_text(Core::Message, text);
        (row.trace_id, row.span_id, row.parent_id, row.duration_ns) = ids;
        row.attributes = attributes;
        row
    })
}

pub(crate) fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 0..most)
}

pub(crate) fn batch(signal: Signal, rows: &[Row]) -> RowBatch {
    let mut builder = RowBatchBuilder::new(OrgId(1), signal, &Limits::default(), TimeRange::all());
    rows.iter().for_each(|row| assert!(builder.push(row)));
    builder.finish().0
}

pub(crate) fn rows_of(batch: &RowBatch) -> Vec<Row> {
    (0..batch.len()).map(|row| batch.row(row)).collect()
}
