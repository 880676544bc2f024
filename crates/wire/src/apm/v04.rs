//! `/v0.3` and `/v0.4`: an array of chunks, each an array of maps with string keys. Any key may be absent.

use super::head::{Head, Whole};
use super::links;
use super::writer::{SpanWriter, name};
use super::{Chunk, SpanOptions, msgpack_error};
use crate::msgpack::{Number, Reader, from_json};
use crate::{Error, Result};
use oriel_model::RowBatchBuilder;

/// Decodes `/v0.3/traces` and `/v0.4/traces`.
pub fn traces_v04(
    body: &[u8],
    options: SpanOptions<'_>,
    builder: &mut RowBatchBuilder,
) -> Result<Vec<Chunk>> {
    let mut reader = Reader::new(body);
    if reader.at_map() {
        return Err(Error::Syntax {
            format: "v0.4 trace payload",
            detail: "it is a map: v1 is not read here; let the tracer send v0.5, v0.4 or v0.7".to_owned(),
        });
    }
    let mut writer = SpanWriter::new(builder, options);
    let mut heads = Vec::new();
    for _ in 0..reader.array().map_err(msgpack_error)? {
        let mut whole = Whole::default();
        read_heads(&mut reader, &mut writer, &mut heads, &mut whole)?;
        writer.chunk(&heads, &whole, write_parts)?;
    }
    Ok(writer.finish())
}

/// Decodes `/v0.3/traces` in JSON, which takes the same road as MessagePack.
pub fn traces_json(
    body: &[u8],
    options: SpanOptions<'_>,
    builder: &mut RowBatchBuilder,
) -> Result<Vec<Chunk>> {
    let json: serde_json::Value =
        serde_json::from_slice(body).map_err(|e| Error::Syntax { format: "JSON", detail: e.to_string() })?;
    let mut body = Vec::new();
    from_json(&json, &mut body);
    traces_v04(&body, options, builder)
}

/// The first walk over a chunk's spans.
pub(super) fn read_heads<'a>(
    reader: &mut Reader<'a>,
    writer: &mut SpanWriter<'a, '_>,
    heads: &mut Vec<Head<'a>>,
    whole: &mut Whole<'a>,
) -> Result<()> {
    heads.clear();
    for _ in 0..reader.array().map_err(msgpack_error)? {
        if writer.has_room(heads.len()) {
            heads.push(read_head(reader, whole).map_err(msgpack_error)?);
        } else {
            reader.skip().map_err(msgpack_error)?;
        }
    }
    Ok(())
}

fn read_head<'a>(
    reader: &mut Reader<'a>,
    whole: &mut Whole<'a>,
) -> std::result::Result<Head<'a>, crate::msgpack::Malformed> {
    let mut head = Head::default();
    for _ in 0..reader.map()? {
        match reader.text()? {
            b"service" => head.service = name(reader.text()?),
            b"name" => head.name = name(reader.text()?),
            b"resource" => head.resource = name(reader.text()?),
            b"type" => head.kind = name(reader.text()?),
            b"trace_id" => head.trace_id = reader.uint()?,
            b"span_id" => head.span_id = reader.uint()?,
            b"parent_id" => head.parent_id = reader.uint()?,
            b"start" => head.start = reader.int()?,
            b"duration" => head.duration = reader.int()?,
            b"error" => head.error = reader.int()? != 0,
            b"meta" => {
                head.meta = reader.value()?;
                let mut meta = Reader::new(head.meta);
                for _ in 0..meta.map()? {
                    whole.note_text(meta.text()?, meta.text()?);
                }
            }
            b"metrics" => {
                head.metrics = reader.value()?;
                let mut metrics = Reader::new(head.metrics);
                for _ in 0..metrics.map()? {
                    head.is_marked |= whole.note_number(metrics.text()?, float(metrics.number()?));
                }
            }
            b"meta_struct" => head.structs = reader.value()?,
            b"span_links" => head.links = reader.value()?,
            b"span_events" => head.events = reader.value()?,
            _ => reader.skip()?,
        }
    }
    Ok(head)
}

pub(super) fn float(n: Number) -> f64 {
    match n {
        Number::Int(n) => n as f64,
        Number::Uint(n) => n as f64,
        Number::Float(x) => x,
    }
}

/// The second walk over a span.
pub(super) fn write_parts<'a>(writer: &mut SpanWriter<'a, '_>, head: &Head<'a>) -> Result<()> {
    (|| {
        if !head.meta.is_empty() {
            let mut meta = Reader::new(head.meta);
            for _ in 0..meta.map()? {
                let place = writer.place(name(meta.text()?));
                writer.bytes(place, meta.text()?);
            }
        }
        if !head.metrics.is_empty() {
            let mut metrics = Reader::new(head.metrics);
            for _ in 0..metrics.map()? {
                let place = writer.place(name(metrics.text()?));
                writer.number(place, metrics.number()?);
            }
        }
        if !head.structs.is_empty() {
            let mut structs = Reader::new(head.structs);
            for _ in 0..structs.map()? {
                let (key, value) = (name(structs.text()?), structs.text()?);
                writer.json(key, &links::structure(value));
            }
        }
        if !head.links.is_empty() {
            links::write_links(writer, &Reader::new(head.links).json()?);
        }
        if !head.events.is_empty() {
            links::write_events(writer, &Reader::new(head.events).json()?);
        }
        Ok(())
    })()
    .map_err(msgpack_error)
}
