//! Browser, system and device behind a User-Agent header.

use crate::percent;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use woothee::parser::Parser;

/// Longest header that is read; browsers send at most some hundred bytes.
const BYTES_MAX: usize = 4 << 10;
/// What woothee says of what it does not know.
const UNKNOWN: &str = "UNKNOWN";

pub(crate) fn details(text: &str, is_encoded: bool) -> Option<Json> {
    let text = if is_encoded { percent::decode(text) } else { Cow::Borrowed(text) };
    if text.is_empty() || text.len() > BYTES_MAX {
        return None;
    }
    let Some(found) = Parser::new().parse(&text) else {
        return Some(json!({
            "browser": { "family": "Other" }, "os": { "family": "Other" },
            "device": { "family": "Other", "category": "Other" },
        }));
    };
    let category = match found.category {
        "pc" => "Desktop",
        "smartphone" | "mobilephone" => "Mobile",
        "crawler" => "Bot",
        _ => "Other",
    };
    let device = match found.os {
        name @ ("iPhone" | "iPad" | "iPod") => name,
        "Mac OSX" => "Mac",
        _ => "Other",
    };
    Some(json!({
        "browser": versioned(found.name, found.version),
        "os": versioned(found.os, &found.os_version),
        "device": { "family": device, "category": category },
    }))
}

/// A name with the first three numbers of its version.
fn versioned(name: &str, version: &str) -> Json {
    let mut out = Map::new();
    let family = if name == UNKNOWN || name.is_empty() { "Other" } else { name };
    out.insert("family".to_owned(), json!(family));
    if version != UNKNOWN {
        for (key, part) in ["major", "minor", "patch"].into_iter().zip(version.split(['.', '_'])) {
            if !part.is_empty() {
                out.insert(key.to_owned(), json!(part));
            }
        }
    }
    Json::Object(out)
}
