//! Logs as JSON: a list, one object, objects one after the other or a line each; and plain lines. Straight into the columns of
//! a [`RowBatchBuilder`], in one pass over the text.
//!
//! Reserved attributes go where Datadog's default remapping puts them (see [`reserved`]); everything else is an attribute
//! under its dotted path. A row that can't be read is refused, and reading goes on behind it; only a body of which nothing
//! can be read is an error.

mod encode;
mod escape;
mod held;
mod paths;
mod reserved;
mod row;
mod scan;
mod status;
mod time;

pub use encode::encode;

pub(crate) use row::{Head, RowReader};
pub(crate) use status::{SEVERITIES, says_only, status_of_word};
pub(crate) use time::{iso, time_of_text};

use crate::{Error, Result};
use oriel_model::{Reason, RowBatchBuilder};
use scan::{Bad, Scan};
use std::borrow::Cow;

/// How a body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A list of objects, or objects one after the other.
    Json,
    /// A log a line; a line that is a JSON object is read as one.
    Lines,
}

impl Form {
    /// By the request's content type; what says nothing is JSON.
    pub fn of_content_type(content_type: Option<&str>) -> Self {
        match content_type {
            Some(t) if t.trim_start().starts_with("text/") && !t.contains("json") => Self::Lines,
            _ => Self::Json,
        }
    }
}

/// What a request says of all its rows, for those that do not say it themselves.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    pub now_ns: i64,
    /// With commas between; they are added to every row's own.
    pub tags: String,
    pub source: String,
    pub service: String,
    pub host: String,
}

/// Decodes a body.
pub fn decode(body: &[u8], form: Form, defaults: &Defaults, builder: &mut RowBatchBuilder) -> Result<()> {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = RowReader::new(defaults, builder);
    match form {
        Form::Json => values(text, &mut reader),
        Form::Lines => {
            lines(text, &mut reader);
            Ok(())
        }
    }
}

fn lines(text: &str, reader: &mut RowReader<'_>) {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        reader.plain(line);
    }
}

/// Objects and lists of objects, with space, line ends or commas between.
fn values(text: &str, reader: &mut RowReader<'_>) -> Result<()> {
    let mut scan = Scan::new(text);
    let mut listed = 0_usize;
    let mut failed: Option<Bad> = None;
    while let Some(byte) = scan.past_separators(listed > 0) {
        match byte {
            b'[' if listed == 0 => {
                scan.bump();
                listed = 1;
            }
            b']' if listed > 0 => {
                scan.bump();
                listed = 0;
            }
            _ => {
                let begin = scan;
                let read = reader.value(&mut scan);
                if let Err(bad) = read {
                    scan = begin;
                    let cut = scan.past_broken(listed > 0);
                    reader.refuse(&bad, cut);
                    failed.get_or_insert(bad);
                }
            }
        }
    }
    match failed {
        Some(bad) if reader.rows() == 0 => {
            Err(Error::Syntax { format: "JSON", detail: format!("{} at byte {}", bad.what, bad.at) })
        }
        _ => Ok(()),
    }
}

/// The words of a comma-separated list.
fn split_tags(tags: &str) -> impl Iterator<Item = Cow<'_, str>> {
    tags.split(',').map(str::trim).filter(|t| !t.is_empty()).map(oriel_model::normalise_tag)
}

/// Why a row was refused, for the builder.
fn refuse(builder: &mut RowBatchBuilder, bad: &Bad, text: &str) {
    builder.reject(Reason::BadSyntax, || format!("{} at byte {}: {text}", bad.what, bad.at));
}

#[cfg(test)]
mod tests;
