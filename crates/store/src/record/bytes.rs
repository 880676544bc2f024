//! Writing and reading the atoms of a record: varints, texts, and lists bounded by what is left.

use super::RecordError;

type Result<T> = std::result::Result<T, RecordError>;

#[inline]
pub(super) fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

#[inline]
pub(super) fn put_signed(out: &mut Vec<u8>, n: i64) {
    put_varint(out, ((n << 1) ^ (n >> 63)) as u64);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_bits().to_le_bytes());
}

/// A place in a record.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        let (&first, rest) = self.bytes.split_first().ok_or(RecordError::Short)?;
        self.bytes = rest;
        Ok(first)
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(n).ok_or(RecordError::Short)?;
        self.bytes = rest;
        Ok(head)
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        let (head, rest) = self.bytes.split_first_chunk::<8>().ok_or(RecordError::Short)?;
        self.bytes = rest;
        Ok(u64::from_le_bytes(*head))
    }

    pub(super) fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_bits(self.u64()?))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(RecordError::Bad("number"))
    }

    #[inline]
    pub(super) fn signed(&mut self) -> Result<i64> {
        let n = self.varint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.varint()?).map_err(|_| RecordError::Bad("number"))
    }

    /// A count of things of which each takes at least `bytes_min`, so that garbage can't ask for more memory than it has bytes.
    pub(super) fn count(&mut self, bytes_min: usize) -> Result<usize> {
        let n = self.varint()?;
        let most = self.bytes.len() / bytes_min.max(1);
        usize::try_from(n).ok().filter(|&n| n <= most).ok_or(RecordError::Bad("count"))
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let len = self.count(1)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| RecordError::Bad("text"))
    }
}
