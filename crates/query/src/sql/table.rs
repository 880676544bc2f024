//! A signal's rows as a table: the scan streams the store's blocks through a bounded channel.

use super::SqlLimits;
use super::arrays::{batch, fields_of};
use super::pushdown::{EVER, all, push};
use super::schema::{Kind, TableColumn, columns, schema_of};
use super::statement::Words;
use arrow_schema::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use oriel_model::Field;
use oriel_store::{Cancel, Error, NsRange, RowSnapshot, ScanRequest};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Batches between the scan and the plan: one a worker and one ahead.
const QUEUE: usize = 4;
/// Attributes in the JSON map; rarer ones are asked for by name.
const EVERY_MAX: usize = 512;

pub(super) struct WideTable {
    snapshot: Arc<RowSnapshot>,
    columns: Vec<TableColumn>,
    schema: SchemaRef,
    /// Fields of the `attributes` column.
    every: Vec<Field>,
    range: NsRange,
    cancel: Cancel,
}

impl WideTable {
    pub(super) fn new(snapshot: Arc<RowSnapshot>, words: &Words, limits: &SqlLimits) -> crate::Result<Self> {
        let known = snapshot.fields(EVER)?;
        let columns = columns(snapshot.signal(), words, &known);
        let schema = schema_of(&columns);
        let every = known.into_iter().map(|info| info.field).take(EVERY_MAX).collect();
        Ok(Self { snapshot, columns, schema, every, range: limits.range, cancel: limits.cancel.clone() })
    }
}

impl fmt::Debug for WideTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WideTable({})", self.snapshot.signal().as_str())
    }
}

#[async_trait::async_trait]
impl TableProvider for WideTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match push(&self.columns, filter) {
            Some(pushed) if pushed.exact => TableProviderFilterPushDown::Exact,
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let pushed = all(&self.columns, filters);
        let columns: Vec<TableColumn> = match projection {
            Some(some) => some.iter().filter_map(|at| self.columns.get(*at)).cloned().collect(),
            None => self.columns.clone(),
        };
        let every = match columns.iter().any(|column| column.kind == Kind::Attributes) {
            true => self.every.as_slice(),
            false => &[],
        };
        let leaf = Leaf {
            snapshot: Arc::clone(&self.snapshot),
            request: ScanRequest {
                range: if pushed.range == EVER { self.range } else { pushed.range },
                filter: pushed.filter,
                fields: fields_of(&columns, every),
            },
            schema: schema_of(&columns),
            columns,
            limit,
            cancel: self.cancel.clone(),
        };
        let schema = Arc::clone(&leaf.schema);
        let exec = StreamingTableExec::try_new(schema, vec![Arc::new(leaf)], None, None, false, limit)?;
        Ok(Arc::new(exec))
    }
}

/// One scan of a plan.
#[derive(Clone)]
struct Leaf {
    snapshot: Arc<RowSnapshot>,
    request: ScanRequest,
    columns: Vec<TableColumn>,
    schema: SchemaRef,
    limit: Option<usize>,
    cancel: Cancel,
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({:?})", self.request)
    }
}

impl PartitionStream for Leaf {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), QUEUE);
        let (leaf, sender) = (self.clone(), stream.tx());
        stream.spawn_blocking(move || {
            let sent = AtomicUsize::new(0);
            let enough = |sent: usize| leaf.limit.is_some_and(|limit| sent >= limit);
            let fold = |(): &mut (), block: &oriel_store::Block| {
                if enough(sent.fetch_add(block.rows(), Ordering::Relaxed)) {
                    return Err(Error::Cancelled);
                }
                let made = batch(block, &leaf.request.fields, &leaf.columns, &leaf.schema);
                // Nobody takes it when the plan has ended before the scan.
                sender.blocking_send(made.map_err(DataFusionError::from)).map_err(|_| Error::Cancelled)
            };
            match leaf.snapshot.scan(&leaf.request, &leaf.cancel, || (), fold) {
                Ok(_) => Ok(()),
                Err(Error::Cancelled) if enough(sent.load(Ordering::Relaxed)) || sender.is_closed() => Ok(()),
                Err(error) => Err(DataFusionError::External(Box::new(error))),
            }
        });
        stream.build()
    }
}
