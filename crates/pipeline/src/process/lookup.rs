//! The lookup: a value's meaning by a table that the processor holds.

use crate::{Error, Result, place};
use hashbrown::HashMap;
use oriel_model::{Field, Row, Value};

/// Lines of one table: a bigger one belongs into a file of its own.
const LINES_MAX: usize = 10_000;

pub(crate) struct Lookup {
    source: String,
    target: String,
    table: HashMap<Box<str>, Box<str>>,
    default: Option<String>,
}

impl Lookup {
    /// Lines are `key,value`; the first line of a key counts.
    pub(crate) fn compile(
        of: &str,
        (source, target): (&str, &str),
        lines: &[String],
        default: &Option<String>,
    ) -> Result<Self> {
        if lines.len() > LINES_MAX {
            return Err(Error::TooMany { what: "lines of a lookup table", n: lines.len(), max: LINES_MAX });
        }
        let mut table = HashMap::new();
        for line in lines.iter().filter(|l| !l.trim().is_empty()) {
            let (key, value) = line
                .split_once(',')
                .ok_or_else(|| Error::Form(format!("{of}: the line {line:?} is not \"key,value\"")))?;
            table.entry(key.trim().into()).or_insert_with(|| value.trim().into());
        }
        Ok(Self { source: source.to_owned(), target: target.to_owned(), table, default: default.clone() })
    }

    pub(crate) fn apply(&self, row: &mut Row) -> bool {
        let Some(key) = place::read_text(row, &self.source) else { return false };
        let found = self.table.get(key.as_str()).map(AsRef::as_ref).or(self.default.as_deref());
        let Some(value) = found else { return false };
        row.set_attribute(Field::attr(&self.target), Value::Text(value.into()));
        true
    }
}
