//! Wide rows and filters at random, few names and values each so that filters find something; and rows in memory as the
//! columns of one block.

use arrow_array::types::Int32Type;
use arrow_array::{BooleanArray, DictionaryArray, Float64Array, Int64Array, StringArray, UInt64Array};
use oriel_model::{
    Bound, Bounds, Column, Columns, Core, Field, Filter, Glob, GlobPart, Pattern, Row, Test, Value, Word,
    Words, text,
};
use proptest::prelude::*;
use std::sync::Arc;

/// Nanoseconds between rows' times, and before [`crate::NOW_MS`].
pub const ROW_STEP_NS: i64 = 700_000_001;

const WORDS: [&str; 8] = ["web", "db", "prod", "error", "info", "Web", "10.0.0.7", "2001:db8::7"];
const TEXTS: [&str; 8] = [
    "Connection refused by 10.0.0.7",
    "GET /api/v1/users?id=42 200 in 12ms",
    "GET /api/v1/users?id=7 500 in 1.5s",
    "Straße nicht gefunden",
    "connection was REFUSED",
    "",
    "漢字 error_code=42",
    "user \"bob\" logged in",
];
const PATHS: [&str; 5] = ["http.status_code", "user.id", "ok", "net.ip", "mixed"];
const TAGS: [&str; 3] = ["team", "zone", Field::BARE];

/// A field that random rows may have, or one that none has.
pub fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        prop::sample::select(Core::ALL.to_vec()).prop_map(Field::Core),
        prop::sample::select(PATHS.to_vec()).prop_map(Field::attr),
        prop::sample::select(TAGS.to_vec()).prop_map(Field::tag),
        Just(Field::attr("nowhere")),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3_i64..3).prop_map(Value::Int),
        prop::sample::select(vec![200_i64, 404, 500]).prop_map(Value::Int),
        Just(Value::Uint(u64::MAX)),
        prop::sample::select(vec![0.5, 200.0, -1.25]).prop_map(Value::Float),
        any::<bool>().prop_map(Value::Bool),
        prop::sample::select(WORDS.to_vec()).prop_map(|t| Value::Text(t.into())),
        prop::sample::select(TEXTS.to_vec()).prop_map(|t| Value::Text(t.into())),
        Just(Value::Text("404".into())),
    ]
}

/// Any value that a row may hold.
pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => scalar(),
        1 => Just(Value::Null),
        2 => prop::collection::vec(scalar(), 0..3).prop_map(Value::List),
    ]
}

/// A row at this time.
pub fn row_at(time_ns: i64) -> impl Strategy<Value = Row> {
    let words = prop::collection::vec(prop::option::of(prop::sample::select(WORDS.to_vec())), Core::WORDS);
    let ids = (0..4_u8, 0..3_u8, 0..3_u8, prop::sample::select(vec![0_i64, 0, 12_000_000, 1_500_000_000]));
    let attributes = prop::collection::vec((prop::sample::select(PATHS.to_vec()), value()), 0..4);
    let tags = prop::collection::vec(
        (prop::sample::select(TAGS.to_vec()), prop::sample::select(WORDS.to_vec())),
        0..3,
    );
    (words, prop::sample::select(TEXTS.to_vec()), ids, attributes, tags).prop_map(
        move |(words, message, (trace, span, parent, duration), attributes, tags)| {
            let mut row = Row::new(time_ns);
            for (core, word) in Core::ALL.into_iter().zip(words) {
                row.set_text(core, word.unwrap_or_default());
            }
            row.set_text(Core::Message, message);
            row.trace_id = [0, 42, 0x00f0_67aa_0ba9_02b7, u128::MAX][usize::from(trace)];
            row.span_id = [0, 7, 0x1234_5678_9012_3456][usize::from(span)];
            row.parent_id = [0, 7, 1_234_567_890_123_456][usize::from(parent)];
            row.duration_ns = duration;
            for (path, value) in attributes {
                row.set_attribute(Field::attr(path), value);
            }
            for (key, value) in tags {
                row.add_tag(&if key == Field::BARE { value.to_owned() } else { format!("{key}:{value}") });
            }
            row
        },
    )
}

/// Up to `most` rows, one every [`ROW_STEP_NS`] until [`crate::NOW_MS`].
pub fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    let last = crate::NOW_MS * 1_000_000;
    prop::collection::vec(row_at(0), 0..=most).prop_map(move |mut rows| {
        let count = rows.len();
        for (i, row) in rows.iter_mut().enumerate() {
            row.time_ns = last - i64::try_from(count - i).unwrap_or(0) * ROW_STEP_NS;
        }
        rows
    })
}

fn literal() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "web",
        "db",
        "200",
        "404",
        "200.0",
        "0.5",
        "true",
        "42",
        "7",
        "error",
        "10.0.0.7",
        "1234567890123456",
        "18446744073709551615",
        "0000000000000000000000000000002a",
        "",
    ])
}

