//! Monitors in this server: their runtime over its store and engine, and the measuring that pages ask for.

mod source;

pub(crate) use source::StoreSource;

use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::query::{CancelOnDrop, DEADLINE};
use axum::http::StatusCode;
use oriel_model::OrgId;
use oriel_monitor::Rule;
use oriel_monitor::runtime::{Follower, Parts, Runtime, Summary};
use oriel_monitor::watch::{Stop, World};
use oriel_query::Cancel;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::runtime::Handle;

/// The runtime, once it is started.
#[derive(Default)]
pub(crate) struct Monitoring {
    runtime: OnceLock<Runtime>,
    /// The store's newest answer to Oriel's own report, which comes every ten seconds, was a refusal.
    refuses: Arc<AtomicBool>,
}

impl Monitoring {
    /// Loads monitors and starts to evaluate them; `followers` hear of what is durable.
    pub(crate) async fn start(
        &self,
        app: &App,
        followers: Vec<Arc<dyn Follower>>,
    ) -> oriel_monitor::Result<()> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let source = StoreSource::new(Arc::clone(&app.store), Arc::clone(&app.state), Handle::current())
            .following(Arc::clone(&self.refuses));
        let parts = Parts {
            source: Arc::new(source),
            state: Arc::clone(&app.state),
            clock: Arc::clone(&app.clock),
            followers,
            // Half of the cores: people's queries have the others.
            threads: (cores / 2).max(1),
        };
        let runtime = Runtime::start(parts).await?;
        if self.runtime.set(runtime).is_err() {
            tracing::error!("monitors were started twice");
        }
        Ok(())
    }

    /// Whether what is sent is stored: a stretch in which nothing is makes no news of who is silent.
    pub(crate) fn takes_in(&self, takes_in: bool) {
        self.refuses.store(!takes_in, Ordering::Relaxed);
    }

    /// What runs is finished and committed.
    pub(crate) async fn stop(&self) {
        if let Some(runtime) = self.runtime.get() {
            runtime.stop().await;
        }
    }

    pub(crate) fn runtime(&self) -> Answer<&Runtime> {
        let missing = || Failure::new(StatusCode::SERVICE_UNAVAILABLE, "monitors are not started yet");
        self.runtime.get().ok_or_else(missing)
    }
}

/// A monitor as it is now; one that was just made may not have been taken in yet.
pub(crate) async fn summary(app: &App, org: OrgId, id: i64) -> Answer<Summary> {
    if let Some(found) = app.monitoring.runtime()?.summary(org, id) {
        return Ok(found);
    }
    let stored = app.state.monitor(org, id).await?;
    Ok(Summary::of_document(stored.id, stored.body, stored.modified_ms))
}

/// The rule of a monitor that can be evaluated.
pub(crate) fn rule_of(summary: &Summary) -> Answer<Arc<Rule>> {
    summary.rule.clone().map_err(|e| Failure::invalid(format!("monitor {}: {e}", summary.id)))
}

/// Measures on a thread that may block, stopped at the deadline or when the client goes away.
pub(crate) async fn measuring<T, F>(app: &Arc<App>, work: F) -> Answer<T>
where
    T: Send + 'static,
    F: FnOnce(&World<'_>) -> oriel_monitor::Result<T> + Send + 'static,
{
    let turn = crate::query::turn(app).await?;
    let cancel = Cancel::default();
    let guard = CancelOnDrop(cancel.clone());
    let begin = Instant::now();
    let worker = Arc::clone(app);
    let task = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let stop = Stop { deadline: Some(begin + DEADLINE), cancel };
        let runtime = worker.monitoring.runtime()?;
        work(&runtime.world(stop)).map_err(Failure::from)
    });
    let result = task.await?;
    drop(guard);
    app.figures.query(begin.elapsed(), usize::from(result.is_err()));
    result
}
