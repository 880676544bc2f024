//! Statistics that a client computed of its spans (`/v0.6/stats`), and those that an agent sends on (`/api/v0.2/stats`): MessagePack
//! maps with the names of the Go structs. Any key may be absent, and others are passed over.

use super::ddsketch::ddsketch;
use super::msgpack_error;
use super::writer::name;
use crate::msgpack::{Malformed, Reader};
use crate::{Error, Result};
use oriel_model::Sketch;

/// What one process counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientStats {
    pub hostname: String,
    pub env: String,
    pub version: String,
    pub service: String,
    pub language: String,
    pub buckets: Vec<StatsBucket>,
}

/// A span of time, usually ten seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatsBucket {
    pub start_ns: i64,
    pub duration_ns: i64,
    pub groups: Vec<StatsGroup>,
}

/// Spans that agree in everything that is counted by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatsGroup {
    pub service: String,
    pub name: String,
    pub resource: String,
    pub kind: String,
    pub span_kind: String,
    pub http_status: u16,
    pub synthetics: bool,
    pub hits: u64,
    pub errors: u64,
    pub top_level_hits: u64,
    /// Nanoseconds, summed.
    pub duration_ns: u64,
    /// Durations in nanoseconds, with the sender's mapping.
    pub ok: Sketch,
    pub error: Sketch,
}

/// Groups of one body: a tracer has some thousands at most.
const GROUPS_MAX: usize = 200_000;

type Read<T> = std::result::Result<T, Malformed>;

/// Decodes `/v0.6/stats`.
pub fn client_stats(body: &[u8]) -> Result<ClientStats> {
    let mut left = GROUPS_MAX;
    let stats = client(&mut Reader::new(body), &mut left).map_err(msgpack_error)?;
    whole(left).map(|()| stats)
}

/// Decodes `/api/v0.2/stats`.
pub fn agent_stats(body: &[u8]) -> Result<Vec<ClientStats>> {
    let mut left = GROUPS_MAX;
    let stats = agent(&mut Reader::new(body), &mut left).map_err(msgpack_error)?;
    whole(left).map(|()| stats)
}

fn whole(left: usize) -> Result<()> {
    match left {
        0 => Err(Error::Syntax {
            format: "stats payload",
            detail: format!("it has {GROUPS_MAX} groups or more; send fewer resources"),
        }),
        _ => Ok(()),
    }
}

fn agent(reader: &mut Reader<'_>, left: &mut usize) -> Read<Vec<ClientStats>> {
    let (mut host, mut env) = ("", "");
    let mut all = Vec::new();
    for _ in 0..reader.map()? {
        match reader.text()? {
            b"AgentHostname" => host = name(reader.text()?),
            b"AgentEnv" => env = name(reader.text()?),
            b"Stats" => {
                for _ in 0..reader.array()? {
                    all.push(client(reader, left)?);
                }
            }
            _ => reader.skip()?,
        }
    }
    for stats in &mut all {
        for (field, default) in [(&mut stats.hostname, host), (&mut stats.env, env)] {
            if field.is_empty() {
                default.clone_into(field);
            }
        }
    }
    Ok(all)
}

fn client(reader: &mut Reader<'_>, left: &mut usize) -> Read<ClientStats> {
    let mut stats = ClientStats::default();
    for _ in 0..reader.map()? {
        match reader.text()? {
            b"Hostname" => stats.hostname = text(reader)?,
            b"Env" => stats.env = text(reader)?,
            b"Version" => stats.version = text(reader)?,
            b"Service" => stats.service = text(reader)?,
            b"Lang" => stats.language = text(reader)?,
            b"Stats" => {
                for _ in 0..reader.array()? {
                    let bucket = bucket(reader, left)?;
                    if !bucket.groups.is_empty() {
                        stats.buckets.push(bucket);
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(stats)
}

fn bucket(reader: &mut Reader<'_>, left: &mut usize) -> Read<StatsBucket> {
    let mut bucket = StatsBucket::default();
    for _ in 0..reader.map()? {
        match reader.text()? {
            b"Start" => bucket.start_ns = reader.int()?,
            b"Duration" => bucket.duration_ns = reader.int()?,
            b"Stats" => {
                for _ in 0..reader.array()? {
                    *left = left.saturating_sub(1);
                    match *left {
                        0 => reader.skip()?,
                        _ => bucket.groups.push(group(reader)?),
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(bucket)
}

fn group(reader: &mut Reader<'_>) -> Read<StatsGroup> {
    let mut group = StatsGroup::default();
    for _ in 0..reader.map()? {
        match reader.text()? {
            b"Service" => group.service = text(reader)?,
            b"Name" => group.name = text(reader)?,
            b"Resource" => group.resource = text(reader)?,
            b"Type" => group.kind = text(reader)?,
            b"SpanKind" => group.span_kind = text(reader)?,
            b"HTTPStatusCode" => group.http_status = u16::try_from(reader.uint()?).unwrap_or(0),
            b"Synthetics" => group.synthetics = reader.bool()?,
            b"Hits" => group.hits = reader.uint()?,
            b"Errors" => group.errors = reader.uint()?,
            b"TopLevelHits" => group.top_level_hits = reader.uint()?,
            b"Duration" => group.duration_ns = reader.uint()?,
            b"OkSummary" => group.ok = sketch(reader)?,
            b"ErrorSummary" => group.error = sketch(reader)?,
            _ => reader.skip()?,
        }
    }
    Ok(group)
}

/// A sketch that can't be read is empty: hits and errors still count.
fn sketch(reader: &mut Reader<'_>) -> Read<Sketch> {
    Ok(ddsketch(reader.text()?).unwrap_or_default())
}

fn text(reader: &mut Reader<'_>) -> Read<String> {
    Ok(String::from_utf8_lossy(reader.text()?).into_owned())
}
