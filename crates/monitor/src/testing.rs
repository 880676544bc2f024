//! A world for tests: a real store in a folder of its own, filled with generated points, and read by the road of queries.

use crate::outage::Outages;
use crate::replay::PastMember;
use crate::rule::{Member, SloMeasure, SloRule};
use crate::source::{Difference, Source};
use crate::watch::{Known, Stop, World};
use crate::{Error, Result, Rule};
use oriel_model::{
    Kind, Limits, ManualClock, MetricBatchBuilder, OrgId, Row, Series, ServiceCheck, Signal, Submission,
    TimeMs, TimeRange,
};
use oriel_query::{Engine, Outcome, Request};
use oriel_store::{Options, Store};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const ORG: OrgId = OrgId(1);
/// A whole half hour, and a whole day.
pub(crate) const NOW: TimeMs = 1_699_920_000_000;

/// A point: host, time, value.
pub(crate) type Point = (u8, TimeMs, f64);

/// Generated data that a failed case does not print: its seed is enough.
#[derive(Clone)]
pub(crate) struct Quiet<T>(pub(crate) T);

impl<T> std::fmt::Debug for Quiet<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

pub(crate) struct Stored {
    store: Arc<Store>,
    engine: Engine,
    runtime: tokio::runtime::Runtime,
    kind: Kind,
    /// What every member of a composite was.
    pub(crate) past: parking_lot::Mutex<Option<PastMember>>,
    pub(crate) outages: parking_lot::Mutex<Outages>,
    _folder: tempfile::TempDir,
}

impl Stored {
    /// `m` of this kind, by hosts, every ten seconds.
    pub(crate) fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let keep_ms = 400 * 86_400_000;
        let options = Options {
            data: folder.path().to_owned(),
            memory_bytes: 256 << 20,
            metrics_retention_ms: keep_ms,
            events_retention_ms: keep_ms,
            logs_retention_ms: keep_ms,
            spans_retention_ms: keep_ms,
            series_per_org: 10_000,
            future_ms: 600_000,
        };
        let store = runtime.block_on(Store::open(options, Arc::new(ManualClock::at(NOW)))).unwrap();
        Self {
            store,
            engine: Engine::new(1),
            runtime,
            kind,
            past: parking_lot::Mutex::default(),
            outages: parking_lot::Mutex::default(),
            _folder: folder,
        }
    }

    pub(crate) fn add(&self, points: &[Point]) {
        let mut submission = Submission::default();
        for (host, time_ms, value) in points {
            submission.series.push(Series {
                metric: "m".to_owned(),
                host: format!("h{host}"),
                tags: Vec::new(),
                kind: self.kind,
                interval_s: 10,
                points: vec![(*time_ms, *value)],
            });
        }
        let resolver = self.store.resolver(ORG);
        let limits = Limits::default();
        let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, TimeRange::all(), ("test", ""));
        submission.build(&mut builder);
        self.runtime.block_on(self.store.append(builder.finish().0, None)).unwrap();
    }

    pub(crate) fn world(&self) -> World<'_> {
        World { source: self, known: self, stop: Stop::default() }
    }
}

impl Source for Stored {
    fn run(&self, org: OrgId, request: &Request) -> Result<Vec<Outcome>> {
        Ok(self.engine.run(&self.store.metrics(org), request)?)
    }

    fn check_runs(&self, org: OrgId, check: &str, range: TimeRange) -> Result<Vec<ServiceCheck>> {
        self.store.check_runs(org, check, range).map_err(|e| Error::Source(e.to_string()))
    }

    fn rows(&self, _: OrgId, _: (Signal, &str), _: TimeRange, _: usize) -> Result<Vec<Row>> {
        Ok(Vec::new())
    }

    fn differences(
        &self,
        _: OrgId,
        _: (Signal, &str),
        _: TimeRange,
        _: TimeRange,
    ) -> Result<Vec<Difference>> {
        Ok(Vec::new())
    }

    fn host(&self, _: OrgId, _: &str) -> Option<Value> {
        None
    }
}

impl Known for Stored {
    fn member(&self, _: OrgId, _: i64) -> Option<Member> {
        None
    }

    fn past(&self, _: OrgId, monitors: &[i64], _: TimeRange) -> Result<Vec<Option<PastMember>>> {
        Ok(monitors.iter().map(|_| self.past.lock().clone()).collect())
    }

    fn outages(&self) -> Outages {
        self.outages.lock().clone()
    }

    fn slo(&self, _: OrgId, _: &SloRule, _: TimeMs) -> Result<Vec<SloMeasure>> {
        Ok(Vec::new())
    }
}

/// A monitor of a query and options.
pub(crate) fn rule(query: &str, options: Value) -> Arc<Rule> {
    let document =
        json!({"name": "n", "type": "query alert", "query": query, "message": "", "options": options});
    Arc::new(Rule::parse(&document).unwrap())
}
