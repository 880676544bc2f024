//! `/intake/`: events, host metadata, the states of agent checks and tags of other hosts, told apart by their keys.

use super::events;
use super::json::{self, Text, elements};
use super::names::tags;
use crate::Result;
use oriel_model::{HostMetadata, Rejections, Submission, TimeMs};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Keys that make a body host metadata.
const HOST_KEYS: [&str; 6] = ["meta", "host-tags", "gohai", "systemStats", "agent_checks", "agentVersion"];

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default, rename = "internalHostname")]
    host: Text<'a>,
    #[serde(borrow, default, rename = "agentVersion")]
    agent_version: Text<'a>,
    #[serde(borrow, default)]
    events: Option<&'a RawValue>,
    #[serde(borrow, default)]
    external_host_tags: Option<&'a RawValue>,
}

/// Decodes `/intake/`. Events and host metadata go into the submission; hosts of `external_host_tags` become metadata of
/// their own with tags only, whose `raw` is null.
pub fn intake(body: &[u8], now_ms: TimeMs) -> Result<(Submission, Rejections)> {
    json::parse(body, |bytes| {
        let parsed: Body<'_> = serde_json::from_slice(bytes)?;
        let (mut out, mut rejections) = (Submission::default(), Rejections::default());
        if let Some(events) = parsed.events {
            add_events(events.get(), &parsed.host.0, now_ms, (&mut out, &mut rejections))?;
        }
        if let Some(metadata) = host_metadata(bytes, &parsed)? {
            out.host_metadata.push(metadata);
        }
        if let Some(external) = parsed.external_host_tags {
            out.host_metadata.extend(elements(external.get()).filter_map(external_host));
        }
        Ok((out, rejections))
    })
}

/// `{"SOURCE": [event, …]}`; the source `api` stands for none.
fn add_events(
    text: &str,
    default_host: &str,
    now_ms: TimeMs,
    (out, rejections): (&mut Submission, &mut Rejections),
) -> serde_json::Result<()> {
    let by_source: Option<serde_json::Map<String, Value>> = serde_json::from_str(text)?;
    for (source, list) in by_source.into_iter().flatten() {
        for entry in list.as_array().into_iter().flatten() {
            let text = entry.to_string();
            let event = serde_json::from_str::<events::Body<'_>>(&text)
                .map_err(|_| oriel_model::Reason::BadSyntax)
                .and_then(|body| body.into_event(now_ms));
            match event {
                Ok(mut event) => {
                    if event.source.is_empty() && source != "api" {
                        event.source = source.clone();
                    }
                    if event.host.is_empty() {
                        event.host = default_host.to_owned();
                    }
                    out.events.push(event);
                }
                Err(reason) => rejections.add(reason, 1, || text.clone()),
            }
        }
    }
    Ok(())
}

fn host_metadata(bytes: &[u8], parsed: &Body<'_>) -> serde_json::Result<Option<HostMetadata>> {
    let Value::Object(mut raw) = serde_json::from_slice(bytes)? else { return Ok(None) };
    let host = match raw.get("meta").and_then(|m| m.get("hostname")).and_then(Value::as_str) {
        Some(name) if parsed.host.0.is_empty() => name.to_owned(),
        _ => parsed.host.0.trim().to_owned(),
    };
    if host.is_empty() || !HOST_KEYS.iter().any(|k| raw.get(*k).is_some_and(|v| !v.is_null())) {
        return Ok(None);
    }
    for key in ["apiKey", "events", "external_host_tags"] {
        raw.remove(key);
    }
    let host_tags = raw.get("host-tags").map(tags_by_source).unwrap_or_default();
    let agent_checks = match raw.remove("agent_checks") {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    };
    let agent_version = parsed.agent_version.0.clone().into_owned();
    Ok(Some(HostMetadata { host, agent_version, host_tags, raw: Value::Object(raw), agent_checks }))
}

/// `{"system": ["env:prod"], …}`; sources without tags are left out.
fn tags_by_source(value: &Value) -> Vec<(String, Vec<String>)> {
    let sources = value.as_object().into_iter().flatten();
    sources
        .map(|(source, list)| {
            let given = list.as_array().into_iter().flatten().filter_map(Value::as_str);
            (source.clone(), tags(given).1)
        })
        .filter(|(_, tags)| !tags.is_empty())
        .collect()
}

/// `["HOST", {"SOURCE": ["tag", …]}]`.
fn external_host(row: &str) -> Option<HostMetadata> {
    let (host, sources): (String, Value) = serde_json::from_str(row).ok()?;
    let host_tags = tags_by_source(&sources);
    (!host.is_empty()).then(|| HostMetadata {
        host,
        agent_version: String::new(),
        host_tags,
        raw: Value::Null,
        agent_checks: Vec::new(),
    })
}
