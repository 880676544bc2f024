//! Exemplars: single measurements that name the span they were made in. Each becomes a row among the events, of the source
//! `otel.exemplar`, which lists of events leave out and charts look for.

use super::resource::Speaker;
use super::value;
use crate::cut;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{Exemplar, exemplar};
use oriel_model::{Core, Reason, RowBatchBuilder, ValueRef, normalise_metric, normalise_tag};

/// The source of these rows.
const SOURCE: &str = "otel.exemplar";

pub(super) fn write(
    speaker: &Speaker,
    (metric, attributes): (&str, &[KeyValue]),
    exemplars: &[Exemplar],
    rows: &mut RowBatchBuilder,
) {
    for exemplar in exemplars {
        let trace_id = value::trace_id(&exemplar.trace_id);
        let time_ns = i64::try_from(exemplar.time_unix_nano).unwrap_or(0);
        let number = match exemplar.value {
            Some(exemplar::Value::AsDouble(x)) => ValueRef::Float(x),
            Some(exemplar::Value::AsInt(n)) => ValueRef::Int(n),
            None => continue,
        };
        // Without a trace there is nothing to lead to.
        if trace_id == 0 || time_ns == 0 {
            continue;
        }
        if rows.len() >= rows.limits().rows_per_request {
            rows.reject(Reason::TooManyRows, || format!("an exemplar of {metric}"));
            continue;
        }
        rows.begin(time_ns);
        rows.set_trace_id(trace_id);
        rows.set_span_id(value::span_id(&exemplar.span_id));
        for (core, text) in [
            (Core::Name, "oriel.exemplar"),
            (Core::Source, SOURCE),
            (Core::Status, "info"),
            (Core::Service, &speaker.service),
            (Core::Env, &speaker.env),
            (Core::Version, &speaker.version),
            (Core::Host, &speaker.host),
        ] {
            cut::word(rows, core, text);
        }
        value::set_text(rows, "metric", &normalise_metric(metric).unwrap_or_default());
        value::set_text(rows, "priority", "low");
        let key = rows.attr_key("value");
        rows.attr(key, number);
        for kv in attributes {
            let text = kv.value.as_ref().and_then(|v| v.value.as_ref()).map(value::text).unwrap_or_default();
            rows.tag(&normalise_tag(&format!("{}:{text}", kv.key)));
        }
        value::set_all(rows, &exemplar.filtered_attributes);
        rows.end();
    }
}
