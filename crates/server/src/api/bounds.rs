//! How much a document that people name and tag may say. What is longer is a mistake of a script, and would be carried into every
//! list, notice and mail.

use crate::answer::{Answer, Failure};
use crate::extract::shown;
use serde_json::Value;

/// Signs of a name; titles that people read have a tenth.
const NAME_CHARS_MAX: usize = 1_000;
/// Bytes of a message or a description: forty pages.
const TEXT_BYTES_MAX: usize = 100_000;
const TAGS_MAX: usize = 1_000;
const TAG_CHARS_MAX: usize = 500;

/// Every reason for refusing the names, texts and tags of a document.
pub(crate) fn check(document: &Value) -> Answer<()> {
    let mut wrong = Vec::new();
    if let Some(name) = document["name"].as_str() {
        text("name", name, &mut wrong);
        let chars = name.chars().count();
        if chars > NAME_CHARS_MAX {
            wrong.push(format!("name: has {chars} characters; at most {NAME_CHARS_MAX} are taken"));
        }
    }
    for field in ["message", "description"] {
        let Some(said) = document[field].as_str() else { continue };
        text(field, said, &mut wrong);
        if said.len() > TEXT_BYTES_MAX {
            wrong.push(format!("{field}: has {} bytes; at most {TEXT_BYTES_MAX} are taken", said.len()));
        }
    }
    if let Some(all) = document["tags"].as_array() {
        tags(all, &mut wrong);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::invalid_each(wrong)) }
}

fn tags(all: &[Value], wrong: &mut Vec<String>) {
    if all.len() > TAGS_MAX {
        wrong.push(format!("tags: there are {}; at most {TAGS_MAX} are taken", all.len()));
    }
    for tag in all.iter().take(TAGS_MAX).filter_map(Value::as_str) {
        text("tags", tag, wrong);
        if tag.chars().count() > TAG_CHARS_MAX {
            wrong.push(format!("tags: {} is longer than {TAG_CHARS_MAX} characters", shown(tag)));
        }
    }
}

/// Channels and mail end a text at a zero.
fn text(field: &str, said: &str, wrong: &mut Vec<String>) {
    if said.contains('\0') {
        wrong.push(format!("{field}: {} has a null character; take it out", shown(said)));
    }
}

#[cfg(test)]
mod tests;
