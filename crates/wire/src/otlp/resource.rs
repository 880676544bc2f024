//! Who speaks: a resource's service, environment, version and host by the semantic conventions, and what else it says.

use super::value::{find_text, first_text, set_all};
use super::{Defaults, value};
use crate::cut;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use oriel_model::{Core, RowBatchBuilder};

/// What fills core fields, and is no attribute besides.
const CORE: [&str; 5] =
    ["service.name", "deployment.environment.name", "deployment.environment", "service.version", "host.name"];

/// A resource, read once for all that it says.
pub(super) struct Speaker {
    pub(super) service: String,
    pub(super) env: String,
    pub(super) version: String,
    pub(super) host: String,
    /// What else the resource says.
    pub(super) rest: Vec<KeyValue>,
}

impl Speaker {
    pub(super) fn of(resource: Option<Resource>, defaults: &Defaults) -> Self {
        let attributes = resource.map(|r| r.attributes).unwrap_or_default();
        let text = |names: &[&str]| first_text(&attributes, names).unwrap_or_default().into_owned();
        let host = match text(&["host.name", "datadog.host.name"]) {
            named if named.is_empty() => defaults.host.clone(),
            named => named,
        };
        let service = match text(&["service.name"]) {
            named if named.is_empty() => "unknown_service".to_owned(),
            named => named,
        };
        Self {
            service,
            env: text(&["deployment.environment.name", "deployment.environment"]),
            version: text(&["service.version"]),
            host,
            rest: attributes.into_iter().filter(|kv| !CORE.contains(&kv.key.as_str())).collect(),
        }
    }

    /// Puts everything onto the open row. Attributes of the row itself come later, and win.
    pub(super) fn write(&self, scope: Option<&InstrumentationScope>, builder: &mut RowBatchBuilder) {
        for (core, text) in [
            (Core::Service, &self.service),
            (Core::Env, &self.env),
            (Core::Version, &self.version),
            (Core::Host, &self.host),
        ] {
            cut::word(builder, core, text);
        }
        set_all(builder, &self.rest);
        if let Some(scope) = scope {
            value::set_text(builder, "otel.scope.name", &scope.name);
            value::set_text(builder, "otel.scope.version", &scope.version);
            set_all(builder, &scope.attributes);
        }
    }

    /// The instance that speaks: two of one service may run on one host, and their running totals are two.
    pub(super) fn instance(&self) -> Option<String> {
        find_text(&self.rest, "service.instance.id").map(std::borrow::Cow::into_owned)
    }
}