fn glob() -> impl Strategy<Value = Glob> {
    let part = prop_oneof![
        Just(GlobPart::Any),
        Just(GlobPart::One),
        prop::sample::select(vec!["e", "w", "re", "0", "40", "eb"]).prop_map(|t| GlobPart::Literal(t.into())),
    ];
    prop::collection::vec(part, 1..4).prop_map(Glob::new)
}

fn test() -> impl Strategy<Value = Test> {
    let bound = || {
        prop::option::of((literal(), any::<bool>()).prop_map(|(text, inclusive)| Bound {
            text: text.into(),
            number: text.parse().ok(),
            inclusive,
        }))
    };
    let nets = || vec!["10.0.0.0/8".parse().expect("v4"), "2001:db8::/32".parse().expect("v6")];
    let pattern = |text| Test::Regex(Pattern(Arc::new(regex::Regex::new(text).expect("a good expression"))));
    prop_oneof![
        2 => Just(Test::Exists),
        4 => literal().prop_map(|t| Test::Equals(t.into())),
        2 => glob().prop_map(Test::Glob),
        2 => (bound(), bound()).prop_map(|(low, high)| Test::Range(Bounds { low, high })),
        1 => words().prop_map(Test::Words),
        1 => Just(()).prop_map(move |()| Test::Cidr(nets())),
        1 => prop::sample::select(vec!["^w", "r{2}or|7$"]).prop_map(pattern),
    ]
}

fn words() -> impl Strategy<Value = Words> {
    let phrases = vec![
        "refused",
        "connection refused",
        "get api v1",
        "42",
        "error_code 42",
        "straße",
        "漢字",
        "nothing here",
        "ms",
        "",
    ];
    let phrase = prop::sample::select(phrases)
        .prop_map(|t| Words(text::tokens(t).into_iter().map(Word::Token).collect()));
    prop_oneof![3 => phrase, 1 => glob().prop_map(|glob| Words(vec![Word::Glob(glob)]))]
}

/// Any filter, a few levels deep.
pub fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        1 => Just(Filter::All),
        6 => (field(), test()).prop_map(|(field, test)| Filter::Is(field, test)),
        3 => words().prop_map(Filter::Words),
        1 => words().prop_map(Filter::Anywhere),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|f| Filter::Not(Box::new(f))),
        ]
    })
}

/// Rows as the columns of one block, typed where all agree.
pub struct RowColumns<'a>(pub &'a [Row]);

impl RowColumns<'_> {
    fn values(&self, field: &Field) -> Vec<Option<Value>> {
        self.0.iter().map(|row| row.value(field).filter(|value| *value != Value::Null)).collect()
    }
}

/// One array of a type, when every value that there is has it.
fn typed<'v, T>(
    values: &'v [Option<Value>],
    as_type: impl Fn(&'v Value) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    values.iter().map(|value| value.as_ref().map_or(Some(None), |value| as_type(value).map(Some))).collect()
}

fn column(values: &[Option<Value>]) -> Column {
    if values.iter().all(Option::is_none) {
        return Column::Absent;
    }
    if let Some(ints) = typed(values, |v| if let Value::Int(n) = v { Some(*n) } else { None }) {
        return Column::Ints(Int64Array::from(ints));
    }
    if let Some(ints) = typed(values, |v| if let Value::Uint(n) = v { Some(*n) } else { None }) {
        return Column::Uints(UInt64Array::from(ints));
    }
    if let Some(floats) = typed(values, |v| if let Value::Float(x) = v { Some(*x) } else { None }) {
        return Column::Floats(Float64Array::from(floats));
    }
    if let Some(bools) = typed(values, |v| if let Value::Bool(b) = v { Some(*b) } else { None }) {
        return Column::Bools(BooleanArray::from(bools));
    }
    if let Some(texts) = typed(values, |v| if let Value::Text(t) = v { Some(t.as_ref()) } else { None }) {
        return Column::Texts(StringArray::from(texts));
    }
    Column::Mixed(values.iter().map(|v| v.clone().unwrap_or_default()).collect())
}

impl Columns for RowColumns<'_> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn column(&self, field: &Field) -> Column {
        match field {
            Field::Core(Core::TraceId) => Column::TraceIds(self.0.iter().map(|row| row.trace_id).collect()),
            Field::Core(Core::SpanId) => Column::SpanIds(self.0.iter().map(|row| row.span_id).collect()),
            Field::Core(Core::ParentId) => Column::SpanIds(self.0.iter().map(|row| row.parent_id).collect()),
            Field::Core(core) if core.text_index().is_some_and(|i| i < Core::WORDS) => {
                let texts = self.0.iter().map(|row| Some(row.text(*core)).filter(|t| !t.is_empty()));
                Column::Words(texts.collect::<DictionaryArray<Int32Type>>())
            }
            other => column(&self.values(other)),
        }
    }

    fn every_field(&self) -> Vec<Field> {
        let mut fields: Vec<Field> =
            self.0.iter().flat_map(|row| row.attributes.iter().map(|(f, _)| f.clone())).collect();
        fields.sort();
        fields.dedup();
        fields
    }
}

#[cfg(test)]
mod tests;
