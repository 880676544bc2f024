//! What a row is, as a number: the same for the same logical row, wherever and in whatever form it is kept.

use super::{Row, Value};
use xxhash_rust::xxh3::Xxh3;

impl Row {
    /// A hash over everything the row holds but its weight, which thinning changes, and nulls, which no search can tell from
    /// what is not there. Rows that are equal in all of that share it.
    pub fn identity(&self) -> u64 {
        let mut hash = Xxh3::new();
        hash.update(&self.time_ns.to_le_bytes());
        self.texts.iter().for_each(|text| add_text(&mut hash, text));
        hash.update(&self.trace_id.to_le_bytes());
        hash.update(&self.span_id.to_le_bytes());
        hash.update(&self.parent_id.to_le_bytes());
        hash.update(&self.duration_ns.to_le_bytes());
        let mut attributes: Vec<_> = self.attributes.iter().filter(|(_, v)| *v != Value::Null).collect();
        attributes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (field, value) in attributes {
            let (kind, name) = match field {
                super::Field::Core(core) => (0, core.as_str()),
                super::Field::Tag(key) => (1, &**key),
                super::Field::Attr(path) => (2, &**path),
            };
            hash.update(&[kind]);
            add_text(&mut hash, name);
            add_value(&mut hash, value);
        }
        hash.digest()
    }
}

/// Its length first, so that no two lists of texts look alike.
fn add_text(hash: &mut Xxh3, text: &str) {
    hash.update(&(text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

fn add_value(hash: &mut Xxh3, value: &Value) {
    match value {
        Value::Null => hash.update(&[0]),
        Value::Bool(b) => hash.update(&[1, u8::from(*b)]),
        Value::Int(n) => {
            hash.update(&[2]);
            hash.update(&n.to_le_bytes());
        }
        Value::Uint(n) => {
            hash.update(&[3]);
            hash.update(&n.to_le_bytes());
        }
        Value::Float(x) => {
            hash.update(&[4]);
            hash.update(&x.to_bits().to_le_bytes());
        }
        Value::Text(text) => {
            hash.update(&[5]);
            add_text(hash, text);
        }
        Value::List(list) => {
            hash.update(&[6]);
            hash.update(&(list.len() as u64).to_le_bytes());
            list.iter().for_each(|value| add_value(hash, value));
        }
    }
}
