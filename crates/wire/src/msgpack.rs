//! MessagePack by hand: values borrowed from the body, no tree of them.
//!
//! Lengths are checked against what is left of the body before anything is made of them, and passing over a value takes no
//! stack, however deep it nests. Writers differ in the width of the numbers and headers that they choose; any is taken.

use serde_json::Value as Json;

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("a value is cut off")]
    Cut,
    #[error("a value has type byte 0x{0:02x} where {1} is expected")]
    Unexpected(u8, &'static str),
    #[error("values nest deeper than {DEPTH_MAX}")]
    TooDeep,
}

/// How deep a value may nest that is turned into JSON; real ones stay under ten.
pub(crate) const DEPTH_MAX: usize = 32;

/// A number of any width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    /// Only what does not fit an `Int`.
    Uint(u64),
    Float(f64),
}

/// Reads values in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// The head of a value; what follows of an array or map is still to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Nil,
    Bool(bool),
    Number(Number),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    Array(usize),
    Map(usize),
}

type Read<T> = Result<T, Malformed>;

impl<'a> Reader<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the next value is a map.
    pub(crate) fn at_map(&self) -> bool {
        matches!(self.rest.first(), Some(0x80..=0x8f | 0xde | 0xdf))
    }

    /// How many values follow; nil is an empty array.
    pub(crate) fn array(&mut self) -> Read<usize> {
        let first = self.peek()?;
        match self.token()? {
            Token::Array(n) => Ok(n),
            Token::Nil => Ok(0),
            _ => Err(Malformed::Unexpected(first, "an array")),
        }
    }

    /// How many pairs follow; nil is an empty map.
    pub(crate) fn map(&mut self) -> Read<usize> {
        let first = self.peek()?;
        match self.token()? {
            Token::Map(n) => Ok(n),
            Token::Nil => Ok(0),
            _ => Err(Malformed::Unexpected(first, "a map")),
        }
    }

    /// A text or bytes; nil is an empty one.
    #[inline]
    pub(crate) fn text(&mut self) -> Read<&'a [u8]> {
        let first = self.peek()?;
        if let 0xa0..=0xbf = first {
            let rest = &self.rest[1..];
            let (text, rest) = rest.split_at_checked(usize::from(first & 0x1f)).ok_or(Malformed::Cut)?;
            self.rest = rest;
            return Ok(text);
        }
        match self.token()? {
            Token::Text(text) | Token::Bytes(text) => Ok(text),
            Token::Nil => Ok(&[]),
            _ => Err(Malformed::Unexpected(first, "a text")),
        }
    }

    /// A number; truth values count as 0 and 1, nil as 0.
    #[inline]
    pub(crate) fn number(&mut self) -> Read<Number> {
        let first = self.peek()?;
        match self.token()? {
            Token::Number(n) => Ok(n),
            Token::Bool(b) => Ok(Number::Int(i64::from(b))),
            Token::Nil => Ok(Number::Int(0)),
            _ => Err(Malformed::Unexpected(first, "a number")),
        }
    }

    /// An id or index: a negative number stands for its 64 bits.
    #[inline]
    pub(crate) fn uint(&mut self) -> Read<u64> {
        Ok(match self.number()? {
            Number::Int(n) => n as u64,
            Number::Uint(n) => n,
            Number::Float(x) => x as u64,
        })
    }

    /// A time, duration or code; what does not fit is the nearest that does.
    pub(crate) fn int(&mut self) -> Read<i64> {
        Ok(match self.number()? {
            Number::Int(n) => n,
            Number::Uint(_) => i64::MAX,
            Number::Float(x) => x as i64,
        })
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        Ok(self.uint()? != 0)
    }

    /// The bytes of the next value, whatever it is.
    pub(crate) fn value(&mut self) -> Read<&'a [u8]> {
        let begin = self.rest;
        self.skip()?;
        Ok(&begin[..begin.len() - self.rest.len()])
    }

    /// Passes over the next value.
    pub(crate) fn skip(&mut self) -> Read<()> {
        let mut left = 1_usize;
        while left > 0 {
            left -= 1;
            match self.token()? {
                Token::Array(n) => left = left.saturating_add(n),
                Token::Map(n) => left = left.saturating_add(n.saturating_mul(2)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The next value as JSON. Bytes that are no text become numbers of a list; a key that is no text becomes one.
    pub(crate) fn json(&mut self) -> Read<Json> {
        self.json_at(0)
    }

    fn json_at(&mut self, depth: usize) -> Read<Json> {
        if depth > DEPTH_MAX {
            return Err(Malformed::TooDeep);
        }
        Ok(match self.token()? {
            Token::Nil => Json::Null,
            Token::Bool(b) => Json::Bool(b),
            Token::Number(Number::Int(n)) => n.into(),
            Token::Number(Number::Uint(n)) => n.into(),
            Token::Number(Number::Float(x)) => x.into(),
            Token::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
            Token::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(_) => bytes.into(),
            },
            Token::Array(n) => {
                (0..n).map(|_| self.json_at(depth + 1)).collect::<Read<Vec<Json>>>().map(Json::Array)?
            }
            Token::Map(n) => {
                let mut map = serde_json::Map::new();
                for _ in 0..n {
                    let key = match self.json_at(depth + 1)? {
                        Json::String(text) => text,
                        other => other.to_string(),
                    };
                    map.insert(key, self.json_at(depth + 1)?);
                }
                Json::Object(map)
            }
        })
    }

    fn peek(&self) -> Read<u8> {
        self.rest.first().copied().ok_or(Malformed::Cut)
    }

    #[inline]
    fn token(&mut self) -> Read<Token<'a>> {
        let (&first, rest) = self.rest.split_first().ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(match first {
            0x00..=0x7f => Token::Number(Number::Int(i64::from(first))),
            0x80..=0x8f => self.container(u64::from(first & 0x0f), 2).map(Token::Map)?,
            0x90..=0x9f => self.container(u64::from(first & 0x0f), 1).map(Token::Array)?,
            0xa0..=0xbf => Token::Text(self.take(u64::from(first & 0x1f))?),
            0xe0..=0xff => Token::Number(Number::Int(i64::from(first as i8))),
            _ => self.wide(first)?,
        })
    }

    /// Values whose length or number stands in the bytes after the first.
    fn wide(&mut self, first: u8) -> Read<Token<'a>> {
        let int = |n: i64| Token::Number(Number::Int(n));
        Ok(match first {
            0xc0 => Token::Nil,
            0xc2 | 0xc3 => Token::Bool(first == 0xc3),
            0xc4..=0xc6 => {
                let len = self.length(first - 0xc4)?;
                Token::Bytes(self.take(len)?)
            }
            0xc7..=0xc9 => {
                let len = self.length(first - 0xc7)?;
                Token::Bytes(self.take(len + 1)?)
            }
            0xca => Token::Number(Number::Float(f64::from(f32::from_be_bytes(self.bytes()?)))),
            0xcb => Token::Number(Number::Float(f64::from_be_bytes(self.bytes()?))),
            0xcc => int(i64::from(u8::from_be_bytes(self.bytes()?))),
            0xcd => int(i64::from(u16::from_be_bytes(self.bytes()?))),
            0xce => int(i64::from(u32::from_be_bytes(self.bytes()?))),
            0xcf => Token::Number(unsigned(u64::from_be_bytes(self.bytes()?))),
            0xd0 => int(i64::from(i8::from_be_bytes(self.bytes()?))),
            0xd1 => int(i64::from(i16::from_be_bytes(self.bytes()?))),
            0xd2 => int(i64::from(i32::from_be_bytes(self.bytes()?))),
            0xd3 => int(i64::from_be_bytes(self.bytes()?)),
            0xd4..=0xd8 => Token::Bytes(self.take((1 << (first - 0xd4)) + 1)?),
            0xd9..=0xdb => {
                let len = self.length(first - 0xd9)?;
                Token::Text(self.take(len)?)
            }
            0xdc | 0xdd => {
                let len = self.length(first - 0xdc + 1)?;
                self.container(len, 1).map(Token::Array)?
            }
            0xde | 0xdf => {
                let len = self.length(first - 0xde + 1)?;
                self.container(len, 2).map(Token::Map)?
            }
            other => return Err(Malformed::Unexpected(other, "a value")),
        })
    }

    /// A length of one, two or four bytes.
    fn length(&mut self, width: u8) -> Read<u64> {
        Ok(match width {
            0 => u64::from(u8::from_be_bytes(self.bytes()?)),
            1 => u64::from(u16::from_be_bytes(self.bytes()?)),
            _ => u64::from(u32::from_be_bytes(self.bytes()?)),
        })
    }

    /// A count of items, of which each takes at least `width` bytes: a forged one is told here.
    fn container(&self, count: u64, width: u64) -> Read<usize> {
        if count.saturating_mul(width) > self.rest.len() as u64 {
            return Err(Malformed::Cut);
        }
        usize::try_from(count).map_err(|_| Malformed::Cut)
    }

    fn take(&mut self, len: u64) -> Read<&'a [u8]> {
        let len = usize::try_from(len).map_err(|_| Malformed::Cut)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn bytes<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(*bytes)
    }
}

