//! What the agent's forwarder sends: the bodies of `/api/v2/series`, `/api/beta/sketches`, `/api/v1/check_run` and `/intake/`,
//! uncompressed. Decoding them gives the same again, to the second: Datadog's protocol knows no finer times.

use crate::protobuf::Writer;
use oriel_model::{Event, HostMetadata, Kind, Series, ServiceCheck, SketchSeries};
use serde_json::{Map, Value, json};

/// `MetricPayload`, for `/api/v2/series` with `application/x-protobuf`. Running totals go as gauges: the protocol has no kind
/// for them.
pub fn series_v2(series: &[Series]) -> Vec<u8> {
    let mut out = Writer::default();
    for s in series {
        out.message(1, |m| {
            if !s.host.is_empty() {
                m.message(1, |r| {
                    r.text(1, "host");
                    r.text(2, &s.host);
                });
            }
            m.text(2, &s.metric);
            s.tags.iter().for_each(|tag| m.text(3, tag));
            for &(time_ms, value) in &s.points {
                m.message(4, |p| {
                    p.double(1, value);
                    p.int(2, time_ms.div_euclid(1000));
                });
            }
            m.varint(5, kind_code(s.kind));
            m.varint(8, s.interval_s.into());
        });
    }
    out.finish()
}

fn kind_code(kind: Kind) -> u64 {
    match kind {
        Kind::Count => 1,
        Kind::Rate => 2,
        Kind::Gauge | Kind::Cumulative | Kind::Distribution => 3,
    }
}

/// `SketchPayload`, for `/api/beta/sketches`. Sketches are taken to be in the agent's mapping, which the protocol supposes.
pub fn sketches(series: &[SketchSeries]) -> Vec<u8> {
    let mut out = Writer::default();
    for s in series {
        out.message(1, |m| {
            m.text(1, &s.metric);
            m.text(2, &s.host);
            s.tags.iter().for_each(|tag| m.text(4, tag));
            for (time_ms, sketch) in &s.points {
                m.message(7, |d| {
                    d.int(1, time_ms.div_euclid(1000));
                    d.varint(2, sketch.count);
                    d.double(3, sketch.min);
                    d.double(4, sketch.max);
                    d.double(5, sketch.avg());
                    d.double(6, sketch.sum);
                    d.packed_signed(7, sketch.bins.iter().map(|b| b.0.into()));
                    d.packed(8, sketch.bins.iter().map(|b| b.1));
                });
            }
        });
    }
    // The payload's metadata, which agents send empty and old intakes ask for.
    out.bytes(2, &[]);
    out.finish()
}

/// The array of `/api/v1/check_run`.
pub fn checks(checks: &[ServiceCheck]) -> Vec<u8> {
    let rows = checks.iter().map(|c| {
        json!({
            "check": c.check,
            "host_name": c.host,
            "timestamp": c.time_ms.div_euclid(1000),
            "status": c.status as u8,
            "message": c.message,
            "tags": c.tags,
        })
    });
    Value::Array(rows.collect()).to_string().into_bytes()
}

/// The body of `/intake/` with events by source; `host` is the sender's.
pub fn events_intake(events: &[Event], host: &str) -> Vec<u8> {
    let mut by_source: Map<String, Value> = Map::new();
    for e in events {
        let source = if e.source.is_empty() { "api" } else { &e.source };
        let mut row = json!({
            "msg_title": e.title,
            "msg_text": e.text,
            "timestamp": e.time_ms.div_euclid(1000),
            "priority": e.priority.as_str(),
            "host": e.host,
            "tags": e.tags,
            "alert_type": e.alert_type.as_str(),
            "aggregation_key": e.aggregation_key,
        });
        if source != "api" {
            row["source_type_name"] = e.source.clone().into();
        }
        if let Value::Array(rows) = by_source.entry(source).or_insert_with(|| json!([])) {
            rows.push(row);
        }
    }
    json!({ "apiKey": "", "events": by_source, "internalHostname": host }).to_string().into_bytes()
}

/// The body of `/intake/` with a host's metadata: what `raw` holds, under the fields that we know.
pub fn host_metadata(metadata: &HostMetadata) -> Vec<u8> {
    let mut body = match &metadata.raw {
        Value::Object(raw) => raw.clone(),
        _ => Map::new(),
    };
    body.insert("apiKey".into(), "".into());
    body.insert("internalHostname".into(), metadata.host.clone().into());
    body.insert("agentVersion".into(), metadata.agent_version.clone().into());
    let tags: Map<String, Value> =
        metadata.host_tags.iter().map(|(source, tags)| (source.clone(), tags.clone().into())).collect();
    body.insert("host-tags".into(), tags.into());
    if !metadata.agent_checks.is_empty() {
        body.insert("agent_checks".into(), metadata.agent_checks.clone().into());
    }
    Value::Object(body).to_string().into_bytes()
}
