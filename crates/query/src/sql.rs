//! SQL over everything that is stored, to read only: `logs`, `spans`, `events` and `metrics` as tables of DataFusion.
//!
//! A wide table has the signal's core columns, and of attributes (`"@http.status_code"`) and tags (`team`) just those that the
//! text names: the text is cut into words before it is planned. `select *` gives the core columns and one JSON map,
//! `attributes`. Filters become the store's [`oriel_model::Filter`], so that SQL is pruned by the same index as a search.
//! Work runs on threads of its own, its memory is taken from the query pool, and a query ends at its deadline or its last row.

mod arrays;
mod attributes;
mod json;
mod literal;
mod memory;
mod metrics;
mod pushdown;
mod schema;
mod statement;
mod table;

use crate::{Error, Result};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use oriel_model::{OrgId, Signal};
use oriel_store::{Cancel, NsRange, Store};
use statement::Words;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Partitions of a plan: one for each core of a small machine; the scan below has its own workers.
const PARTITIONS: usize = 2;

/// What a query may take.
#[derive(Clone, Debug)]
pub struct SqlLimits {
    /// Where rows are looked for when the query has no condition on `timestamp` (of metrics: `time`).
    pub range: NsRange,
    /// Rows of the answer; more are cut off, and the answer says so.
    pub rows_max: usize,
    pub deadline: Duration,
    /// Kept by the caller to stop the query.
    pub cancel: Cancel,
}

/// An answer, in the order that the query asked for.
#[derive(Debug)]
pub struct SqlAnswer {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
    /// There were more rows than `rows_max`.
    pub truncated: bool,
}

/// Runs SQL over one store.
pub struct SqlEngine {
    store: Arc<Store>,
    /// Absent only while it is dropped.
    runtime: Option<tokio::runtime::Runtime>,
}

impl SqlEngine {
    /// Starts its threads.
    pub fn new(store: Arc<Store>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(PARTITIONS)
            // Scans block a thread each; a join of all four tables twice has eight.
            .max_blocking_threads(16)
            .thread_name("sql")
            .enable_time()
            .build()?;
        Ok(Self { store, runtime: Some(runtime) })
    }

    /// Answers one statement. An error of the text names what is wrong with it.
    pub async fn run(&self, org: OrgId, sql: &str, limits: SqlLimits) -> Result<SqlAnswer> {
        let Some(runtime) = &self.runtime else {
            return Err(Error::Sql("no SQL is run while the server stops".into()));
        };
        let (store, sql) = (Arc::clone(&self.store), sql.to_owned());
        let guard = CancelOnDrop(limits.cancel.clone());
        let deadline = limits.deadline;
        let work = runtime.spawn(async move {
            match tokio::time::timeout(deadline, answer(&store, org, (&sql, &limits))).await {
                Ok(answered) => answered,
                Err(_) => Err(oriel_store::Error::Cancelled.into()),
            }
        });
        let done = work.await.map_err(|e| Error::Sql(format!("the query broke off: {e}")))?;
        drop(guard);
        done
    }
}

impl Drop for SqlEngine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for scans here could be waiting on an I/O thread.
            runtime.shutdown_background();
        }
    }
}

/// Stops the scans when the caller has gone, and when the answer is complete.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn answer(store: &Arc<Store>, org: OrgId, (sql, limits): (&str, &SqlLimits)) -> Result<SqlAnswer> {
    let words = Words::of(sql)?;
    words.refuse_writes()?;
    let context = context(store, org, limits)?;
    for signal in Signal::WIDE.into_iter().filter(|signal| words.has(signal.as_str())) {
        let table = table::WideTable::new(store.rows(org, signal), &words, limits)?;
        context.register_table(signal.as_str(), Arc::new(table)).map_err(problem)?;
    }
    if words.has("metrics") {
        let table = metrics::MetricsTable::new(store.metrics(org), limits);
        context.register_table("metrics", Arc::new(table)).map_err(problem)?;
    }
    let read_only =
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let frame = context.sql_with_options(sql, read_only).await.map_err(problem)?;
    let mut stream = frame.execute_stream().await.map_err(problem)?;
    let mut out = SqlAnswer { schema: stream.schema(), batches: Vec::new(), truncated: false };
    let (mut room, ends) = (limits.rows_max, Instant::now() + limits.deadline);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(problem)?;
        if limits.cancel.is_cancelled() || Instant::now() >= ends {
            return Err(oriel_store::Error::Cancelled.into());
        }
        out.truncated = batch.num_rows() > room;
        out.batches.push(batch.slice(0, batch.num_rows().min(room)));
        room -= batch.num_rows().min(room);
        if out.truncated {
            break;
        }
    }
    Ok(out)
}

/// A session of one query: no files, no spilling, memory of the store's query pool.
fn context(store: &Arc<Store>, org: OrgId, limits: &SqlLimits) -> Result<SessionContext> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let pool = memory::StorePool::new(store.metrics(org));
    let runtime = RuntimeEnvBuilder::new()
        .with_disk_manager_builder(disk)
        .with_memory_pool(Arc::new(pool))
        .build_arc()
        .map_err(problem)?;
    let config = SessionConfig::new()
        .with_target_partitions(PARTITIONS)
        .with_batch_size(8_192.min(limits.rows_max.max(1)))
        .with_information_schema(false);
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// What the engine says, as one of this room's errors.
fn problem(error: DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<oriel_store::Error>() {
            Some(oriel_store::Error::QueryMemory { needed, free }) => {
                oriel_store::Error::QueryMemory { needed: *needed, free: *free }.into()
            }
            Some(oriel_store::Error::Cancelled) => oriel_store::Error::Cancelled.into(),
            _ => Error::Sql(inner.to_string()),
        },
        root => Error::Sql(named(&root.strip_backtrace())),
    }
}

/// The engine's words without its own names for where tables live, and with the tables that there are.
fn named(message: &str) -> String {
    let message = message.replace("datafusion.public.", "");
    match message.contains("not found") && message.contains("table '") {
        true => format!("{message}; there are logs, spans, events and metrics"),
        false => message,
    }
}
