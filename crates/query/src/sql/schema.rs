//! The columns of a wide table: the core ones of its signal, and the attributes and tags that a statement names.

use super::statement::Words;
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use oriel_model::{Core, Field, Signal};
use oriel_store::FieldInfo;
use std::sync::Arc;

/// Attributes of one statement; each is a column that is decoded.
const NAMED_MAX: usize = 256;

/// What a column holds, and so how it is built and what of a condition on it the store may take over.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// The row's time.
    Time,
    /// A core text: null when it is empty.
    Text(Field),
    /// Trace and span ids as hexadecimal digits.
    Id(Field),
    /// A span's duration in nanoseconds.
    Duration,
    /// An attribute that is a number wherever it is.
    Number(Field),
    /// An attribute that is a truth value wherever it is.
    Bool(Field),
    /// The text view of an attribute; whether some of its values are lists.
    Mixed { field: Field, lists: bool },
    /// Every attribute and tag of the row as one JSON object.
    Attributes,
    /// How many rows it stands for.
    Weight,
}

#[derive(Clone, Debug)]
pub(super) struct TableColumn {
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl TableColumn {
    pub(super) fn data_type(&self) -> DataType {
        match self.kind {
            Kind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            Kind::Duration => DataType::Int64,
            Kind::Number(_) | Kind::Weight => DataType::Float64,
            Kind::Bool(_) => DataType::Boolean,
            Kind::Text(_) | Kind::Id(_) | Kind::Mixed { .. } | Kind::Attributes => DataType::Utf8,
        }
    }

    fn arrow(&self) -> ArrowField {
        let nullable = !matches!(self.kind, Kind::Time | Kind::Weight | Kind::Attributes);
        ArrowField::new(&self.name, self.data_type(), nullable)
    }
}

/// The arrow schema of columns.
pub(super) fn schema_of(columns: &[TableColumn]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(TableColumn::arrow).collect::<Vec<_>>()))
}

/// Columns of a signal's table, in their order.
pub(super) fn columns(signal: Signal, words: &Words, known: &[FieldInfo]) -> Vec<TableColumn> {
    let mut out: Vec<TableColumn> = core(signal).iter().map(|(name, core)| of_core(name, *core)).collect();
    out.push(TableColumn { name: "weight".into(), kind: Kind::Weight });
    let is_new = |out: &[TableColumn], name: &str| !out.iter().any(|column| column.name == name);
    for name in words.names() {
        let info = known.iter().find(|info| info.field.to_string() == name);
        let is_attribute = name.starts_with('@') && name.len() > 1;
        if (is_attribute || info.is_some()) && is_new(&out, name) && out.len() < NAMED_MAX {
            let field = Field::parse(signal, name);
            let kind = match &field {
                Field::Core(Core::Duration) => Kind::Duration,
                Field::Core(Core::TraceId | Core::SpanId) => Kind::Id(field),
                _ => kind_of(field, info),
            };
            out.push(TableColumn { name: name.to_owned(), kind });
        }
    }
    out.push(TableColumn { name: "attributes".into(), kind: Kind::Attributes });
    out
}

fn core(signal: Signal) -> &'static [(&'static str, Core)] {
    match signal {
        Signal::Spans => &[
            ("timestamp", Core::Time),
            ("service", Core::Service),
            ("host", Core::Host),
            ("env", Core::Env),
            ("status", Core::Status),
            ("version", Core::Version),
            ("operation_name", Core::Name),
            ("resource_name", Core::Resource),
            ("type", Core::Type),
            ("duration", Core::Duration),
            ("trace_id", Core::TraceId),
            ("span_id", Core::SpanId),
            ("parent_id", Core::ParentId),
        ],
        Signal::Events => &[
            ("timestamp", Core::Time),
            ("title", Core::Name),
            ("message", Core::Message),
            ("status", Core::Status),
            ("source", Core::Source),
            ("service", Core::Service),
            ("host", Core::Host),
            ("env", Core::Env),
            ("version", Core::Version),
        ],
        _ => &[
            ("timestamp", Core::Time),
            ("status", Core::Status),
            ("service", Core::Service),
            ("host", Core::Host),
            ("source", Core::Source),
            ("env", Core::Env),
            ("version", Core::Version),
            ("message", Core::Message),
            ("trace_id", Core::TraceId),
            ("span_id", Core::SpanId),
        ],
    }
}

fn of_core(name: &str, core: Core) -> TableColumn {
    let kind = match core {
        Core::Time => Kind::Time,
        Core::Duration => Kind::Duration,
        Core::TraceId | Core::SpanId | Core::ParentId => Kind::Id(Field::Core(core)),
        text => Kind::Text(Field::Core(text)),
    };
    TableColumn { name: name.to_owned(), kind }
}

/// The narrowest type that every value of the range has.
fn kind_of(field: Field, info: Option<&FieldInfo>) -> Kind {
    match info {
        Some(FieldInfo { numbers: 1.., texts: 0, bools: 0, lists: 0, .. }) => Kind::Number(field),
        Some(FieldInfo { numbers: 0, texts: 0, bools: 1.., lists: 0, .. }) => Kind::Bool(field),
        info => Kind::Mixed { field, lists: info.is_none_or(|info| info.lists > 0) },
    }
}
