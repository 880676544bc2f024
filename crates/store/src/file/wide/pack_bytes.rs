//! Bytes of an index: varints, texts, and the reading of them with every bound checked.

use crate::file::times::{put_varint, take_varint};
use crate::file::values::{Damage, Decoded};

#[derive(Default)]
pub(super) struct Output(pub(super) Vec<u8>);

impl Output {
    pub(super) fn number(&mut self, n: u64) {
        put_varint(n, &mut self.0);
    }

    pub(super) fn signed(&mut self, n: i64) {
        self.number((n << 1 ^ n >> 63) as u64);
    }

    pub(super) fn blob(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn number(&mut self) -> Decoded<u64> {
        let (n, rest) = take_varint(self.0)?;
        self.0 = rest;
        Ok(n)
    }

    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Decoded<T> {
        T::try_from(self.number()?).map_err(|_| Damage::new("a number out of its range"))
    }

    /// A count of things that take at least a byte each.
    pub(super) fn count(&mut self) -> Decoded<usize> {
        let n: usize = self.small()?;
        if n > self.0.len() {
            return Err(Damage::new("more things than bytes"));
        }
        Ok(n)
    }

    pub(super) fn signed(&mut self) -> Decoded<i64> {
        let n = self.number()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    pub(super) fn bytes(&mut self, n: usize) -> Decoded<&'a [u8]> {
        let (taken, rest) =
            self.0.split_at_checked(n).ok_or_else(|| Damage::new("an index that ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn blob(&mut self) -> Decoded<&'a [u8]> {
        let n = self.small()?;
        self.bytes(n)
    }

    pub(super) fn text(&mut self) -> Decoded<&'a str> {
        std::str::from_utf8(self.blob()?).map_err(|_| Damage::new("a name that is not UTF-8"))
    }
}
