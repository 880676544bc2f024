//! A message as a template: which of its pieces are fixed words and which are values that vary.

/// What stands at a varying place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    Number,
    Uuid,
    Ip,
    Hex,
    Word,
}

impl PartKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Uuid => "uuid",
            Self::Ip => "ip",
            Self::Hex => "hex",
            Self::Word => "word",
        }
    }
}

/// Bytes of a message that are looked at; what tells messages apart stands at their beginning.
const MESSAGE_BYTES: usize = 2_048;
/// Pieces of a message; stack traces have thousands.
const PIECES_MAX: usize = 128;

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Blanks and punctuation.
    Gap(&'a str),
    Word(&'a str),
    Value(PartKind, &'a str),
}

/// The pieces of a message in order; gaps and others in turn.
pub(super) fn pieces(message: &str) -> Vec<Piece<'_>> {
    let mut end = message.len().min(MESSAGE_BYTES);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let (text, mut out, mut at) = (&message[..end], Vec::new(), 0);
    while at < text.len() && out.len() < PIECES_MAX {
        let rest = &text[at..];
        if let Some((kind, len)) = compound(rest, text[..at].chars().next_back()) {
            out.push(Piece::Value(kind, &rest[..len]));
            at += len;
            continue;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let first = rest.starts_with(is_word);
        let len = match first {
            true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            // A gap ends where a word may begin, so that an address after it is seen whole.
            false => rest.find(is_word).unwrap_or(rest.len()),
        };
        let piece = &rest[..len];
        out.push(match first {
            true => kind(piece).map_or(Piece::Word(piece), |kind| Piece::Value(kind, piece)),
            false => Piece::Gap(piece),
        });
        at += len;
    }
    out
}

/// An address or id with punctuation inside, at the beginning of a text and after no word.
fn compound(rest: &str, before: Option<char>) -> Option<(PartKind, usize)> {
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
    let run = &rest[..rest.find(|c| !inside(c)).unwrap_or(rest.len())];
    if run.len() >= 36 && is_uuid(&run.as_bytes()[..36]) {
        return Some((PartKind::Uuid, 36));
    }
    let run = run.trim_end_matches(['.', ':', '-']);
    let address =
        run.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map(|(address, _)| address);
    for text in [Some(run), address].into_iter().flatten() {
        let dotted = text.matches('.').count() == 3 || text.matches(':').count() >= 2;
        if dotted && text.parse::<std::net::IpAddr>().is_ok() {
            return Some((PartKind::Ip, text.len()));
        }
    }
    let decimal = run.len() > 2 && run.contains('.') && !run.contains([':', '-']);
    (decimal && is_measure(run)).then_some((PartKind::Number, run.len()))
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(i, b)| match i {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => b.is_ascii_hexdigit(),
    })
}

/// Whether a word is a value: a number, also with a unit; hexadecimal digits; letters mixed with several digits.
fn kind(word: &str) -> Option<PartKind> {
    if is_measure(word) {
        return Some(PartKind::Number);
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let hex = word.strip_prefix("0x").unwrap_or(word);
    if hex.len() >= 6 && digits > 0 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(PartKind::Hex);
    }
    (digits >= 3).then_some(PartKind::Word)
}

/// `12`, `1.5`, `12ms`.
fn is_measure(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '%');
    let unit = text.len() - number.len();
    unit <= 3
        && number.bytes().any(|b| b.is_ascii_digit())
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}
