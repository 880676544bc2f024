//! `/v0.5`: a table of strings and chunks of spans of exactly twelve values that point into it.

use super::head::{Head, Whole};
use super::keys::Place;
use super::writer::{SpanWriter, name};
use super::{Chunk, SpanOptions, msgpack_error};
use crate::msgpack::{Malformed, Reader};
use crate::{Error, Result};
use oriel_model::RowBatchBuilder;

/// Decodes `/v0.5/traces`.
pub fn traces_v05(
    body: &[u8],
    options: SpanOptions<'_>,
    builder: &mut RowBatchBuilder,
) -> Result<Vec<Chunk>> {
    let mut reader = Reader::new(body);
    let parts = reader.array().map_err(msgpack_error)?;
    if parts != 2 {
        return Err(wrong(&format!("it has {parts} parts instead of a table and chunks")));
    }
    let count = reader.array().map_err(msgpack_error)?;
    let mut strings = Vec::with_capacity(count);
    for _ in 0..count {
        strings.push(name(reader.text().map_err(msgpack_error)?));
    }
    let mut table = Table { places: vec![None; strings.len()], strings };
    let mut writer = SpanWriter::new(builder, options);
    let mut heads = Vec::new();
    for _ in 0..reader.array().map_err(msgpack_error)? {
        let mut whole = Whole::default();
        heads.clear();
        for _ in 0..reader.array().map_err(msgpack_error)? {
            let head = table.head(&mut reader, &mut whole).map_err(msgpack_error)?;
            if writer.has_room(heads.len()) {
                heads.push(head);
            }
        }
        writer.chunk(&heads, &whole, |writer, head| table.write(writer, head).map_err(msgpack_error))?;
    }
    Ok(writer.finish())
}

struct Table<'a> {
    strings: Vec<&'a str>,
    /// Where the values of a key go, once it has been one.
    places: Vec<Option<Place>>,
}

impl<'a> Table<'a> {
    /// A string by the index that is next; one that is not in the table is empty.
    #[inline]
    fn string(&self, reader: &mut Reader<'a>) -> std::result::Result<&'a str, Malformed> {
        let index = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
        Ok(self.strings.get(index).copied().unwrap_or_default())
    }

    fn head(
        &self,
        reader: &mut Reader<'a>,
        whole: &mut Whole<'a>,
    ) -> std::result::Result<Head<'a>, Malformed> {
        let first = reader.rest().first().copied().unwrap_or_default();
        if reader.array()? != 12 {
            return Err(Malformed::Unexpected(first, "a span of twelve values"));
        }
        let mut head = Head {
            service: self.string(reader)?,
            name: self.string(reader)?,
            resource: self.string(reader)?,
            trace_id: reader.uint()?,
            span_id: reader.uint()?,
            parent_id: reader.uint()?,
            start: reader.int()?,
            duration: reader.int()?,
            error: reader.int()? != 0,
            ..Head::default()
        };
        head.meta = reader.rest();
        for _ in 0..reader.map()? {
            let (key, value) = (self.string(reader)?, self.string(reader)?);
            whole.note_text(key.as_bytes(), value.as_bytes());
        }
        head.metrics = reader.rest();
        for _ in 0..reader.map()? {
            let key = self.string(reader)?;
            head.is_marked |= whole.note_number(key.as_bytes(), super::v04::float(reader.number()?));
        }
        head.kind = self.string(reader)?;
        Ok(head)
    }

    fn write(
        &mut self,
        writer: &mut SpanWriter<'a, '_>,
        head: &Head<'a>,
    ) -> std::result::Result<(), Malformed> {
        let mut meta = Reader::new(head.meta);
        for _ in 0..meta.map()? {
            let place = self.place(&mut meta, writer)?;
            let value = self.string(&mut meta)?;
            writer.text(place, value);
        }
        let mut metrics = Reader::new(head.metrics);
        for _ in 0..metrics.map()? {
            let place = self.place(&mut metrics, writer)?;
            writer.number(place, metrics.number()?);
        }
        Ok(())
    }

    #[inline]
    fn place(
        &mut self,
        reader: &mut Reader<'a>,
        writer: &mut SpanWriter<'a, '_>,
    ) -> std::result::Result<Place, Malformed> {
        let index = usize::try_from(reader.uint()?).unwrap_or(usize::MAX);
        match self.places.get(index) {
            Some(Some(place)) => Ok(*place),
            Some(None) => {
                let place = writer.place(self.strings[index]);
                self.places[index] = Some(place);
                Ok(place)
            }
            None => Ok(Place::Known),
        }
    }
}

fn wrong(detail: &str) -> Error {
    Error::Syntax { format: "v0.5 trace payload", detail: detail.to_owned() }
}
