//! Blocks by parts of words: what a literal inside of a pattern over messages says of the tokens around it.

use super::prune::{Asked, Pass, Passes};
use super::terms::TOKEN;
use crate::Result;
use memchr::memmem;
use oriel_model::Test;
use oriel_model::text::{self, Piece};

/// Tokens may be written with anything.
pub(super) const ALL_LETTERS: u64 = (1 << 38) - 1;

/// What a token is written with: a bit for each of a to z, 0 to 9 and `_`, and one for all other letters.
pub(super) fn letters(token: &[u8]) -> u64 {
    let bit = |&b: &u8| match b {
        b'a'..=b'z' => 1 << (b - b'a'),
        b'0'..=b'9' => 1 << (26 + b - b'0'),
        b'_' => 1 << 36,
        _ => 1 << 37,
    };
    token.iter().map(bit).fold(0, |all, bit| all | bit)
}

/// A part of a token.
struct Part<'a> {
    text: &'a [u8],
    begins: bool,
    ends: bool,
}

impl Asked<'_> {
    /// Blocks whose tokens can make up the literals that a test of the message requires.
    pub(super) fn message(&self, test: &Test) -> Result<Passes> {
        let known = &self.file.head.known;
        let mut passes = self.unknown();
        if !known.rare || known.text_version != text::VERSION {
            return Ok(passes);
        }
        let mut pieces: Vec<Piece> =
            test.required().iter().flat_map(|literal| text::pieces(literal)).collect();
        // Whole tokens cost a page of the dictionary, begins a few, other parts all of it; long parts rule out more.
        pieces.sort_by_key(|piece| match piece {
            Piece::Token(_) => (0, 0),
            Piece::Part { text, begins, .. } => (2 - u8::from(*begins), usize::MAX - text.len()),
        });
        for piece in &pieces {
            if passes.iter().all(|pass| pass.most == 0) {
                break;
            }
            match piece {
                Piece::Token(token) => {
                    let term = self.term(&[&[TOKEN], token.as_bytes()].concat())?;
                    passes.iter_mut().zip(term).for_each(|(pass, of)| pass.most = pass.most.min(of.most));
                }
                Piece::Part { text, begins, ends } => {
                    self.part(&Part { text: text.as_bytes(), begins: *begins, ends: *ends }, &mut passes)?;
                }
            }
        }
        Ok(passes)
    }

    /// Rules out blocks without a token that has the part: a frequent one by the dictionary, a rare one by its letters.
    fn part(&self, part: &Part<'_>, passes: &mut [Pass]) -> Result<()> {
        let wanted = letters(part.text);
        let blocks = &self.file.head.blocks;
        // Of blocks that are still in doubt: whether a frequent token has the part.
        let mut in_doubt: Vec<Option<bool>> = passes
            .iter()
            .zip(self.numbers)
            .map(|(pass, &b)| {
                (pass.most > 0 && blocks[b as usize].letters & wanted != wanted).then_some(false)
            })
            .collect();
        if in_doubt.iter().all(Option::is_none) {
            return Ok(());
        }
        let begin = if part.begins { part.text } else { b"" };
        let search = memmem::Finder::new(part.text);
        let is_wanted = |rest: &[u8]| match (part.begins, part.ends) {
            (true, _) => true,
            (false, true) => rest.ends_with(part.text),
            (false, false) => search.find(rest).is_some(),
        };
        self.file.terms_where(&[&[TOKEN], begin].concat(), is_wanted, |_, postings| {
            for (block, _) in postings {
                if let Ok(at) = self.numbers.binary_search(&block)
                    && let Some(found) = &mut in_doubt[at]
                {
                    *found = true;
                }
            }
        })?;
        for (pass, found) in passes.iter_mut().zip(in_doubt) {
            if found == Some(false) {
                pass.most = 0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
