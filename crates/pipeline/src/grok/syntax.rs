//! The text of a rule: raw expressions and tokens `%{matcher("args"):extract:filter("args")}`.

/// A part of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Raw(String),
    Token(Token),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) matcher: Call,
    /// A path, or empty.
    pub(crate) extract: String,
    pub(crate) filters: Vec<Call>,
}

/// A name with its arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) args: Vec<Arg>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arg {
    /// In quotes.
    Text(String),
    /// A number or a word.
    Word(String),
    /// A filter as an argument of another, as `array` takes.
    Call(Call),
}

impl Arg {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(t) | Self::Word(t) => t,
            Self::Call(call) => &call.name,
        }
    }
}

/// Filters that take filters that take filters.
const DEPTH_MAX: usize = 8;
/// Arguments of one call.
const ARGS_MAX: usize = 100;

pub(crate) fn parse(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = token_at(rest) {
        if at > 0 {
            pieces.push(Piece::Raw(rest[..at].to_owned()));
        }
        let mut parser = Parser { text: rest, at: at + 2 };
        pieces.push(Piece::Token(parser.token()?));
        rest = &rest[parser.at..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Raw(rest.to_owned()));
    }
    Ok(pieces)
}

/// An expression as Java and Oniguruma write it, for an engine that does not backtrack: atomic groups are plain ones there, and
/// some escapes are spelled otherwise.
pub(crate) fn expression(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match (c, rest.chars().next()) {
            ('\\', Some(next)) => {
                rest = &rest[next.len_utf8()..];
                match next {
                    'h' => out.push_str(r"[ \t]"),
                    'R' => out.push_str(r"(?:\r\n|\n|\r)"),
                    'Z' => out.push_str(r"\z"),
                    // Word boundaries there, plain characters here.
                    '<' | '>' | ' ' => out.push(next),
                    _ => out.extend([c, next]),
                }
            }
            ('(', Some('?')) if rest.starts_with("?>") => {
                out.push_str("(?:");
                rest = &rest[2..];
            }
            _ => out.push(c),
        }
    }
    out
}

/// The next `%{` whose `%` no backslash makes plain.
fn token_at(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'%' if bytes[at + 1] == b'{' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
    }

    /// After `%{`, up to and with `}`.
    fn token(&mut self) -> Result<Token, String> {
        let matcher = self.call(0)?;
        if matcher.name.is_empty() {
            return Err("a token without a matcher: write %{matcher:name}".to_owned());
        }
        let mut token = Token { matcher, extract: String::new(), filters: Vec::new() };
        if self.take(':') {
            token.extract = self.word(|c| c == ':' || c == '}').trim().to_owned();
        }
        while self.take(':') {
            let filter = self.call(0)?;
            if !filter.name.is_empty() {
                token.filters.push(filter);
            }
        }
        if self.take('}') {
            return Ok(token);
        }
        match self.peek() {
            Some(c) => Err(format!("in %{{{}…}}: {c:?} where : or }} should be", token.matcher.name)),
            None => Err(format!("%{{{}… is not closed by }}", token.matcher.name)),
        }
    }

    fn call(&mut self, depth: usize) -> Result<Call, String> {
        if depth > DEPTH_MAX {
            return Err(format!("filters are nested more than {DEPTH_MAX} deep"));
        }
        self.blanks();
        let name = self.word(|c| matches!(c, ':' | '}' | '(' | ')' | ',')).trim().to_owned();
        let mut args = Vec::new();
        if self.take('(') {
            loop {
                self.blanks();
                if self.take(')') {
                    break;
                }
                args.push(self.arg(depth)?);
                if args.len() > ARGS_MAX {
                    return Err(format!("{name} has more than {ARGS_MAX} arguments"));
                }
                self.blanks();
                if !self.take(',') && self.peek() != Some(')') {
                    return Err(format!("the arguments of {name} are not closed by )"));
                }
            }
        }
        self.blanks();
        Ok(Call { name, args })
    }

    fn arg(&mut self, depth: usize) -> Result<Arg, String> {
        let Some(quote @ ('"' | '\'')) = self.peek() else {
            let call = self.call(depth + 1)?;
            if call.name.is_empty() {
                return Err("an argument is missing".to_owned());
            }
            return Ok(if call.args.is_empty() { Arg::Word(call.name) } else { Arg::Call(call) });
        };
        self.at += 1;
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(Arg::Text(out)),
                // Rules write `\\d` and `\d` for the same.
                '\\' if self.peek() == Some(quote) || self.peek() == Some('\\') => {
                    out.extend(self.peek());
                    self.at += 1;
                }
                c => out.push(c),
            }
        }
        Err(format!("a text in quotes is not closed by {quote}"))
    }

    fn word(&mut self, ends: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.find(ends).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}
