//! Ids of rows and cursors of lists as texts for URLs and JSON.

use crate::answer::{Answer, Failure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oriel_model::Value;
use oriel_store::{Cursor, RowId};
use serde_json::json;

/// 22 characters.
pub(crate) fn id_text(id: RowId) -> String {
    let mut bytes = [0_u8; 16];
    bytes[..8].copy_from_slice(&id.time_ns.to_be_bytes());
    bytes[8..].copy_from_slice(&id.hash.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn parse_id(text: &str) -> Answer<RowId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|b| <[u8; 16]>::try_from(b).ok());
    let bytes =
        bytes.ok_or_else(|| Failure::invalid(format!("{text:?} is no id of a row; take one from a list")))?;
    let (time, hash) = bytes.split_at(8);
    let word = |half: &[u8]| half.try_into().map(u64::from_be_bytes).unwrap_or(0);
    Ok(RowId { time_ns: word(time).cast_signed(), hash: word(hash) })
}

/// Opaque to clients.
pub(crate) fn cursor_text(cursor: &Cursor) -> String {
    let parts = json!([cursor.key.to_json(), id_text(cursor.id), cursor.skip]);
    URL_SAFE_NO_PAD.encode(parts.to_string())
}

pub(crate) fn parse_cursor(text: &str) -> Answer<Cursor> {
    let wrong = || Failure::invalid("the cursor is not one that this server gave; start from the first page");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let (key, id, skip): (serde_json::Value, String, u32) =
        serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    Ok(Cursor { key: Value::from_json(&key), id: parse_id(&id).map_err(|_| wrong())?, skip })
}

#[cfg(test)]
mod tests;
