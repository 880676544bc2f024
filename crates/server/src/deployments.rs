//! Deployments told from traces: the first span of a new version of a service in an environment makes an event.
//!
//! What has been seen is remembered while the process lives; after a restart it is looked up among the events, so that a
//! version makes one however often the server starts.

use crate::answer::Answer;
use crate::app::App;
use crate::sink::{Origin, store_events};
use oriel_model::{Core, Event, EventBatch, OrgId, Rejections, RowBatch, Signal, TimeMs, TimeRange};
use oriel_store::EventFilter;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};

/// The source of these events.
pub(crate) const SOURCE: &str = "deployment";
/// Versions remembered: 200 services in 5 environments with 50 versions each.
const VERSIONS_MAX: usize = 50_000;

/// A version of a service in an environment.
type Version = (OrgId, String, String, String);

/// See the module's head.
#[derive(Default)]
pub(crate) struct Deployments(Mutex<HashSet<Version>>);

/// Versions of a batch that nobody has seen yet, each with its first span's time.
pub(crate) struct NewVersions(Vec<(Version, TimeMs)>);

impl Deployments {
    /// What is new in a batch of spans.
    pub(crate) fn new_in(&self, batch: &RowBatch) -> NewVersions {
        let versions = &batch.words[Core::Version as usize];
        if batch.signal != Signal::Spans || versions.rows.is_empty() {
            return NewVersions(Vec::new());
        }
        let word = |core: Core, row: usize| batch.words[core as usize].rows.get(row).copied().unwrap_or(0);
        let mut found: HashMap<[u32; 3], i64> = HashMap::new();
        for row in 0..batch.len() {
            let key = [Core::Service, Core::Env, Core::Version].map(|core| word(core, row));
            if key[0] != 0 && key[2] != 0 {
                let first = found.entry(key).or_insert(batch.time_ns[row]);
                *first = (*first).min(batch.time_ns[row]);
            }
        }
        let text = |core: Core, i: u32| {
            batch.words[core as usize].values.get(i as usize).map(ToString::to_string).unwrap_or_default()
        };
        let mut seen = self.0.lock();
        let new = found.into_iter().filter_map(|([service, env, version], first_ns)| {
            let version =
                (batch.org, text(Core::Service, service), text(Core::Env, env), text(Core::Version, version));
            // Noted before it is looked up: one of two requests at a time does it.
            let is_new = seen.len() < VERSIONS_MAX && seen.insert(version.clone());
            is_new.then(|| (version, first_ns.div_euclid(1_000_000)))
        });
        NewVersions(new.collect())
    }

    fn forget(&self, version: &Version) {
        self.0.lock().remove(version);
    }
}

impl NewVersions {
    /// Their spans were not stored: they are new again when they come again.
    pub(crate) fn undo(self, app: &App) {
        self.0.iter().for_each(|(version, _)| app.deployments.forget(version));
    }

    /// Makes the events of those that have none yet. Spans are stored whether this succeeds or not.
    pub(crate) async fn tell(self, app: &App) {
        for (version, first_ms) in self.0 {
            if let Err(failure) = tell(app, &version, first_ms).await {
                tracing::warn!("no event for a deployment of {}: {}", version.1, failure.parts().1);
                app.deployments.forget(&version);
            }
        }
    }
}

async fn tell(app: &App, (org, service, env, version): &Version, first_ms: TimeMs) -> Answer<()> {
    let mut tags = vec![format!("service:{service}"), format!("version:{version}")];
    if !env.is_empty() {
        tags.push(format!("env:{env}"));
    }
    let filter = EventFilter {
        tags: tags.clone(),
        sources: vec![SOURCE.to_owned()],
        limit: 1,
        ..EventFilter::default()
    };
    if !app.store.events(*org, TimeRange::all(), filter).await?.is_empty() {
        return Ok(());
    }
    let place = if env.is_empty() { String::new() } else { format!(" in {env}") };
    let event = Event {
        time_ms: first_ms,
        title: format!("{service} {version} deployed"),
        text: format!("The first span of version {version} of {service}{place}."),
        source: SOURCE.to_owned(),
        aggregation_key: format!("{SOURCE}:{service}:{env}"),
        tags,
        ..Event::default()
    };
    let origin = Origin { org: *org, source: SOURCE, digest: None };
    let batch = EventBatch { org: *org, events: vec![event], checks: Vec::new() };
    store_events(app, origin, batch, Rejections::default()).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
