//! Where monitors read: the store and the engine that charts and explorers ask too.

use crate::rows::{filter, ns_range};
use oriel_model::{Filter, HostTags, OrgId, Row, ServiceCheck, Signal, TimeRange};
use oriel_monitor::source::{Difference, Source};
use oriel_monitor::{Error, Result};
use oriel_query::rows::{RowsOf, Selection, StoreRows, compare};
use oriel_query::{Engine, Outcome, Request};
use oriel_state::{HostRecord, State};
use oriel_store::{Cancel, ListRequest, Order, Store};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;

/// Fields, and values of each, that a notice has room for.
const DIFFERENCES: usize = 8;

/// See the module's head.
pub(crate) struct StoreSource {
    store: Arc<Store>,
    state: Arc<State>,
    engine: Engine,
    runtime: Handle,
    /// Set while nothing can be stored.
    refuses: Arc<AtomicBool>,
}

impl StoreSource {
    /// With an engine of its own, so that people's queries and monitors don't wait for each other's parts: watches run side by
    /// side already, and each query on the thread that asks.
    pub(crate) fn new(store: Arc<Store>, state: Arc<State>, runtime: Handle) -> Self {
        Self { store, state, engine: Engine::new(1), runtime, refuses: Arc::default() }
    }

    /// The same, told by others whether what is sent is stored.
    pub(crate) fn following(self, refuses: Arc<AtomicBool>) -> Self {
        Self { refuses, ..self }
    }

    /// Tags of hosts that hold now.
    fn host_tags(&self, org: OrgId) -> Vec<HostTags> {
        self.store.metrics(org).host_tags(TimeRange::new(i64::MAX - 1, i64::MAX)).to_vec()
    }

    fn filter(signal: Signal, search: &str) -> Result<Filter> {
        filter(signal, search).map_err(|e| Error::invalid(format!("search {search:?}: {e}")))
    }
}

impl Source for StoreSource {
    fn takes_in(&self) -> bool {
        !self.refuses.load(Ordering::Relaxed)
    }

    fn run(&self, org: OrgId, request: &Request) -> Result<Vec<Outcome>> {
        let reader = self.store.metrics(org);
        let rows = StoreRows { store: Arc::clone(&self.store), org };
        Ok(self.engine.run_with_rows(&reader, Some(&rows), request)?)
    }

    fn check_runs(&self, org: OrgId, check: &str, range: TimeRange) -> Result<Vec<ServiceCheck>> {
        self.store.check_runs(org, check, range).map_err(of_store)
    }

    fn rows(
        &self,
        org: OrgId,
        (signal, search): (Signal, &str),
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Row>> {
        let request = ListRequest {
            range: ns_range(range.start, range.end),
            filter: Self::filter(signal, search)?,
            order: Order::Newest,
            limit,
            after: None,
        };
        let page = self.store.rows(org, signal).list(&request, &Cancel::default()).map_err(of_store)?;
        Ok(page.rows.into_iter().map(|listed| listed.row).collect())
    }

    fn differences(
        &self,
        org: OrgId,
        (signal, search): (Signal, &str),
        bad: TimeRange,
        before: TimeRange,
    ) -> Result<Vec<Difference>> {
        let whole = TimeRange::new(bad.start.min(before.start), bad.end.max(before.end));
        let of = RowsOf { range: ns_range(whole.start, whole.end), filter: Self::filter(signal, search)? };
        let selection = Selection {
            range: ns_range(bad.start, bad.end),
            duration_min_ns: None,
            duration_max_ns: None,
            filter: Filter::All,
        };
        let snapshot = self.store.rows(org, signal);
        let found = compare(&*snapshot, &of, &selection, &Cancel::default())?;
        let mut differences: Vec<Difference> = found
            .fields
            .iter()
            .filter_map(|field| {
                let strongest = field
                    .values
                    .iter()
                    .max_by(|a, b| (a.selected - a.rest).total_cmp(&(b.selected - b.rest)))?;
                Some(Difference {
                    field: field.field.to_string(),
                    value: strongest.value.clone(),
                    now: strongest.selected,
                    before: strongest.rest,
                })
            })
            .filter(|d| d.now > d.before)
            .collect();
        differences.sort_by(|a, b| (b.now - b.before).total_cmp(&(a.now - a.before)));
        differences.truncate(DIFFERENCES);
        Ok(differences)
    }

    fn host(&self, org: OrgId, name: &str) -> Option<Value> {
        let record = self.runtime.block_on(self.state.host(org, name)).ok().flatten()?;
        let mut tags: Vec<String> = Vec::new();
        for row in self.host_tags(org).into_iter().filter(|row| row.host == name) {
            tags.extend(row.tags);
        }
        let HostRecord { name, agent_version, meta, .. } = record;
        Some(json!({ "name": name, "agent_version": agent_version, "meta": meta, "tags": tags }))
    }

    fn host_tag_keys(&self, org: OrgId) -> Vec<String> {
        let rows = self.host_tags(org);
        let keys = rows.iter().flat_map(|row| &row.tags).filter_map(|tag| tag.split_once(':'));
        let keys: BTreeSet<&str> = keys.map(|(key, _)| key).collect();
        keys.into_iter().map(str::to_owned).collect()
    }
}

fn of_store(error: oriel_store::Error) -> Error {
    Error::Query(error.into())
}
