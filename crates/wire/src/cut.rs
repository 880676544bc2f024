//! Texts that are too long for a row, cut as the agent does it: what a sender wrote too much of costs it the end of the text,
//! not the row.

use oriel_model::{Core, KeyId, RowBatchBuilder, ValueRef};

/// How the agent marks what it had to cut.
const TRUNCATED: &str = "...TRUNCATED...";

/// The text cut so that it and the mark fit.
pub(crate) fn truncated(text: &str, bytes_max: usize) -> String {
    let most = bytes_max.saturating_sub(TRUNCATED.len());
    let cut = (0..=most.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    format!("{}{TRUNCATED}", &text[..cut])
}

/// Sets the message of the open row.
pub(crate) fn message(builder: &mut RowBatchBuilder, text: &str) {
    let most = builder.limits().message_bytes;
    match text.len() > most {
        true => builder.set_text(Core::Message, &truncated(text, most)),
        false => builder.set_text(Core::Message, text),
    }
}

/// Sets a core text of few values.
pub(crate) fn word(builder: &mut RowBatchBuilder, core: Core, text: &str) {
    let most = builder.limits().word_bytes;
    match text.len() > most {
        true => builder.set_text(core, &truncated(text, most)),
        false => builder.set_text(core, text),
    }
}

/// Sets a text attribute of the open row.
pub(crate) fn attribute(builder: &mut RowBatchBuilder, key: KeyId, text: &str) {
    let most = builder.limits().attribute_bytes;
    match text.len() > most {
        true => builder.attr(key, ValueRef::Text(&truncated(text, most))),
        false => builder.attr(key, ValueRef::Text(text)),
    }
}
