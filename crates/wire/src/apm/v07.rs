//! `/v0.7`: the tracer payload as a map: what holds for the process, and chunks with their own priority and tags.

use super::head::Whole;
use super::keys::Place;
use super::v04::{read_heads, write_parts};
use super::writer::{SpanWriter, name};
use super::{Chunk, SpanOptions, msgpack_error};
use crate::Result;
use crate::msgpack::{Malformed, Reader};
use oriel_model::RowBatchBuilder;

/// Decodes `/v0.7/traces`.
pub fn traces_v07(
    body: &[u8],
    options: SpanOptions<'_>,
    builder: &mut RowBatchBuilder,
) -> Result<Vec<Chunk>> {
    let payload = Payload::read(body).map_err(msgpack_error)?;
    let mut writer = SpanWriter::new(builder, SpanOptions { language: payload.language, ..options });
    let mut heads = Vec::new();
    let mut chunks = Reader::new(payload.chunks);
    for _ in 0..chunks.array().map_err(msgpack_error)? {
        let chunk = Parts::read(&mut chunks).map_err(msgpack_error)?;
        let mut whole = Whole { priority: chunk.priority, dropped: chunk.dropped, ..Whole::default() };
        whole.origin = chunk.origin;
        for_each_tag(chunk.tags, |key, value| whole.note_text(key.as_bytes(), value))
            .map_err(msgpack_error)?;
        let mut spans = Reader::new(chunk.spans);
        read_heads(&mut spans, &mut writer, &mut heads, &mut whole)?;
        whole.env = if whole.env.is_empty() { payload.env } else { whole.env };
        whole.host = if whole.host.is_empty() { payload.host } else { whole.host };
        let mut is_first = true;
        writer.chunk(&heads, &whole, |writer, head| {
            // The chunk's own tags are its first span's, as the older formats have them.
            if std::mem::take(&mut is_first) {
                for tags in [chunk.tags, payload.tags] {
                    for_each_tag(tags, |key, value| {
                        let place = writer.place(key);
                        if !matches!(place, Place::Env | Place::Host | Place::Version) {
                            writer.bytes(place, value);
                        }
                    })
                    .map_err(msgpack_error)?;
                }
            }
            write_parts(writer, head)
        })?;
    }
    Ok(writer.finish())
}

/// What the payload says of its process, and where its chunks are.
#[derive(Default)]
struct Payload<'a> {
    language: &'a str,
    env: &'a str,
    host: &'a str,
    tags: &'a [u8],
    chunks: &'a [u8],
}

/// What is read of nothing: an empty array or map.
const NIL: &[u8] = &[0xc0];

impl<'a> Payload<'a> {
    fn read(body: &'a [u8]) -> std::result::Result<Self, Malformed> {
        let mut payload = Self { tags: NIL, chunks: NIL, ..Self::default() };
        let mut reader = Reader::new(body);
        for _ in 0..reader.map()? {
            match reader.text()? {
                b"language_name" => payload.language = name(reader.text()?),
                b"env" => payload.env = name(reader.text()?),
                b"hostname" => payload.host = name(reader.text()?),
                b"tags" => payload.tags = reader.value()?,
                b"chunks" => payload.chunks = reader.value()?,
                _ => reader.skip()?,
            }
        }
        Ok(payload)
    }
}

struct Parts<'a> {
    priority: Option<i32>,
    origin: &'a str,
    dropped: bool,
    tags: &'a [u8],
    spans: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(reader: &mut Reader<'a>) -> std::result::Result<Self, Malformed> {
        let mut parts = Self { priority: None, origin: "", dropped: false, tags: NIL, spans: NIL };
        for _ in 0..reader.map()? {
            match reader.text()? {
                b"priority" => parts.priority = priority(reader.int()?),
                b"origin" => parts.origin = name(reader.text()?),
                b"dropped_trace" => parts.dropped = reader.bool()?,
                b"tags" => parts.tags = reader.value()?,
                b"spans" => parts.spans = reader.value()?,
                _ => reader.skip()?,
            }
        }
        Ok(parts)
    }
}

/// The agent writes -128 where no priority was said.
pub(super) fn priority(code: i64) -> Option<i32> {
    i32::try_from(code).ok().filter(|&p| p != i32::from(i8::MIN))
}

fn for_each_tag<'a>(
    map: &'a [u8],
    mut visit: impl FnMut(&'a str, &'a [u8]),
) -> std::result::Result<(), Malformed> {
    let mut reader = Reader::new(map);
    for _ in 0..reader.map()? {
        let (key, value) = (name(reader.text()?), reader.text()?);
        visit(key, value);
    }
    Ok(())
}
