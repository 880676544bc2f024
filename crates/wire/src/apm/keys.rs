//! What a key of a span's meta or metrics means to Oriel. Asked once a key and payload; the answer is kept by the decoder.

use oriel_model::{KeyId, RowBatchBuilder};

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An attribute as it is.
    Attribute(KeyId),
    /// An attribute that is a number when its text is one.
    Number(KeyId),
    /// An attribute whose SQL literals go.
    Sql(KeyId),
    Env,
    Version,
    Host,
    /// Read on the first walk already, and in the row another way.
    Known,
}

/// Classifies a key. Keys too long for an attribute are left out.
pub(super) fn place(key: &str, builder: &mut RowBatchBuilder) -> Place {
    match key {
        "env" => Place::Env,
        "version" => Place::Version,
        "_dd.hostname" => Place::Host,
        "_dd.p.tid" | "_dd.top_level" | "_top_level" | "service" => Place::Known,
        "http.status_code" | "grpc.code" | "rpc.grpc.status_code" => Place::Number(builder.attr_key(key)),
        "db.statement" | "db.query.text" | "sql.query" => Place::Sql(builder.attr_key(key)),
        // What older tracers call it.
        "error.msg" => Place::Attribute(builder.attr_key("error.message")),
        // What a format without fields for them carries as texts.
        "_dd.span_links" => Place::Attribute(builder.attr_key("span_links")),
        "events" => Place::Attribute(builder.attr_key("span_events")),
        key if key.is_empty() || key.len() > KEY_BYTES_MAX => Place::Known,
        key => Place::Attribute(builder.attr_key(key)),
    }
}

/// The agent cuts keys at 200 bytes; nobody sends such.
const KEY_BYTES_MAX: usize = 200;
