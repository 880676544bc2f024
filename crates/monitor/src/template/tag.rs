//! What stands between braces: the words of a tag, with quotes, parentheses and bracketed names.

/// One word of a tag.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// Bare: `host.name`, `[dotted.key].name`.
    Name(String),
    Quoted(String),
    /// `(eval "…")`: what stands in the parentheses.
    Nested(String),
}

/// The words of a tag, at most 200: `is_match` with long lists of names has some dozens.
const WORDS_MAX: usize = 200;

/// The words, or what is wrong.
pub(super) fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        if found.len() == WORDS_MAX {
            return Err(format!("more than {WORDS_MAX} words in one tag"));
        }
        let (word, after) = match first {
            '"' | '\'' | '`' => quoted(rest, first)?,
            '(' => nested(rest)?,
            _ => bare(rest),
        };
        found.push(word);
        rest = after.trim_start();
    }
    Ok(found)
}

fn quoted(text: &str, quote: char) -> Result<(Word, &str), String> {
    let inner = &text[quote.len_utf8()..];
    let end = inner.find(quote).ok_or_else(|| format!("the quote {quote} is not closed"))?;
    Ok((Word::Quoted(inner[..end].to_owned()), &inner[end + quote.len_utf8()..]))
}

/// Up to the parenthesis that closes the first, quotes left alone.
fn nested(text: &str) -> Result<(Word, &str), String> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return Ok((Word::Nested(text[1..at].to_owned()), &text[at + 1..]));
                }
            }
            _ => {}
        }
    }
    Err("a parenthesis is not closed".to_owned())
}

/// Up to the next blank outside brackets.
fn bare(text: &str) -> (Word, &str) {
    let mut is_in_brackets = false;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '[' => is_in_brackets = true,
            ']' => is_in_brackets = false,
            _ => {}
        }
        c.is_whitespace() && !is_in_brackets
    });
    let end = end.map_or(text.len(), |(at, _)| at);
    (Word::Name(text[..end].to_owned()), &text[end..])
}

/// A name as [`super::Values`] is asked: without brackets, `[dotted.key].name` as `dotted.key.name`.
pub(super) fn plain_name(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '[' | ']')).collect()
}

/// Whether a text can be the name of a variable: tags hold letters of any script, and a few signs.
pub(super) fn is_name(text: &str) -> bool {
    let is_sign = |c: char| matches!(c, '.' | '_' | '-' | '@' | '/' | ':' | '[' | ']' | '$' | ' ' | '*');
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '[' | '_'))
        && text.chars().all(|c| c.is_alphanumeric() || is_sign(c))
}
