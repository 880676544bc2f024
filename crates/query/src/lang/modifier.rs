//! What follows a query after a dot: `.rollup(…)`, `.as_count()`, `.as_rate()`, `.fill(…)`, `.weighted()`.

use super::ast::{Aggregator, FillMethod, Modifier};
use super::lexer::Cursor;
use super::{ParseError, ParseResult};

const MODIFIERS: [&str; 5] = ["rollup", "as_count", "as_rate", "fill", "weighted"];

/// A rollup's or window's seconds: up to a year.
pub(crate) const SECONDS_MAX: f64 = 366.0 * 86_400.0;

/// Reads the modifier behind a dot that was taken at `dot`.
pub(super) fn modifier(cursor: &mut Cursor<'_>, dot: usize) -> ParseResult<Modifier> {
    cursor.skip_blanks();
    let word = cursor.word(|_| false).unwrap_or_default();
    if !MODIFIERS.contains(&word) {
        let message = if word.is_empty() {
            format!("{} after the dot", cursor.found())
        } else {
            format!("there is no modifier .{word}()")
        };
        return Err(ParseError::new(dot, message, &MODIFIERS));
    }
    cursor.expect('(', "a modifier")?;
    let read = match word {
        "rollup" => rollup(cursor)?,
        "fill" => fill(cursor)?,
        "as_count" => Modifier::AsCount,
        "as_rate" => Modifier::AsRate,
        _ => Modifier::Weighted,
    };
    cursor.expect(')', "the modifier")?;
    Ok(read)
}

fn rollup(cursor: &mut Cursor<'_>) -> ParseResult<Modifier> {
    cursor.skip_blanks();
    let at = cursor.at;
    if let Some(seconds) = seconds(cursor)? {
        return Ok(Modifier::Rollup { method: None, seconds: Some(seconds) });
    }
    let word = word_or_text(cursor)?;
    let Some(method) = Aggregator::from_word(word) else {
        return Err(ParseError::new(
            at,
            format!("\"{word}\" is no way to roll up"),
            &["avg", "sum", "min", "max", "count", "seconds"],
        ));
    };
    let seconds = after_comma(cursor)?;
    Ok(Modifier::Rollup { method: Some(method), seconds })
}

fn fill(cursor: &mut Cursor<'_>) -> ParseResult<Modifier> {
    cursor.skip_blanks();
    let at = cursor.at;
    let word = word_or_text(cursor)?;
    let Some(method) = FillMethod::from_word(word) else {
        let expected = ["linear", "last", "zero", "null"];
        return Err(ParseError::new(at, format!("\"{word}\" is no way to fill"), &expected));
    };
    let limit_s = after_comma(cursor)?;
    Ok(Modifier::Fill { method, limit_s })
}

fn after_comma(cursor: &mut Cursor<'_>) -> ParseResult<Option<u32>> {
    if !cursor.eat(',') {
        return Ok(None);
    }
    cursor.skip_blanks();
    match seconds(cursor)? {
        Some(seconds) => Ok(Some(seconds)),
        None => {
            Err(ParseError::new(cursor.at, format!("{} after the comma", cursor.found()), &["whole seconds"]))
        }
    }
}

/// Whole seconds of at least one, or nothing when no number stands here.
fn seconds(cursor: &mut Cursor<'_>) -> ParseResult<Option<u32>> {
    let at = cursor.at;
    let Some(number) = cursor.number()? else { return Ok(None) };
    if number < 1.0 || number.fract() != 0.0 || number > SECONDS_MAX {
        return Err(ParseError::new(
            at,
            "this is not a number of whole seconds of a year at most",
            &["whole seconds"],
        ));
    }
    Ok(Some(number as u32))
}

fn word_or_text<'a>(cursor: &mut Cursor<'a>) -> ParseResult<&'a str> {
    if let Some(text) = cursor.quoted()? {
        return Ok(text);
    }
    Ok(cursor.word(|c| c == '.').unwrap_or_default())
}
