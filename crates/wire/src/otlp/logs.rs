//! `ExportLogsServiceRequest` to logs.

use super::resource::Speaker;
use super::{Defaults, Encoding, read, value};
use crate::logs::{says_only, status_of_word};
use crate::{Result, cut};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use oriel_model::{Core, Reason, RowBatchBuilder};
use std::borrow::Cow;

/// Members of a structured body that are its message.
const MESSAGE: [&str; 3] = ["message", "msg", "log"];

/// Decodes `/v1/logs`.
pub fn logs(
    body: &[u8],
    encoding: Encoding,
    defaults: &Defaults,
    builder: &mut RowBatchBuilder,
) -> Result<()> {
    let request: ExportLogsServiceRequest = read(body, encoding)?;
    for of_resource in request.resource_logs {
        let speaker = Speaker::of(of_resource.resource, defaults);
        for of_scope in of_resource.scope_logs {
            for record in &of_scope.log_records {
                if builder.len() >= builder.limits().rows_per_request {
                    builder.reject(Reason::TooManyRows, || format!("a log of {}", speaker.service));
                    continue;
                }
                begin(record, defaults, builder);
                write(&speaker, of_scope.scope.as_ref(), record, builder);
                builder.end();
            }
        }
    }
    Ok(())
}

/// The event's time, else when it was observed, else now.
fn begin(record: &LogRecord, defaults: &Defaults, builder: &mut RowBatchBuilder) {
    let times = [record.time_unix_nano, record.observed_time_unix_nano];
    let own = times.into_iter().filter_map(|t| i64::try_from(t).ok()).find(|&t| t > 0);
    builder.begin(own.unwrap_or(defaults.now_ns));
    if own.is_none() {
        builder.note_filled_time();
    }
}

fn write(
    speaker: &Speaker,
    scope: Option<&InstrumentationScope>,
    record: &LogRecord,
    builder: &mut RowBatchBuilder,
) {
    speaker.write(scope, builder);
    builder.set_trace_id(value::trace_id(&record.trace_id));
    builder.set_span_id(value::span_id(&record.span_id));
    let text = record.severity_text.as_str();
    let status = status_of_word(text).unwrap_or_else(|| status_of_severity(record.severity_number));
    builder.set_text(Core::Status, status);
    if !says_only(text, status) {
        value::set_text(builder, "otel.severity_text", text);
    }
    value::set_text(builder, "event.name", &record.event_name);
    message(record.body.as_ref().and_then(|b| b.value.as_ref()), builder);
    value::set_all(builder, &record.attributes);
}

/// A structured body becomes attributes, and its message the message.
fn message(body: Option<&Value>, builder: &mut RowBatchBuilder) {
    match body {
        None => {}
        Some(Value::KvlistValue(map)) => {
            let is_message = |kv: &&KeyValue| MESSAGE.contains(&kv.key.as_str());
            let said = map.values.iter().find(is_message);
            let said = said.and_then(|kv| value::find_text(std::slice::from_ref(kv), &kv.key));
            let whole = || Cow::Owned(value::json_object(&map.values).to_string());
            cut::message(builder, &said.unwrap_or_else(whole));
            let rest: Vec<KeyValue> = map.values.iter().filter(|kv| !is_message(kv)).cloned().collect();
            value::set_all(builder, &rest);
        }
        Some(other) => cut::message(builder, &value::text(other)),
    }
}

/// OpenTelemetry's 24 severities; their finer steps are syslog's, as the data model's appendix has it.
fn status_of_severity(number: i32) -> &'static str {
    match number {
        1..=8 => "debug",
        10..=12 => "notice",
        13..=16 => "warn",
        17 => "error",
        18 => "critical",
        19..=20 => "alert",
        21..=24 => "emergency",
        _ => "info",
    }
}
