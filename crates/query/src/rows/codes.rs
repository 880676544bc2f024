//! A block's column as small numbers: each distinct text once, and its number for every row.

use arrow_array::{Array, StringArray};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use oriel_model::{Column, Value, format_span_id, format_trace_id};
use std::borrow::Cow;

/// No value.
pub(super) const NONE: u32 = u32::MAX;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Codes<'a> {
    /// A number into `texts` for each row, or [`NONE`].
    pub(super) rows: Vec<u32>,
    pub(super) texts: Vec<Cow<'a, str>>,
    /// Rows of lists: the further elements of a row, after its first.
    pub(super) more: Vec<(u32, u32)>,
}

impl<'a> Codes<'a> {
    pub(super) fn of(column: &'a Column, rows: usize) -> Self {
        match column {
            Column::Absent => Self { rows: vec![NONE; rows], ..Self::default() },
            Column::Words(words) => match words.downcast_dict::<StringArray>() {
                Some(typed) => Self {
                    rows: typed
                        .keys()
                        .iter()
                        .map(|key| key.map_or(NONE, |key| u32::try_from(key).unwrap_or(NONE)))
                        .collect(),
                    texts: typed.values().iter().map(|text| Cow::Borrowed(text.unwrap_or(""))).collect(),
                    more: Vec::new(),
                },
                None => Self { rows: vec![NONE; rows], ..Self::default() },
            },
            Column::Texts(a) => keyed(rows, |i| a.is_valid(i).then(|| a.value(i)), Cow::Borrowed),
            Column::Ints(a) => {
                keyed(rows, |i| a.is_valid(i).then(|| a.value(i)), |n| Cow::Owned(n.to_string()))
            }
            Column::Uints(a) => {
                keyed(rows, |i| a.is_valid(i).then(|| a.value(i)), |n| Cow::Owned(n.to_string()))
            }
            Column::Floats(a) => {
                let bits = |i| a.is_valid(i).then(|| a.value(i).to_bits());
                keyed(rows, bits, |bits| Cow::Owned(f64::from_bits(bits).to_string()))
            }
            Column::Bools(a) => {
                keyed(rows, |i| a.is_valid(i).then(|| a.value(i)), |b| Cow::Owned(b.to_string()))
            }
            Column::TraceIds(ids) => {
                keyed(rows, |i| Some(ids[i]).filter(|id| *id != 0), |id| Cow::Owned(format_trace_id(id)))
            }
            Column::SpanIds(ids) => {
                keyed(rows, |i| Some(ids[i]).filter(|id| *id != 0), |id| Cow::Owned(format_span_id(id)))
            }
            Column::Mixed(values) => mixed(values),
        }
    }
}

fn keyed<'a, K: std::hash::Hash + Eq + Copy>(
    rows: usize,
    key: impl Fn(usize) -> Option<K>,
    text: impl Fn(K) -> Cow<'a, str>,
) -> Codes<'a> {
    let mut out = Codes { rows: Vec::with_capacity(rows), ..Codes::default() };
    let mut known: HashMap<K, u32> = HashMap::new();
    for row in 0..rows {
        let Some(key) = key(row) else {
            out.rows.push(NONE);
            continue;
        };
        let code = *known.entry(key).or_insert_with(|| {
            out.texts.push(text(key));
            out.texts.len() as u32 - 1
        });
        out.rows.push(code);
    }
    out
}

fn mixed(values: &[Value]) -> Codes<'_> {
    let mut out = Codes::default();
    let mut known: HashMap<Cow<'_, str>, u32> = HashMap::new();
    for (row, value) in values.iter().enumerate() {
        let elements = match value {
            Value::List(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut seen: Vec<u32> = Vec::new();
        for text in elements.iter().filter_map(Value::text) {
            let code = match known.entry(text) {
                Entry::Occupied(found) => *found.get(),
                Entry::Vacant(free) => {
                    out.texts.push(free.key().clone());
                    *free.insert(out.texts.len() as u32 - 1)
                }
            };
            if !seen.contains(&code) {
                seen.push(code);
            }
        }
        out.rows.push(seen.first().copied().unwrap_or(NONE));
        out.more.extend(seen.iter().skip(1).map(|code| (row as u32, *code)));
    }
    out
}
