//! Words in texts: phrases of tokens, and the fast way to the few texts that can have one.
//!
//! In a text that is all ASCII a token is found by its bytes, whatever their case; only texts with other characters, and
//! phrases of nothing but patterns, are cut into tokens. Both ways give the same answer, which a property test keeps.

use super::{Word, Words};
use crate::text::{TOKEN_BYTES_MAX, for_each_token, is_like_hash};
use arrow_array::{Array, StringArray};

/// How often letters are in texts, the most frequent first; a byte that is not here is rare enough.
const FREQUENT: &[u8] = b"etaoinsrldchumpg0123f_y.bwvk4567899";

/// Longer phrases are looked for by their first words: one bit each while a text is read.
const WORDS_MAX: usize = 128;

/// Words made ready for many texts.
pub(super) struct Finder<'a> {
    words: &'a [Word],
    needle: Option<Needle<'a>>,
}

/// Bytes that every text with the words has, in some case.
struct Needle<'a> {
    /// Folded; ASCII.
    bytes: &'a [u8],
    /// The place in `bytes` of the rarest byte, and that byte in both cases.
    rare_at: usize,
    rare: [u8; 2],
    /// The word that the bytes are the whole of, when they are.
    whole: Option<usize>,
}

impl Words {
    /// Whether a text has the words, one token after the other. No words are in every text.
    pub fn are_in(&self, text: &str) -> bool {
        Finder::new(self).is_in(text, &mut String::new())
    }
}

impl<'a> Finder<'a> {
    pub(super) fn new(words: &'a Words) -> Self {
        let words = &words.0[..words.0.len().min(WORDS_MAX)];
        let mut needle: Option<Needle<'a>> = None;
        for (place, word) in words.iter().enumerate() {
            let (text, whole) = match word {
                Word::Token(token) => (token.as_ref(), Some(place)),
                Word::Glob(glob) => (glob.longest_literal(), None),
            };
            // A token of this length may be the hash of a long one, whose own bytes are others.
            if text.is_empty() || !text.is_ascii() || is_like_hash(text) || text.len() > TOKEN_BYTES_MAX {
                continue;
            }
            let better = needle
                .as_ref()
                .is_none_or(|n| (whole.is_some(), text.len()) > (n.whole.is_some(), n.bytes.len()));
            if better {
                needle = Some(Needle::new(text.as_bytes(), whole));
            }
        }
        Self { words, needle }
    }

    pub(super) fn is_in(&self, text: &str, scratch: &mut String) -> bool {
        if self.words.is_empty() {
            return true;
        }
        match &self.needle {
            Some(needle) if text.is_ascii() => self.is_in_ascii(needle, text, scratch),
            _ => self.is_in_tokens(text, scratch),
        }
    }

