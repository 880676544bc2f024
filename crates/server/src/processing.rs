//! What happens to rows between their decoder and the store: scrub, pipelines, scrub again (a pipeline may decode what nobody
//! could read before), and metrics counted from what is left.
//!
//! Definitions are compiled once and swapped as a whole when somebody changes them. A definition that no longer compiles is left
//! out with a warning, never the rows. What metrics have counted outlives a change of definitions.

use crate::app::App;
use crate::rows::filter;
use crate::sink::{Origin, store_submission};
use oriel_model::{
    BUCKET_MS, EventBatch, Filter, Limits, OrgId, RowBatch, Signal, Submission, TimeMs, TimeRange,
};
use oriel_pipeline::{
    Error, Measured, MetricDefinition, PipelineDefinition, Pipelines, RowMetrics, ScrubDefinition, Scrubber,
};
use oriel_state::{Document, DocumentKind, State};
use parking_lot::RwLock;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The aggregator's own pace.
const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// The source of metrics from rows in figures.
const SOURCE: &str = "row_metrics";

/// Every org's processing; orgs without definitions have none.
#[derive(Default)]
pub(crate) struct Processing {
    orgs: RwLock<HashMap<OrgId, Arc<OrgProcessing>>>,
    /// One reload at a time, so that what was read last is what stays.
    reloading: tokio::sync::Mutex<()>,
}

/// One org's definitions, compiled.
#[derive(Default)]
pub(crate) struct OrgProcessing {
    pub(crate) scrubber: Scrubber,
    pub(crate) pipelines: Pipelines,
    metrics: Arc<RwLock<Vec<RowMetrics>>>,
}

/// Rows as they are to be stored, and what they count for once they are.
pub(crate) struct Processed {
    pub(crate) batch: RowBatch,
    measured: Vec<Vec<Measured>>,
}

impl Processing {
    pub(crate) fn of(&self, org: OrgId) -> Option<Arc<OrgProcessing>> {
        self.orgs.read().get(&org).cloned()
    }

    /// Compiles every org's definitions, at a start.
    pub(crate) async fn load(&self, state: &State) -> oriel_state::Result<()> {
        let mut orgs = Vec::new();
        for kind in [
            DocumentKind::Pipeline,
            DocumentKind::LogMetric,
            DocumentKind::SpanMetric,
            DocumentKind::ScrubRule,
        ] {
            orgs.extend(state.document_orgs(kind).await?);
        }
        orgs.sort_unstable();
        orgs.dedup();
        for org in orgs {
            self.reload(state, org).await?;
        }
        Ok(())
    }

    /// Compiles an org's definitions anew, after a change.
    pub(crate) async fn reload(&self, state: &State, org: OrgId) -> oriel_state::Result<()> {
        let _turn = self.reloading.lock().await;
        let pipelines = definitions(state.documents(org, DocumentKind::Pipeline).await?, pipeline_of);
        let rules = definitions(state.documents(org, DocumentKind::ScrubRule).await?, rule_of);
        let mut metrics = Vec::new();
        for (kind, signal) in
            [(DocumentKind::LogMetric, Signal::Logs), (DocumentKind::SpanMetric, Signal::Spans)]
        {
            let list = definitions(state.documents(org, kind).await?, metric_of);
            let list = compiling(list, |d| RowMetrics::compile(signal, &[d], &parse(signal)).map(drop));
            metrics.extend(RowMetrics::compile(signal, &list, &parse(signal)).ok());
        }
        let old = self.of(org).unwrap_or_default();
        let pipelines = compiling(pipelines, |d| Pipelines::compile(&[d], &parse(Signal::Logs)).map(drop));
        let rules = compiling(rules, |d| Scrubber::compile(&[d], &parse(Signal::Logs), None).map(drop));
        let new = OrgProcessing {
            scrubber: Scrubber::compile(&rules, &parse(Signal::Logs), Some(&old.scrubber))
                .unwrap_or_default(),
            pipelines: Pipelines::compile(&pipelines, &parse(Signal::Logs)).unwrap_or_default(),
            metrics: Arc::clone(&old.metrics),
        };
        {
            let mut counted = old.metrics.write();
            for new in &mut metrics {
                if let Some(before) = counted.iter_mut().find(|m| m.signal() == new.signal()) {
                    new.inherit(before);
                }
            }
            *counted = metrics;
        }
        self.orgs.write().insert(org, Arc::new(new));
        Ok(())
    }

    fn all(&self) -> Vec<(OrgId, Arc<OrgProcessing>)> {
        self.orgs.read().iter().map(|(org, p)| (*org, Arc::clone(p))).collect()
    }
}

impl OrgProcessing {
    fn is_idle(&self) -> bool {
        self.scrubber.is_empty()
            && self.pipelines.is_empty()
            && self.metrics.read().iter().all(RowMetrics::is_empty)
    }

    fn process(&self, mut batch: RowBatch, limits: &Limits, accepted: TimeRange) -> Processed {
        batch = self.scrubber.run(batch, limits);
        if batch.signal == Signal::Logs && !self.pipelines.is_empty() {
            batch = self.pipelines.run(batch, limits, accepted);
            batch = self.scrubber.run(batch, limits);
        }
        let measured = self.metrics.read().iter().map(|m| m.measure(&batch)).collect();
        Processed { batch, measured }
    }

