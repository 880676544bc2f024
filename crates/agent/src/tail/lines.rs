//! Bytes to lines, with where each ends in its file.
//!
//! Invariants: every byte belongs to exactly one line; a line without its end is held back until the rest comes, or cut off at
//! [`LINE_BYTES_MAX`]; what is no valid text is kept with replacement characters.

use super::config::Encoding;

/// Longest line that is one log: what the intakes take as a message, less what may be added to it.
pub(crate) const LINE_BYTES_MAX: usize = 1_000_000;

/// A line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// Where the next line begins.
    pub(crate) end: u64,
    /// It was longer than a line may be, and goes on in the next one.
    pub(crate) is_cut: bool,
}

pub(crate) struct LineSplitter {
    encoding: Encoding,
    pending: Vec<u8>,
    /// Bytes of `pending` that have no line end.
    searched: usize,
    /// The place in the file of the first byte of `pending`.
    offset: u64,
}

impl LineSplitter {
    pub(crate) fn new(encoding: Encoding, offset: u64) -> Self {
        Self { encoding, pending: Vec::new(), searched: 0, offset }
    }

    /// Where reading goes on.
    pub(crate) fn position(&self) -> u64 {
        self.offset + self.pending.len() as u64
    }

    /// Takes bytes read at [`Self::position`], and gives the lines that are whole by now.
    pub(crate) fn feed(&mut self, bytes: &[u8], lines: &mut Vec<Line>) {
        self.pending.extend_from_slice(bytes);
        let mut begin = 0;
        loop {
            let (at, width) = match self.line_end(begin.max(self.searched)) {
                Some(found) => found,
                None if self.pending.len() - begin > LINE_BYTES_MAX => {
                    let cut = self.cut_at(begin);
                    lines.push(self.line((begin, cut), cut, true));
                    begin = cut;
                    continue;
                }
                None => break,
            };
            if at - begin > LINE_BYTES_MAX {
                let cut = self.cut_at(begin);
                lines.push(self.line((begin, cut), cut, true));
                begin = cut;
                continue;
            }
            lines.push(self.line((begin, at), at + width, false));
            begin = at + width;
            self.searched = begin;
        }
        self.offset += begin as u64;
        self.pending.drain(..begin);
        // Of a line end of two bytes the first may be here.
        self.searched = self.pending.len() & !1;
    }

    /// The line that has no end, when nothing more can come.
    pub(crate) fn finish(&mut self) -> Option<Line> {
        if self.pending.is_empty() {
            return None;
        }
        let all = self.pending.len();
        let line = self.line((0, all), all, false);
        self.offset += all as u64;
        self.pending.clear();
        self.searched = 0;
        Some(line)
    }

    /// The next line end at or after a place, and its width.
    fn line_end(&self, from: usize) -> Option<(usize, usize)> {
        let newline = match self.encoding {
            Encoding::Utf8 => {
                return self.pending[from..].iter().position(|&b| b == b'\n').map(|i| (from + i, 1));
            }
            Encoding::Utf16Le => [b'\n', 0],
            Encoding::Utf16Be => [0, b'\n'],
        };
        let from = from & !1;
        self.pending[from..].chunks_exact(2).position(|pair| pair == newline).map(|i| (from + 2 * i, 2))
    }

    /// Where a line that is too long is cut: between characters.
    fn cut_at(&self, begin: usize) -> usize {
        let mut at = begin + LINE_BYTES_MAX;
        if self.encoding != Encoding::Utf8 {
            return at & !1;
        }
        // A character has at most four bytes.
        for _ in 0..3 {
            match self.pending.get(at) {
                Some(b) if b & 0xc0 == 0x80 => at -= 1,
                _ => break,
            }
        }
        at
    }

    fn line(&self, (begin, end): (usize, usize), next: usize, is_cut: bool) -> Line {
        let bytes = &self.pending[begin..end];
        let mut text = match self.encoding {
            Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Encoding::Utf16Le => utf16(bytes, u16::from_le_bytes),
            Encoding::Utf16Be => utf16(bytes, u16::from_be_bytes),
        };
        if text.ends_with('\r') {
            text.pop();
        }
        // The mark at the begin of a file.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Line { text, end: self.offset + next as u64, is_cut }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests;