    fn is_in_ascii(&self, needle: &Needle<'_>, text: &str, scratch: &mut String) -> bool {
        let bytes = text.as_bytes();
        let Some(place) = needle.whole else {
            return needle.find(bytes, 0).is_some() && self.is_in_tokens(text, scratch);
        };
        let mut from = 0;
        while let Some(at) = needle.find(bytes, from) {
            if self.is_at(needle, bytes, (at, place)) {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Whether the needle, found at a place of a text that is all ASCII, is its word whole, among its neighbours.
    fn is_at(&self, needle: &Needle<'_>, text: &[u8], (at, place): (usize, usize)) -> bool {
        let end = at + needle.bytes.len();
        let starts = at == 0 || !is_word(text[at - 1]);
        let ends = end == text.len() || !is_word(text[end]);
        starts && ends && self.neighbours_match(text, at, end, place)
    }

    /// Shows the rows of a column that have the words, in order, by one search through all its bytes. `false` when that
    /// can't be done: nothing to look for by bytes, or not all ASCII.
    pub(super) fn each_in(&self, texts: &StringArray, mut visit: impl FnMut(usize)) -> bool {
        let (offsets, bytes) = (texts.value_offsets(), texts.value_data());
        let place = |row: usize| offsets.get(row).map_or(0, |at| usize::try_from(*at).unwrap_or(0));
        let end = place(texts.len());
        let Some(needle) = self.needle.as_ref().filter(|_| bytes[place(0)..end].is_ascii()) else {
            return false;
        };
        let Some(search) = needle.search() else { return false };
        let (mut row, mut from, mut scratch) = (0, place(0), String::new());
        while let Some(found) = search.find_at(&bytes[..end], from) {
            while place(row + 1) <= found.start() {
                row += 1;
            }
            let (begin, stop) = (place(row), place(row + 1));
            from = found.start() + 1;
            if found.end() > stop {
                continue;
            }
            let is_in = match needle.whole {
                Some(word) => self.is_at(needle, &bytes[begin..stop], (found.start() - begin, word)),
                None => {
                    from = stop;
                    self.is_in_tokens(texts.value(row), &mut scratch)
                }
            };
            if is_in {
                visit(row);
                from = stop;
            }
        }
        true
    }

    /// Whether the words around the one found are there too.
    fn neighbours_match(&self, text: &[u8], at: usize, end: usize, place: usize) -> bool {
        let (mut begin, mut end) = (at, end);
        for word in &self.words[place + 1..] {
            let Some(start) = text[end..].iter().position(|&b| is_word(b)).map(|i| end + i) else {
                return false;
            };
            end = text[start..].iter().position(|&b| !is_word(b)).map_or(text.len(), |i| start + i);
            if !word_is(word, &text[start..end]) {
                return false;
            }
        }
        for word in self.words[..place].iter().rev() {
            let Some(stop) = text[..begin].iter().rposition(|&b| is_word(b)).map(|i| i + 1) else {
                return false;
            };
            begin = text[..stop].iter().rposition(|&b| !is_word(b)).map_or(0, |i| i + 1);
            if !word_is(word, &text[begin..stop]) {
                return false;
            }
        }
        true
    }

    fn is_in_tokens(&self, text: &str, scratch: &mut String) -> bool {
        // Which beginnings of the phrase end at the last token: bit i says that words 0..=i do.
        let (mut open, mut found) = (0_u128, false);
        let words = self.words;
        let last = 1_u128 << (words.len() - 1);
        for_each_token(text, scratch, |token| {
            if found {
                return;
            }
            let mut wanted = open << 1 | 1;
            open = 0;
            while wanted != 0 {
                let bit = wanted.trailing_zeros();
                wanted &= wanted - 1;
                if words.get(bit as usize).is_some_and(|word| word.is(token)) {
                    open |= 1 << bit;
                }
            }
            found = open & last != 0;
        });
        found
    }
}

impl Word {
    fn is(&self, token: &str) -> bool {
        match self {
            Self::Token(word) => word.as_ref() == token,
            Self::Glob(glob) => glob.matches(token),
        }
    }
}

/// Whether a run of ASCII is the word.
fn word_is(word: &Word, run: &[u8]) -> bool {
    match word {
        Word::Token(token) if run.len() <= TOKEN_BYTES_MAX => token.as_bytes().eq_ignore_ascii_case(run),
        _ => {
            let (Ok(text), mut is) = (std::str::from_utf8(run), false) else { return false };
            for_each_token(text, &mut String::new(), |token| is = word.is(token));
            is
        }
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

impl<'a> Needle<'a> {
    fn new(bytes: &'a [u8], whole: Option<usize>) -> Self {
        let rarity = |b: u8| FREQUENT.iter().position(|&f| f == b).unwrap_or(FREQUENT.len());
        let rare_at = (0..bytes.len()).max_by_key(|&i| rarity(bytes[i])).unwrap_or(0);
        let rare = bytes[rare_at];
        Self { bytes, rare_at, rare: [rare.to_ascii_lowercase(), rare.to_ascii_uppercase()], whole }
    }

    /// A search for the bytes in any case through many texts at once: several times as fast as [`Needle::find`], but it
    /// costs some 20 µs to make.
    fn search(&self) -> Option<regex::bytes::Regex> {
        let text = std::str::from_utf8(self.bytes).ok()?;
        regex::bytes::RegexBuilder::new(&regex::escape(text))
            .case_insensitive(true)
            .unicode(false)
            .build()
            .ok()
    }

    /// The first place at or after `from`.
    fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut rest = from + self.rare_at;
        while rest < text.len() {
            let found = memchr::memchr2(self.rare[0], self.rare[1], &text[rest..])? + rest;
            let at = found - self.rare_at;
            let end = at + self.bytes.len();
            if end <= text.len() && text[at..end].eq_ignore_ascii_case(self.bytes) {
                return Some(at);
            }
            rest = found + 1;
        }
        None
    }
}

#[cfg(test)]
mod tests;
