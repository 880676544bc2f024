//! Protobuf by hand: fields borrowed from the message, no struct a point; and the little writer that the encoders need.
//!
//! Unknown fields are passed over. Groups, which nobody sends any more, are an error.

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("a field is cut off")]
    Cut,
    #[error("a varint is longer than ten bytes")]
    Varint,
    #[error("a field has wire type {0}, which is not used")]
    WireType(u8),
}

/// One field's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

impl<'a> Value<'a> {
    /// A sub-message, text or packed list; empty for any other wire type, as a wrong field would be.
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(b) => b,
            _ => &[],
        }
    }

    pub(crate) fn varint(self) -> u64 {
        match self {
            Self::Varint(n) => n,
            _ => 0,
        }
    }

    /// An `int64` or `int32`: negative numbers take ten bytes.
    pub(crate) fn int(self) -> i64 {
        self.varint() as i64
    }

    pub(crate) fn double(self) -> f64 {
        match self {
            Self::Fixed64(bits) => f64::from_bits(bits),
            _ => 0.0,
        }
    }
}

/// Reads the fields of a message in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next field's number and value; `None` at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match (tag & 7) as u8 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = usize::try_from(self.varint()?).map_err(|_| Malformed::Cut)?;
                let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Malformed::Cut)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            other => return Err(Malformed::WireType(other)),
        };
        Ok(Some(((tag >> 3) as u32, value)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        let (n, used) = varint(self.rest)?;
        self.rest = &self.rest[used..];
        Ok(n)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(*bytes)
    }
}

/// A varint at the start of `bytes`, and how many it took.
#[inline]
fn varint(bytes: &[u8]) -> Result<(u64, usize), Malformed> {
    if let Some(&first) = bytes.first()
        && first < 0x80
    {
        return Ok((u64::from(first), 1));
    }
    let mut n = 0_u64;
    for (i, &b) in bytes.iter().enumerate().take(10) {
        n |= u64::from(b & 0x7f) << (7 * i);
        if b < 0x80 {
            return Ok((n, i + 1));
        }
    }
    Err(if bytes.len() < 10 { Malformed::Cut } else { Malformed::Varint })
}

/// Adds a repeated number field to a list: packed, or one value of the unpacked form.
pub(crate) fn repeated(value: Value<'_>, out: &mut Vec<u64>) -> Result<(), Malformed> {
    match value {
        Value::Bytes(mut packed) => {
            while !packed.is_empty() {
                let (n, used) = varint(packed)?;
                out.push(n);
                packed = &packed[used..];
            }
        }
        other => out.push(other.varint()),
    }
    Ok(())
}

/// The number behind a zigzag varint.
pub(crate) fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

/// Writes fields; zeros and empty texts are left out, as proto3 does.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn varint(&mut self, field: u32, n: u64) {
        if n != 0 {
            self.tag(field, 0);
            self.raw_varint(n);
        }
    }

    pub(crate) fn int(&mut self, field: u32, n: i64) {
        self.varint(field, n as u64);
    }

    pub(crate) fn double(&mut self, field: u32, value: f64) {
        // Minus zero is not the default.
        if value.to_bits() != 0 {
            self.tag(field, 1);
            self.out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
    }

    pub(crate) fn text(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.bytes(field, text.as_bytes());
        }
    }

    /// Written even when empty: an element of a repeated field counts.
    pub(crate) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.tag(field, 2);
        self.raw_varint(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.out);
    }

    pub(crate) fn packed(&mut self, field: u32, values: impl Iterator<Item = u64>) {
        let mut inner = Self::default();
        values.for_each(|n| inner.raw_varint(n));
        if !inner.out.is_empty() {
            self.bytes(field, &inner.out);
        }
    }

    pub(crate) fn packed_signed(&mut self, field: u32, values: impl Iterator<Item = i64>) {
        self.packed(field, values.map(zigzag));
    }

    fn tag(&mut self, field: u32, wire_type: u8) {
        self.raw_varint(u64::from(field) << 3 | u64::from(wire_type));
    }

    fn raw_varint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.out.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.out.push(n as u8);
    }
}

#[cfg(test)]
mod tests;
