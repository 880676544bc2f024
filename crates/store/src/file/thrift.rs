//! The header of a Parquet page, which parquet reads only together with a decompressor of its own for each page.
//!
//! Thrift's compact protocol: each field is a byte of (distance to the last id, type), numbers are zigzag varints. Only
//! version 1 data pages and dictionary pages are taken; other fields are stepped over.

use super::times::take_varint;
use super::values::Damage;

/// Nested structs in a header (statistics in a data page's header) go two deep.
const DEPTH_MAX: u32 = 4;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageHeader {
    pub(crate) is_dictionary: bool,
    pub(crate) values: u32,
    /// Parquet's number of the encoding.
    pub(crate) encoding: i64,
    pub(crate) compressed_bytes: usize,
    pub(crate) body_bytes: usize,
}

/// The header at the start of `bytes`, and where the body begins.
pub(crate) fn page_header(bytes: &[u8]) -> Result<(PageHeader, usize), Damage> {
    let mut input = Input { rest: bytes };
    let mut header = PageHeader::default();
    let mut kind = -1;
    let mut id = 0;
    while let Some(field) = input.field(&mut id)? {
        match (id, field) {
            (1, I32) => kind = input.number()?,
            (2, I32) => header.body_bytes = input.size()?,
            (3, I32) => header.compressed_bytes = input.size()?,
            (5 | 7, STRUCT) => input.values_and_encoding(&mut header)?,
            _ => input.skip(field, DEPTH_MAX)?,
        }
    }
    header.is_dictionary = match kind {
        0 => false,
        2 => true,
        other => return Err(Damage::new(format!("unknown kind {other} of page"))),
    };
    Ok((header, bytes.len() - input.rest.len()))
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I8: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;

struct Input<'a> {
    rest: &'a [u8],
}

impl Input<'_> {
    fn byte(&mut self) -> Result<u8, Damage> {
        let (&byte, rest) =
            self.rest.split_first().ok_or_else(|| Damage::new("a page header without end"))?;
        self.rest = rest;
        Ok(byte)
    }

    fn number(&mut self) -> Result<i64, Damage> {
        let (n, rest) = take_varint(self.rest)?;
        self.rest = rest;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn size(&mut self) -> Result<usize, Damage> {
        usize::try_from(self.number()?).map_err(|_| Damage::new("a negative size in a page header"))
    }

    /// The next field's type, with `id` moved on to it; `None` at the end of the struct.
    fn field(&mut self, id: &mut i64) -> Result<Option<u8>, Damage> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        *id = match byte >> 4 {
            0 => self.number()?,
            distance => *id + i64::from(distance),
        };
        Ok(Some(byte & 0x0f))
    }

    /// Fields 1 and 2 of both kinds of page.
    fn values_and_encoding(&mut self, header: &mut PageHeader) -> Result<(), Damage> {
        let mut id = 0;
        while let Some(field) = self.field(&mut id)? {
            match (id, field) {
                (1, I32) => {
                    header.values =
                        u32::try_from(self.number()?).map_err(|_| Damage::new("values below zero"))?;
                }
                (2, I32) => header.encoding = self.number()?,
                _ => self.skip(field, DEPTH_MAX)?,
            }
        }
        Ok(())
    }

    fn skip(&mut self, field: u8, depth: u32) -> Result<(), Damage> {
        match field {
            TRUE | FALSE => {}
            I8 => drop(self.byte()?),
            I16 | I32 | I64 => drop(self.number()?),
            DOUBLE => self.step(8)?,
            BINARY => {
                let (len, rest) = take_varint(self.rest)?;
                self.rest = rest;
                self.step(usize::try_from(len).unwrap_or(usize::MAX))?;
            }
            STRUCT if depth > 0 => {
                let mut id = 0;
                while let Some(inner) = self.field(&mut id)? {
                    self.skip(inner, depth - 1)?;
                }
            }
            other => return Err(Damage::new(format!("unknown type {other} in a page header"))),
        }
        Ok(())
    }

    fn step(&mut self, bytes: usize) -> Result<(), Damage> {
        self.rest = self.rest.get(bytes..).ok_or_else(|| Damage::new("a page header without end"))?;
        Ok(())
    }
}
