//! `ExportTraceServiceRequest` to spans.

use super::naming::{DB_TEXT, Kind, operation, resource, span_type};
use super::resource::Speaker;
use super::{Defaults, Encoding, read, value};
use crate::{Result, cut};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::trace::v1::{Span, span};
use oriel_model::{Core, Reason, RowBatchBuilder, ValueRef, format_span_id, format_trace_id};
use serde_json::{Value as Json, json};

/// Decodes `/v1/traces`.
pub fn traces(
    body: &[u8],
    encoding: Encoding,
    defaults: &Defaults,
    builder: &mut RowBatchBuilder,
) -> Result<()> {
    let request: ExportTraceServiceRequest = read(body, encoding)?;
    for of_resource in request.resource_spans {
        let speaker = Speaker::of(of_resource.resource, defaults);
        for of_scope in of_resource.scope_spans {
            for span in &of_scope.spans {
                if builder.len() >= builder.limits().rows_per_request {
                    builder.reject(Reason::TooManyRows, || format!("span {:?}", span.name));
                    continue;
                }
                if write(&speaker, of_scope.scope.as_ref(), span, builder) {
                    if let Some(obfuscate) = defaults.obfuscate_sql {
                        without_literals(span, obfuscate, builder);
                    }
                    builder.end();
                }
            }
        }
    }
    Ok(())
}

/// Opens a row and fills it; `false` for a span that is none.
fn write(
    speaker: &Speaker,
    scope: Option<&InstrumentationScope>,
    span: &Span,
    builder: &mut RowBatchBuilder,
) -> bool {
    let (trace_id, span_id) = (value::trace_id(&span.trace_id), value::span_id(&span.span_id));
    let start = i64::try_from(span.start_time_unix_nano).unwrap_or(0);
    if trace_id == 0 || span_id == 0 || start == 0 {
        let what = if start == 0 { "start time" } else { "id" };
        builder.reject(Reason::BadValue, || {
            format!("span {:?} of {} has no {what}", span.name, speaker.service)
        });
        return false;
    }
    let kind = Kind::of(span.kind);
    let parent_id = value::span_id(&span.parent_span_id);
    builder.begin(start);
    builder.set_trace_id(trace_id);
    builder.set_span_id(span_id);
    builder.set_parent_id(parent_id);
    let end = i64::try_from(span.end_time_unix_nano).unwrap_or(0);
    builder.set_duration(end.saturating_sub(start).max(0));
    speaker.write(scope, builder);
    value::set_all(builder, &span.attributes);
    let resource = resource(span, kind);
    cut::word(builder, Core::Name, &operation(span, kind));
    cut::word(builder, Core::Resource, &resource);
    cut::word(builder, Core::Type, &span_type(&span.attributes, kind));
    if *resource != span.name {
        value::set_text(builder, "otel.name", &span.name);
    }
    value::set_text(builder, "span.kind", kind.as_str());
    value::set_text(builder, "w3c.tracestate", &span.trace_state);
    entry_marks(kind, parent_id, builder);
    status(span, builder);
    let lists = [("span_links", span.links.iter().map(link).collect()), ("span_events", events(span))];
    for (name, list) in lists {
        let list: Vec<Json> = list;
        if !list.is_empty() {
            value::set_text(builder, name, &Json::Array(list).to_string());
        }
    }
    true
}

/// What people wrote into an SQL statement is theirs: the statement is kept without it.
fn without_literals(span: &Span, obfuscate: fn(&str) -> Option<String>, builder: &mut RowBatchBuilder) {
    if builder.text(Core::Type) != "sql" {
        return;
    }
    let Some(statement) = value::first_text(&span.attributes, DB_TEXT) else { return };
    if let Some(plain) = obfuscate(&statement) {
        if builder.text(Core::Resource) == statement {
            cut::word(builder, Core::Resource, &plain);
        }
        value::set_text(builder, "db.statement", &plain);
    }
}

/// A span that enters a service is one without a parent, or that serves somebody; calls out are measured too.
fn entry_marks(kind: Kind, parent_id: u64, builder: &mut RowBatchBuilder) {
    let mark = match kind {
        _ if parent_id == 0 => "_top_level",
        Kind::Server | Kind::Consumer => "_top_level",
        Kind::Client | Kind::Producer => "_dd.measured",
        Kind::Internal | Kind::Unspecified => return,
    };
    let key = builder.attr_key(mark);
    builder.attr(key, ValueRef::Int(1));
}

/// Errors by the span's status; what went wrong by its exception, else by the status' message.
fn status(span: &Span, builder: &mut RowBatchBuilder) {
    let status = span.status.as_ref();
    let is_error = status.is_some_and(|s| s.code == 2);
    builder.set_text(Core::Status, if is_error { "error" } else { "ok" });
    let exception = span.events.iter().rev().find(|e| e.name == "exception");
    let named = |name: &str| exception.and_then(|e| value::find_text(&e.attributes, name));
    if let Some(stack) = named("exception.stacktrace") {
        value::set_text(builder, "error.stack", &stack);
    }
    if let Some(class) = named("exception.type") {
        value::set_text(builder, "error.type", &class);
    }
    let told = status.map(|s| s.message.as_str()).filter(|m| is_error && !m.is_empty());
    match (named("exception.message"), told) {
        (Some(message), _) => value::set_text(builder, "error.message", &message),
        (None, Some(message)) => value::set_text(builder, "error.message", message),
        (None, None) => {}
    }
}

fn link(link: &span::Link) -> Json {
    let mut json = json!({
        "trace_id": format_trace_id(value::trace_id(&link.trace_id)),
        "span_id": format_span_id(value::span_id(&link.span_id)),
    });
    if !link.trace_state.is_empty() {
        json["tracestate"] = link.trace_state.as_str().into();
    }
    if !link.attributes.is_empty() {
        json["attributes"] = value::json_object(&link.attributes);
    }
    json
}

fn events(span: &Span) -> Vec<Json> {
    let event = |event: &span::Event| {
        json!({
            "time_unix_nano": event.time_unix_nano,
            "name": event.name,
            "attributes": value::json_object(&event.attributes),
        })
    };
    span.events.iter().map(event).collect()
}
