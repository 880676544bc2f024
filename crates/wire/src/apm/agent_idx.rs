//! The agent's newer form of a tracer payload: every text is an index into the payload's table of strings.

use super::agent::fixed_or_varint;
use super::head::{Head, Whole};
use super::links::{make_event, make_link};
use super::protobuf_error;
use super::v07::priority;
use super::writer::{SpanWriter, name};
use crate::Result;
use crate::msgpack::Number;
use crate::protobuf::{Fields, Malformed, Value};
use serde_json::{Map, Value as Json};

type Read<T> = std::result::Result<T, Malformed>;

/// The payload's table.
struct Strings<'a>(Vec<&'a str>);

impl<'a> Strings<'a> {
    fn read(message: &'a [u8]) -> Read<Self> {
        let mut strings = Vec::new();
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            if number == 1 {
                strings.push(name(value.bytes()));
            }
        }
        Ok(Self(strings))
    }

    /// A string that is not in the table is empty.
    fn get(&self, reference: Value<'_>) -> &'a str {
        let index = usize::try_from(reference.varint()).unwrap_or(usize::MAX);
        self.0.get(index).copied().unwrap_or_default()
    }
}

pub(super) fn tracer_payload<'a>(message: &'a [u8], writer: &mut SpanWriter<'a, '_>) -> Result<()> {
    let strings = Strings::read(message).map_err(protobuf_error)?;
    let mut whole = Whole::default();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        match number {
            7 => whole.env = strings.get(value),
            8 => whole.host = strings.get(value),
            9 => whole.version = strings.get(value),
            _ => {}
        }
    }
    let mut fields = Fields::new(message);
    let mut heads = Vec::new();
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        if number == 11 {
            chunk(value.bytes(), (&strings, whole), &mut heads, writer)?;
        }
    }
    Ok(())
}

fn chunk<'a>(
    message: &'a [u8],
    (strings, mut whole): (&Strings<'a>, Whole<'a>),
    heads: &mut Vec<Head<'a>>,
    writer: &mut SpanWriter<'a, '_>,
) -> Result<()> {
    heads.clear();
    whole.priority = Some(0);
    let mut trace_id = 0_u128;
    let mut attributes = Vec::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next().map_err(protobuf_error)? {
        match number {
            1 => whole.priority = priority(value.int()),
            2 => whole.origin = strings.get(value),
            3 => attributes.push(value.bytes()),
            4 if writer.has_room(heads.len()) => {
                heads.push(read_head(value.bytes(), strings).map_err(protobuf_error)?);
            }
            5 => whole.dropped = value.varint() != 0,
            6 => trace_id = value.bytes().iter().take(16).fold(0, |id, &b| id << 8 | u128::from(b)),
            _ => {}
        }
    }
    whole.trace_id_high = (trace_id >> 64) as u64;
    for head in heads.iter_mut() {
        head.trace_id = trace_id as u64;
    }
    let mut is_first = true;
    writer.chunk(heads, &whole, |writer, head| {
        if std::mem::take(&mut is_first) {
            for &entry in &attributes {
                attribute(writer, strings, entry).map_err(protobuf_error)?;
            }
        }
        write_parts(writer, strings, head.meta).map_err(protobuf_error)
    })
}

fn read_head<'a>(message: &'a [u8], strings: &Strings<'a>) -> Read<Head<'a>> {
    let mut head = Head { meta: message, ..Head::default() };
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => head.service = strings.get(value),
            2 => head.name = strings.get(value),
            3 => head.resource = strings.get(value),
            4 => head.span_id = fixed_or_varint(value),
            5 => head.parent_id = fixed_or_varint(value),
            6 => head.start = fixed_or_varint(value) as i64,
            7 => head.duration = fixed_or_varint(value) as i64,
            8 => head.error = value.varint() != 0,
            9 => {
                let (key, value) = entry(value.bytes(), strings)?;
                let number = match any_value(value, strings, 0)? {
                    Json::Number(n) => n.as_f64().unwrap_or(0.0),
                    _ => 0.0,
                };
                head.is_marked |= Whole::default().note_number(key.as_bytes(), number);
            }
            10 => head.kind = strings.get(value),
            _ => {}
        }
    }
    Ok(head)
}