    /// Counts what was measured, once the rows are stored.
    fn count(&self, measured: Vec<Vec<Measured>>) {
        if measured.iter().all(Vec::is_empty) {
            return;
        }
        let mut metrics = self.metrics.write();
        for (metrics, measured) in metrics.iter_mut().zip(measured) {
            metrics.add(measured);
        }
    }
}

/// Passes a batch through the org's processing, off the threads that serve requests when there is any.
pub(crate) async fn process(app: &App, batch: RowBatch) -> Processed {
    let idle = |batch| Processed { batch, measured: Vec::new() };
    let Some(processing) = app.processing.of(batch.org).filter(|p| !p.is_idle()) else { return idle(batch) };
    let (limits, accepted) = (app.limits.clone(), app.store.accepted(batch.signal));
    let (org, signal) = (batch.org, batch.signal);
    let task = tokio::task::spawn_blocking(move || processing.process(batch, &limits, accepted));
    task.await.unwrap_or_else(|e| {
        tracing::error!(error = %e, "processing of rows ended early; they are not stored");
        idle(RowBatch::new(org, signal))
    })
}

/// Takes sensitive data out of rows that are counted before they are stored; every row stays, in its place.
pub(crate) fn scrub(app: &App, batch: RowBatch) -> RowBatch {
    match app.processing.of(batch.org) {
        Some(processing) => processing.scrubber.run(batch, &app.limits),
        None => batch,
    }
}

/// Takes sensitive data out of events and service checks; they are few, so this needs no thread of its own.
pub(crate) fn scrub_events(app: &App, batch: &mut EventBatch) {
    if let Some(processing) = app.processing.of(batch.org) {
        processing.scrubber.run_events(batch);
    }
}

impl Processed {
    /// The rows, and what to count when they are stored.
    pub(crate) fn split(self) -> (RowBatch, Counting) {
        let org = self.batch.org;
        (self.batch, Counting { org, measured: self.measured })
    }
}

/// See [`Processed::split`].
pub(crate) struct Counting {
    org: OrgId,
    measured: Vec<Vec<Measured>>,
}

impl Counting {
    pub(crate) fn done(self, app: &App) {
        if let Some(processing) = app.processing.of(self.org) {
            processing.count(self.measured);
        }
    }
}

/// Stores what was counted, every 10 s until the server is gone.
pub(crate) fn start(app: Weak<App>) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(FLUSH_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(app) = app.upgrade() else { return };
            flush(&app, app.now_ms()).await;
        }
    });
}

/// Stores the open buckets too, at the end.
pub(crate) async fn flush_all(app: &App) {
    flush(app, app.now_ms() + BUCKET_MS).await;
}

async fn flush(app: &App, now: TimeMs) {
    for (org, processing) in app.processing.all() {
        let mut out = Submission::default();
        for metrics in processing.metrics.write().iter_mut() {
            let flushed = metrics.flush(now);
            out.series.extend(flushed.series);
            out.sketches.extend(flushed.sketches);
        }
        if out.is_empty() {
            continue;
        }
        let origin = Origin { org, source: SOURCE, digest: None };
        if let Err(e) = store_submission(app, origin, out).await {
            let e = oriel_model::ErrorBody::from(e);
            tracing::warn!(error = %e, "metrics counted from rows were not stored");
        }
    }
}

/// The search parser as the pipelines' room takes it.
pub(crate) fn parse(signal: Signal) -> impl Fn(&str) -> Result<Filter, String> {
    move |text| filter(signal, text).map_err(|e| e.to_string())
}

pub(crate) fn pipeline_of(document: &Document) -> Result<PipelineDefinition, Error> {
    PipelineDefinition::from_json(&document.body)
}

pub(crate) fn rule_of(document: &Document) -> Result<ScrubDefinition, Error> {
    let mut body = document.body.clone();
    if let Json::Object(fields) = &mut body {
        fields.insert("id".to_owned(), Json::from(document.id.as_str()));
    }
    serde_json::from_value(body).map_err(|e| Error::Form(format!("the scrub rule: {e}")))
}

pub(crate) fn metric_of(document: &Document) -> Result<MetricDefinition, Error> {
    MetricDefinition::from_json(&document.body)
}

fn definitions<T>(documents: Vec<Document>, read: impl Fn(&Document) -> Result<T, Error>) -> Vec<T> {
    let read = documents.iter().map(|d| read(d).map_err(|e| (d.id.as_str(), e)));
    let kept = read.filter_map(|r| {
        r.map_err(|(id, e)| tracing::warn!(id, error = %e, "a definition can't be read and is left out")).ok()
    });
    kept.collect()
}

/// Those that compile by themselves: each was checked when it was made, by the program of that day.
fn compiling<T: Clone>(list: Vec<T>, check: impl Fn(T) -> Result<(), Error>) -> Vec<T> {
    let is_good = |definition: &T| {
        check(definition.clone())
            .map_err(|e| tracing::warn!(error = %e, "a definition does not compile and is left out"))
            .is_ok()
    };
    list.into_iter().filter(is_good).collect()
}