fn unsigned(n: u64) -> Number {
    i64::try_from(n).map_or(Number::Uint(n), Number::Int)
}

/// Writes JSON as MessagePack: how bodies in JSON take the same road as the others.
pub(crate) fn from_json(json: &Json, out: &mut Vec<u8>) {
    match json {
        Json::Null => out.push(0xc0),
        Json::Bool(b) => out.push(if *b { 0xc3 } else { 0xc2 }),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(n), _) => {
                out.push(0xd3);
                out.extend_from_slice(&n.to_be_bytes());
            }
            (None, Some(n)) => {
                out.push(0xcf);
                out.extend_from_slice(&n.to_be_bytes());
            }
            (None, None) => {
                out.push(0xcb);
                out.extend_from_slice(&n.as_f64().unwrap_or(0.0).to_be_bytes());
            }
        },
        Json::String(text) => write_text(text, out),
        Json::Array(list) => {
            out.push(0xdd);
            out.extend_from_slice(&u32::try_from(list.len()).unwrap_or(u32::MAX).to_be_bytes());
            list.iter().for_each(|item| from_json(item, out));
        }
        Json::Object(map) => {
            out.push(0xdf);
            out.extend_from_slice(&u32::try_from(map.len()).unwrap_or(u32::MAX).to_be_bytes());
            for (key, value) in map {
                write_text(key, out);
                from_json(value, out);
            }
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(0xdb);
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests;