fn write_parts<'a>(writer: &mut SpanWriter<'a, '_>, strings: &Strings<'a>, message: &'a [u8]) -> Read<()> {
    let (mut links, mut events) = (Vec::new(), Vec::new());
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            9 => attribute(writer, strings, value.bytes())?,
            11 => links.push(link(value.bytes(), strings)?),
            12 => events.push(event(value.bytes(), strings)?),
            13 => text(writer, "env", strings.get(value)),
            14 => text(writer, "version", strings.get(value)),
            15 => text(writer, "component", strings.get(value)),
            16 => {
                const KINDS: [&str; 6] = ["", "internal", "server", "client", "producer", "consumer"];
                let kind = usize::try_from(value.varint()).ok().and_then(|i| KINDS.get(i));
                text(writer, "span.kind", kind.copied().unwrap_or_default());
            }
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

fn text<'a>(writer: &mut SpanWriter<'a, '_>, key: &'static str, value: &'a str) {
    if !value.is_empty() {
        let place = writer.place(key);
        writer.text(place, value);
    }
}

/// One entry of a map of attributes, as the row has it.
fn attribute<'a>(writer: &mut SpanWriter<'a, '_>, strings: &Strings<'a>, message: &'a [u8]) -> Read<()> {
    let (key, message) = entry(message, strings)?;
    let place = writer.place(key);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => writer.text(place, strings.get(value)),
            2 => writer.flag(place, value.varint() != 0),
            3 => writer.number(place, Number::Float(value.double())),
            4 => writer.number(place, Number::Int(value.int())),
            5 => writer.json(key, &super::links::structure(value.bytes())),
            _ => {
                let json = any_value(message, strings, 0)?;
                writer.json(key, &json);
            }
        }
    }
    Ok(())
}

fn entry<'a>(message: &'a [u8], strings: &Strings<'a>) -> Read<(&'a str, &'a [u8])> {
    let (mut key, mut found): (&str, &[u8]) = ("", &[]);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => key = strings.get(value),
            2 => found = value.bytes(),
            _ => {}
        }
    }
    Ok((key, found))
}

/// Values may hold lists and maps of values; deeper ones than real ones are left out.
const DEPTH_MAX: usize = 8;

fn any_value(message: &[u8], strings: &Strings<'_>, depth: usize) -> Read<Json> {
    let mut found = Json::Null;
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => found = strings.get(value).into(),
            2 => found = (value.varint() != 0).into(),
            3 => found = value.double().into(),
            4 => found = value.int().into(),
            5 => found = super::links::structure(value.bytes()),
            6 if depth < DEPTH_MAX => {
                let mut list = Vec::new();
                let mut values = Fields::new(value.bytes());
                while let Some((_, value)) = values.next()? {
                    list.push(any_value(value.bytes(), strings, depth + 1)?);
                }
                found = Json::Array(list);
            }
            7 if depth < DEPTH_MAX => {
                let mut map = Map::new();
                let mut pairs = Fields::new(value.bytes());
                while let Some((_, value)) = pairs.next()? {
                    let (key, value) = entry(value.bytes(), strings)?;
                    map.insert(key.to_owned(), any_value(value, strings, depth + 1)?);
                }
                found = Json::Object(map);
            }
            _ => {}
        }
    }
    Ok(found)
}

fn attributes(message: &[u8], strings: &Strings<'_>, into: &mut Map<String, Json>) -> Read<()> {
    let (key, value) = entry(message, strings)?;
    into.insert(key.to_owned(), any_value(value, strings, 0)?);
    Ok(())
}

fn link(message: &[u8], strings: &Strings<'_>) -> Read<Json> {
    let (mut trace, mut span, mut state, mut flags) = (0_u128, 0, "", 0);
    let mut map = Map::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => trace = value.bytes().iter().take(16).fold(0, |id, &b| id << 8 | u128::from(b)),
            2 => span = fixed_or_varint(value),
            3 => attributes(value.bytes(), strings, &mut map)?,
            4 => state = strings.get(value),
            5 => flags = fixed_or_varint(value),
            _ => {}
        }
    }
    Ok(make_link(((trace >> 64) as u64, trace as u64, span), Json::Object(map), state, flags))
}

fn event(message: &[u8], strings: &Strings<'_>) -> Read<Json> {
    let (mut time, mut title) = (0, "");
    let mut map = Map::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => time = fixed_or_varint(value),
            2 => title = strings.get(value),
            3 => attributes(value.bytes(), strings, &mut map)?,
            _ => {}
        }
    }
    Ok(make_event(time, title, map))
}
