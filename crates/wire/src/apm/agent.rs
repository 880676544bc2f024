//! `/api/v0.2/traces`: what an agent sends on, in protobuf. The payload may hold chunks of the classic form and of the one with a
//! string table, which is in `agent_idx`.

use super::head::{Head, Whole};
use super::links::{make_event, make_link, structure};
use super::v07::priority;
use super::writer::{SpanWriter, name};
use super::{Chunk, SpanOptions, agent_idx, protobuf_error};
use crate::Result;
use crate::msgpack::Number;
use crate::protobuf::{Fields, Malformed, Value};
use oriel_model::RowBatchBuilder;
use serde_json::{Map, Value as Json};

/// Decodes `/api/v0.2/traces`.
pub fn agent_payload(
    body: &[u8],
    options: SpanOptions<'_>,
    builder: &mut RowBatchBuilder,
) -> Result<Vec<Chunk>> {
    let (mut host, mut env) = ("", "");
    let mut fields = Fields::new(body);
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        match number {
            1 => host = name(value.bytes()),
            2 => env = name(value.bytes()),
            _ => {}
        }
    }
    let default_host = if host.is_empty() { options.default_host } else { host };
    let default_env = if env.is_empty() { options.default_env } else { env };
    // The agent has marked the service-entry spans.
    let options = SpanOptions { default_host, default_env, top_level_marked: true, ..options };
    let mut writer = SpanWriter::new(builder, options);
    let mut fields = Fields::new(body);
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        match number {
            5 => tracer_payload(value.bytes(), &mut writer)?,
            11 => agent_idx::tracer_payload(value.bytes(), &mut writer)?,
            _ => {}
        }
    }
    Ok(writer.finish())
}

fn tracer_payload<'a>(message: &'a [u8], writer: &mut SpanWriter<'a, '_>) -> Result<()> {
    let mut whole = Whole::default();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        match number {
            8 => whole.env = name(value.bytes()),
            9 => whole.host = name(value.bytes()),
            _ => {}
        }
    }
    let mut fields = Fields::new(message);
    let mut heads = Vec::new();
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        if number == 6 {
            chunk(value.bytes(), whole, &mut heads, writer)?;
        }
    }
    Ok(())
}

fn chunk<'a>(
    message: &'a [u8],
    mut whole: Whole<'a>,
    heads: &mut Vec<Head<'a>>,
    writer: &mut SpanWriter<'a, '_>,
) -> Result<()> {
    heads.clear();
    // proto3 leaves out a priority of 0, which is one.
    whole.priority = Some(0);
    let mut tags = Vec::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        match number {
            1 => whole.priority = priority(value.int()),
            2 => whole.origin = name(value.bytes()),
            3 if writer.has_room(heads.len()) => {
                heads.push(read_head(value.bytes(), &mut whole).map_err(protobuf_error)?);
            }
            4 => {
                let (key, value) = pair(value.bytes()).map_err(protobuf_error)?;
                whole.note_text(key.as_bytes(), value.bytes());
                tags.push((key, value.bytes()));
            }
            5 => whole.dropped = value.varint() != 0,
            _ => {}
        }
    }
    let mut is_first = true;
    writer.chunk(heads, &whole, |writer, head| {
        if std::mem::take(&mut is_first) {
            for &(key, value) in &tags {
                let place = writer.place(key);
                writer.bytes(place, value);
            }
        }
        write_parts(writer, head.meta).map_err(protobuf_error)
    })
}

/// The whole message is kept as the head's `meta`, since protobuf mixes a map's entries with the other fields.
fn read_head<'a>(message: &'a [u8], whole: &mut Whole<'a>) -> std::result::Result<Head<'a>, Malformed> {
    let mut head = Head { meta: message, ..Head::default() };
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => head.service = name(value.bytes()),
            2 => head.name = name(value.bytes()),
            3 => head.resource = name(value.bytes()),
            4 => head.trace_id = value.varint(),
            5 => head.span_id = value.varint(),
            6 => head.parent_id = value.varint(),
            7 => head.start = value.int(),
            8 => head.duration = value.int(),
            9 => head.error = value.varint() != 0,
            10 => {
                let (key, value) = pair(value.bytes())?;
                whole.note_text(key.as_bytes(), value.bytes());
            }
            11 => {
                let (key, value) = pair(value.bytes())?;
                // The chunk has said its priority.
                head.is_marked |= Whole::default().note_number(key.as_bytes(), value.double());
            }
            12 => head.kind = name(value.bytes()),
            _ => {}
        }
    }
    Ok(head)
}

