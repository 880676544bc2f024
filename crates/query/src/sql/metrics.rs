//! Samples of a metric as a table: `time, metric, host, tags, value`. Distributions have no samples and are left out.

use super::SqlLimits;
use super::literal::{literal, text};
use super::pushdown::{EVER, all};
use super::schema::{Kind, TableColumn};
use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder, TimestampNanosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use oriel_model::{Kind as MetricKind, TimeMs, TimeRange};
use oriel_store::{
    Aggregates, Cancel, Matcher, MetricReader, NsRange, PieceHead, PieceSink, SeriesEntry, Want,
};
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// Batches between the scan and the plan.
const QUEUE: usize = 4;
/// Samples of a batch, at least; a piece is not cut.
const BATCH_ROWS: usize = 8_192;

pub(super) struct MetricsTable {
    reader: Arc<dyn MetricReader>,
    schema: SchemaRef,
    range: NsRange,
    cancel: Cancel,
}

impl MetricsTable {
    pub(super) fn new(reader: Arc<dyn MetricReader>, limits: &SqlLimits) -> Self {
        let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
        let schema = Arc::new(Schema::new(vec![
            Field::new("time", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false),
            Field::new("metric", DataType::Utf8, false),
            Field::new("host", DataType::Utf8, true),
            Field::new("tags", DataType::List(item), false),
            Field::new("value", DataType::Float64, false),
        ]));
        Self { reader, schema, range: limits.range, cancel: limits.cancel.clone() }
    }
}

impl fmt::Debug for MetricsTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsTable")
    }
}

/// The value that a condition asks a column to be equal to.
fn equal<'e>(condition: &'e Expr, name: &str) -> Option<&'e str> {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = condition else { return None };
    let is_column = |expr: &Expr| matches!(expr, Expr::Column(column) if column.name == name);
    let value = match (is_column(left), is_column(right)) {
        (true, _) => literal(right),
        (_, true) => literal(left),
        _ => None,
    };
    value.and_then(text)
}

fn time_column() -> [TableColumn; 1] {
    [TableColumn { name: "time".into(), kind: Kind::Time }]
}

#[async_trait::async_trait]
impl TableProvider for MetricsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Times are kept in milliseconds and compared in nanoseconds, so the engine looks again.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(metric) = filters.iter().find_map(|filter| equal(filter, "metric")) else {
            let message = "the table metrics needs the condition metric = '…' with the name of one metric";
            return Err(DataFusionError::Plan(message.to_owned()));
        };
        let pushed = all(&time_column(), filters);
        let range = if pushed.range == EVER { self.range } else { pushed.range };
        let leaf = Leaf {
            reader: Arc::clone(&self.reader),
            schema: Arc::clone(&self.schema),
            metric: metric.to_owned(),
            host: filters.iter().find_map(|filter| equal(filter, "host")).map(str::to_owned),
            range: milliseconds(range),
            cancel: self.cancel.clone(),
        };
        let schema = Arc::clone(&self.schema);
        let exec = StreamingTableExec::try_new(schema, vec![Arc::new(leaf)], projection, None, false, limit)?;
        Ok(Arc::new(exec))
    }
}

/// Every millisecond that the range touches, within the years that the store knows.
fn milliseconds(range: NsRange) -> TimeRange {
    let far = 10_000_000_000_000;
    let (start, end) = (range.start.div_euclid(1_000_000), range.end.div_euclid(1_000_000).saturating_add(1));
    TimeRange::new(start.clamp(0, far), end.clamp(0, far))
}

#[derive(Clone)]
struct Leaf {
    reader: Arc<dyn MetricReader>,
    schema: SchemaRef,
    metric: String,
    host: Option<String>,
    range: TimeRange,
    cancel: Cancel,
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({} in {:?})", self.metric, self.range)
    }
}

impl Leaf {
    fn read(&self, sender: &Sender<Result<RecordBatch>>) -> oriel_store::Result<()> {
        let mut entries = self.reader.select(&self.metric, &Matcher::All, self.range)?;
        let host = self.host.as_deref();
        entries
            .retain(|e| e.kind != MetricKind::Distribution && host.is_none_or(|host| *e.def.host == *host));
        let keys: Vec<_> = entries.iter().map(|entry| entry.key).collect();
        let mut sink = Samples { entries: &entries, leaf: self, sender, open: Builders::default(), rows: 0 };
        let done = self.reader.scan(&keys, self.range, &self.cancel, &mut sink);
        sink.send();
        done
    }
}

impl PartitionStream for Leaf {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), QUEUE);
        // Its own flag, so that a limit ends this scan and not the others of the query.
        let (leaf, sender) = (self.clone(), stream.tx());
        stream.spawn_blocking(move || match leaf.read(&sender) {
            Err(oriel_store::Error::Cancelled) if sender.is_closed() => Ok(()),
            done => done.map_err(|error| DataFusionError::External(Box::new(error))),
        });
        stream.build()
    }
}

#[derive(Default)]
struct Builders {
    time: TimestampNanosecondBuilder,
    metric: StringBuilder,
    host: StringBuilder,
    tags: ListBuilder<StringBuilder>,
    value: Float64Builder,
}

struct Samples<'a> {
    entries: &'a [SeriesEntry],
    leaf: &'a Leaf,
    sender: &'a Sender<Result<RecordBatch>>,
    open: Builders,
    rows: usize,
}

impl Samples<'_> {
    fn send(&mut self) {
        if self.rows == 0 {
            return;
        }
        let mut made = std::mem::take(&mut self.open);
        self.rows = 0;
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(made.time.finish().with_timezone("UTC")),
            Arc::new(made.metric.finish()),
            Arc::new(made.host.finish()),
            Arc::new(made.tags.finish()),
            Arc::new(made.value.finish()),
        ];
        let batch =
            RecordBatch::try_new(Arc::clone(&self.leaf.schema), arrays).map_err(DataFusionError::from);
        // The rest of the samples is passed over when nobody takes them any more.
        let _ = self.sender.blocking_send(batch);
    }
}

impl PieceSink for Samples<'_> {
    fn piece(&mut self, _: &PieceHead, _: bool) -> Want {
        if self.sender.is_closed() { Want::Nothing } else { Want::Samples }
    }

    fn aggregates(&mut self, _: &PieceHead, _: &Aggregates) {}

    fn samples(&mut self, head: &PieceHead, times: &[TimeMs], values: &[f64]) {
        let def = &self.entries[head.series].def;
        // A staleness marker is no value.
        for (time, value) in times.iter().zip(values).filter(|(_, value)| value.is_finite()) {
            self.open.time.append_value(time.saturating_mul(1_000_000));
            self.open.metric.append_value(&self.leaf.metric);
            self.open.host.append_option(Some(&*def.host).filter(|host| !host.is_empty()));
            def.tags.iter().for_each(|tag| self.open.tags.values().append_value(tag));
            self.open.tags.append(true);
            self.open.value.append_value(*value);
            self.rows += 1;
        }
        if self.rows >= BATCH_ROWS {
            self.send();
        }
    }
}
