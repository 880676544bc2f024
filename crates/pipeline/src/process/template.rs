//! The string builder: raw text and `%{attribute.path}` blocks.

use crate::place;
use oriel_model::{Row, Value};

/// The product people know cuts results here.
const RESULT_CHARS_MAX: usize = 256;

pub(crate) struct Template {
    parts: Vec<Part>,
}

enum Part {
    Raw(String),
    Block(String),
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find("%{") {
            if at > 0 {
                parts.push(Part::Raw(rest[..at].to_owned()));
            }
            let inner = &rest[at + 2..];
            let end =
                inner.find('}').ok_or_else(|| format!("the block {:?} is not closed by }}", &rest[at..]))?;
            let path = inner[..end].trim();
            if path.is_empty() {
                return Err("an empty block %{}; name an attribute".to_owned());
            }
            parts.push(Part::Block(path.to_owned()));
            rest = &inner[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Raw(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The text; `None` when an attribute is missing and may not be.
    pub(crate) fn render(&self, row: &Row, replace_missing: bool) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Raw(raw) => out.push_str(raw),
                Part::Block(path) => match place::read(row, path) {
                    Some(value) => push(&mut out, &value),
                    None if replace_missing => {}
                    None => return None,
                },
            }
        }
        if let Some((end, _)) = out.char_indices().nth(RESULT_CHARS_MAX) {
            out.truncate(end);
        }
        Some(out)
    }
}

/// A list is its elements with commas between.
fn push(out: &mut String, value: &Value) {
    let Value::List(list) = value else {
        out.push_str(&value.text().unwrap_or_default());
        return;
    };
    for (i, element) in list.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&element.text().unwrap_or_default());
    }
}