fn write_parts<'a>(writer: &mut SpanWriter<'a, '_>, message: &'a [u8]) -> std::result::Result<(), Malformed> {
    let (mut links, mut events) = (Vec::new(), Vec::new());
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            10 => {
                let (key, value) = pair(value.bytes())?;
                let place = writer.place(key);
                writer.bytes(place, value.bytes());
            }
            11 => {
                let (key, value) = pair(value.bytes())?;
                let place = writer.place(key);
                writer.number(place, Number::Float(value.double()));
            }
            13 => {
                let (key, value) = pair(value.bytes())?;
                writer.json(key, &structure(value.bytes()));
            }
            14 => links.push(link(value.bytes())?),
            15 => events.push(event(value.bytes())?),
            _ => {}
        }
    }
    if !links.is_empty() {
        writer.json("span_links", &Json::Array(links));
    }
    if !events.is_empty() {
        writer.json("span_events", &Json::Array(events));
    }
    Ok(())
}

/// An entry of a map.
fn pair(message: &[u8]) -> std::result::Result<(&str, Value<'_>), Malformed> {
    let (mut key, mut found) = ("", Value::Bytes(&[]));
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => key = name(value.bytes()),
            2 => found = value,
            _ => {}
        }
    }
    Ok((key, found))
}

fn link(message: &[u8]) -> std::result::Result<Json, Malformed> {
    let (mut ids, mut state, mut flags) = ((0, 0, 0), "", 0);
    let mut attributes = Map::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => ids.1 = value.varint(),
            2 => ids.0 = value.varint(),
            3 => ids.2 = value.varint(),
            4 => {
                let (key, value) = pair(value.bytes())?;
                attributes.insert(key.to_owned(), String::from_utf8_lossy(value.bytes()).into());
            }
            5 => state = name(value.bytes()),
            6 => flags = fixed_or_varint(value),
            _ => {}
        }
    }
    Ok(make_link(ids, Json::Object(attributes), state, flags))
}

pub(super) fn fixed_or_varint(value: Value<'_>) -> u64 {
    match value {
        Value::Varint(n) | Value::Fixed64(n) => n,
        Value::Fixed32(n) => u64::from(n),
        Value::Bytes(_) => 0,
    }
}

fn event(message: &[u8]) -> std::result::Result<Json, Malformed> {
    let (mut time, mut title) = (0, "");
    let mut attributes = Map::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => time = fixed_or_varint(value),
            2 => title = name(value.bytes()),
            3 => {
                let (key, value) = pair(value.bytes())?;
                attributes.insert(key.to_owned(), any_value(value.bytes(), 0)?);
            }
            _ => {}
        }
    }
    Ok(make_event(time, title, attributes))
}

/// `AnyValue {type 1, string 2, bool 3, int 4, double 5, array 6 {values 1}}`; proto3 leaves out what is zero.
fn any_value(message: &[u8], depth: usize) -> std::result::Result<Json, Malformed> {
    let (mut kind, mut found) = (0, None);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => kind = value.varint(),
            2 => found = Some(Json::from(name(value.bytes()))),
            3 => found = Some((value.varint() != 0).into()),
            4 => found = Some(value.int().into()),
            5 => found = Some(value.double().into()),
            // Arrays hold scalars; one level more than that is not sent.
            6 if depth < 2 => {
                let mut list = Vec::new();
                let mut values = Fields::new(value.bytes());
                while let Some((number, value)) = values.next()? {
                    if number == 1 {
                        list.push(any_value(value.bytes(), depth + 1)?);
                    }
                }
                found = Some(Json::Array(list));
            }
            _ => {}
        }
    }
    Ok(found.unwrap_or_else(|| match kind {
        1 => false.into(),
        2 => 0.into(),
        3 => 0.0.into(),
        4 => Json::Array(Vec::new()),
        _ => "".into(),
    }))
}
